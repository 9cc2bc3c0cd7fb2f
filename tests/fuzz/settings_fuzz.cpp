// Settings are read or refused; what is read can be described and made a cache of; and a password is shown by
// nobody, wherever it stands.
//
// Input: "json" or "environment" in the first line; then the JSON, or the variables, a line each: NAME=value.
// A JSON sees the variables SECRET and HOST, and the file /secret; there is nothing else to read.
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <rediscache/error.hpp>
#include <rediscache/settings.hpp>

#include "config/settings_state.hpp"
#include "fuzz/fuzz_target.hpp"

namespace rediscache::fuzz {
namespace {

/// Nothing that stands in an input by chance, nor in any message.
constexpr std::string_view secret = "Xq7kPw9vZt3mLs5r";

SettingsSources sources_of(std::map<std::string, std::string> variables) {
  return {.variable =
              [variables = std::move(variables)](const std::string& name) {
                const auto found = variables.find(name);
                return found == variables.end() ? std::nullopt : std::optional{found->second};
              },
          .read_file =
              [](const std::string& path) {
                return path == "/secret" ? std::string{secret} + '\n' : throw std::runtime_error{"not there"};
              }};
}

/// Whether the secret stands in places for secrets only: elsewhere, as in a prefix of keys, it is none.
bool keeps_secret(std::string text) {
  for (const std::string_view place : {R"("PASSWORD": "${SECRET}")", R"("password": "${SECRET}")",
                                       R"("ssl_keyfile_password": "${SECRET}")", "redis://:${SECRET}@"}) {
    for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place)) {
      text.erase(at, place.size());
    }
  }
  // With escapes it may be written in other ways.
  return text.find("SECRET") == std::string::npos && text.find('\\') == std::string::npos &&
         text.find(secret) == std::string::npos;
}

void expect_hidden(std::string_view input, std::string_view shown) {
  promise(!shown.empty(), "what is said is not empty");
  promise(shown.find(secret) == std::string_view::npos || !keeps_secret(std::string{input}),
          "the secret is not shown");
}

void check(std::string_view input) {
  const auto [kind, rest] = first_line(input);
  std::map<std::string, std::string> variables{{"SECRET", std::string{secret}}, {"HOST", "cache.internal"}};
  if (kind == "environment") {
    for (std::string_view text = rest; !text.empty();) {
      const auto [line, next] = first_line(text);
      const std::size_t equals = line.find('=');
      if (equals != std::string_view::npos) {
        variables[std::string{line.substr(0, equals)}] = line.substr(equals + 1);
      }
      text = next;
    }
  }
  try {
    const Settings settings = kind == "environment" ? Settings::from_environment({}, sources_of(variables))
                                                    : Settings::from_json(rest, sources_of(variables));
    expect_hidden(input, settings.describe() + '.');
    for (const config::Entry& entry : config::SettingsState::of(settings).entries) {
      promise(entry.make() != nullptr, "what was read makes a cache");
      promise(settings.backend(entry.alias) == config::SettingsState::of(settings).entry(entry.alias).backend,
              "each alias is found");
    }
  } catch (const InvalidOptions& error) {
    expect_hidden(input, error.what());
  }
}

}  // namespace
}  // namespace rediscache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rediscache::fuzz::check(rediscache::fuzz::text_of(data, size));
  return 0;
}
