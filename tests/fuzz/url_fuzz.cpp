// A URL is read or refused, and its password is shown by nobody.
//
// Input: the URL.
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include <rediscache/error.hpp>

#include "config/url.hpp"
#include "fuzz/fuzz_target.hpp"

namespace rediscache::fuzz {
namespace {

using config::mask_url;
using config::parse_url;
using config::Url;

/// What InvalidOptions said, if it was thrown; any other exception passes.
std::optional<std::string> refusal_of(std::string_view text) {
  try {
    static_cast<void>(parse_url(text));
    return std::nullopt;
  } catch (const InvalidOptions& error) {
    return error.what();
  }
}

std::optional<Url> read(std::string_view text) {
  try {
    return parse_url(text);
  } catch (const InvalidOptions& error) {
    promise(!std::string_view{error.what()}.empty(), "a refusal says why");
    return std::nullopt;
  }
}

/// With %XX decoded wherever it stands: who looks at a message can do that too.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const std::string_view digits = text.substr(std::min(i + 1, text.size()), 2);
    const char* const end = digits.data() + digits.size();
    if (text[i] == '%' && digits.size() == 2 && std::from_chars(digits.data(), end, byte, 16).ptr == end) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

/// What is said of a URL with an option that does not exist, but for the URL itself, which is shown masked.
std::string refusal_with_mistake(std::string_view text) {
  std::string mistaken{text};
  mistaken += text.find('?') == std::string_view::npos ? '?' : '&';
  mistaken += "unknown=1";
  auto refusal = refusal_of(mistaken);
  promise(refusal.has_value(), "an unknown option is refused");
  const std::string masked = mask_url(mistaken);
  const std::size_t at = refusal->find(masked);
  return at == std::string::npos ? *refusal : refusal->erase(at, masked.size());
}

void expect_hidden(std::string_view shown, const std::string& password) {
  promise(shown.find(password) == std::string_view::npos, "the password is not shown");
  promise(decoded(shown).find(password) == std::string::npos, "the password is not shown, nor encoded");
}

/// One that also stands elsewhere in the URL, or in the mask itself, cannot be hidden.
bool can_be_hidden(std::string_view text, const std::string& secret) {
  constexpr std::size_t long_enough = 4;
  return secret.size() >= long_enough && secret.find('*') == std::string::npos &&
         occurrences(text, secret) <= 1 && occurrences(decoded(text), secret) == 1;
}

void check(std::string_view text) {
  const std::string masked = mask_url(text);
  const std::optional<Url> url = read(text);
  if (url && url->tls.key_password && can_be_hidden(text, *url->tls.key_password)) {
    expect_hidden(masked, *url->tls.key_password);
  }
  if (!url || !url->password || !can_be_hidden(text, *url->password)) {
    return;
  }
  const std::string& password = *url->password;
  expect_hidden(masked, password);

  // Another password in its place changes no word of a refusal.
  const std::size_t at = text.find(password);
  if (at == std::string_view::npos) {
    return;  // it is encoded
  }
  std::string other{text};
  // Where an @ stands decides how much of the URL may be shown: those that structure a URL stay.
  std::string other_password = password;
  for (char& c : other_password) {
    c = std::string_view{"@/?&=:#"}.find(c) == std::string_view::npos ? 'Z' : c;
  }
  other.replace(at, password.size(), other_password);
  const std::optional<Url> other_url = read(other);
  if (other_url && other_url->password == other_password) {
    promise(refusal_with_mistake(text) == refusal_with_mistake(other),
            "a refusal does not tell the password");
  }
}

}  // namespace
}  // namespace rediscache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rediscache::fuzz::check(rediscache::fuzz::text_of(data, size));
  return 0;
}
