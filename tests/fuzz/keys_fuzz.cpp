// Keys come back out of what was made of them, and escaped text is a glob for itself only.
//
// Input: a line with the prefix, a line with the version, then the key.
#include <string>
#include <string_view>

#include "base/glob.hpp"
#include "base/text.hpp"
#include "cache/keys.hpp"
#include "fuzz/fuzz_target.hpp"

namespace rediscache::fuzz {
namespace {

using base::glob_matches;
using cache::glob_escape;
using cache::KeyMaker;
using cache::MadeKey;

int version_of(std::string_view line) {
  if (const auto number = base::parse_integer(line)) {
    return static_cast<int>(*number % INT32_MAX);
  }
  return static_cast<int>(line.size());
}

/// Some texts that differ from `text` in one byte; other inputs try other ones.
template <class Visit>
void for_each_neighbour(const std::string& text, Visit visit) {
  constexpr std::string_view replacements{"x*?[]\\^-!a\0:", 12};
  constexpr std::size_t most_places = 4;
  visit(text + 'x');
  for (std::size_t i = 0; i < text.size(); i += text.size() / most_places + 1) {
    std::string other = text;
    other[i] = replacements[static_cast<unsigned char>(text[i]) % replacements.size()];
    visit(other);
    other.erase(i, 1);
    visit(other);
  }
}

void check_escape(const std::string& text) {
  const std::string escaped = glob_escape(text);
  promise(glob_matches(escaped, text), "escaped text matches itself");
  for_each_neighbour(text, [&](const std::string& other) {
    promise(glob_matches(escaped, other) == (other == text), "escaped text matches nothing else");
  });
}

void check(std::string_view input) {
  const auto [prefix, after_prefix] = first_line(input);
  const auto [version_line, key] = first_line(after_prefix);
  const int version = version_of(version_line);
  const KeyMaker maker{std::string{prefix}, version, {}, {}};

  const MadeKey made = maker.make(key, {});
  Commands commands;
  commands.begin("GET", CommandKind::read, 1);
  maker.add_to(commands, key, {});
  promise(commands.first_key(0) == made.view(), "a key added to a command is the key that is made");

  const int other_version = version / 2 + 1;
  const MadeKey other = maker.make(key, other_version);
  promise((other.view() == made.view()) == (other_version == version), "versions keep keys apart");
  promise(maker.reverse(made.view()) == key, "a made key is reversed to its key");
  promise(maker.reverse(other.view()) == key, "a made key of another version is reversed to its key");
  static_cast<void>(maker.reverse(key));

  check_escape(std::string{prefix});
  check_escape(std::string{key});

  const std::string everything = maker.pattern("*", {}, {});
  promise(glob_matches(everything, made.view()), "a pattern reaches its own keys");
  const std::string only_this = maker.pattern(glob_escape(key), {}, {});
  promise(glob_matches(only_this, made.view()), "an escaped key is a pattern of the key");
  for_each_neighbour(std::string{prefix}, [&](const std::string& neighbour) {
    const MadeKey foreign{neighbour, std::to_string(version), "k"};
    const bool begins_alike = foreign.view().starts_with(maker.make("", {}).view());
    promise(glob_matches(everything, foreign.view()) == begins_alike, "a pattern stays with its prefix");
  });
}

}  // namespace
}  // namespace rediscache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rediscache::fuzz::check(rediscache::fuzz::text_of(data, size));
  return 0;
}
