#include "config/typed.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace rediscache::config {
namespace {

/// The number that is there, be it as a text when a variable was filled in, for variables are nothing else.
std::optional<double> number_in(const Reading& reading, const Found& found, bool texts_too = false) {
  if (found.value.kind() == Value::Kind::integer) {
    return found.value.needs_unsigned() ? static_cast<double>(found.value.as_unsigned())
                                        : static_cast<double>(found.value.as_integer());
  }
  if (found.value.kind() == Value::Kind::floating) {
    return found.value.as_float();
  }
  if (found.value.kind() != Value::Kind::text || !(texts_too || reading.is_filled(found.path))) {
    return std::nullopt;
  }
  const std::string& text = found.value.as_text();
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() ? std::optional{number}
                                                                             : std::nullopt;
}

}  // namespace

std::optional<std::string> read_text(Reading& reading, const Found& found) {
  if (found.value.kind() != Value::Kind::text) {
    reading.wrong(found, "a text");
    return std::nullopt;
  }
  return found.value.as_text();
}

std::optional<bool> read_bool(Reading& reading, const Found& found) {
  if (found.value.kind() == Value::Kind::boolean) {
    return found.value.as_bool();
  }
  if (found.value == Value{0} || found.value == Value{1}) {
    return found.value == Value{1};
  }
  if (found.value.kind() == Value::Kind::text && reading.is_filled(found.path)) {
    constexpr std::array<std::string_view, 4> yes{"true", "True", "1", "yes"};
    constexpr std::array<std::string_view, 4> no{"false", "False", "0", "no"};
    const std::string& text = found.value.as_text();
    if (std::find(yes.begin(), yes.end(), text) != yes.end()) {
      return true;
    }
    if (std::find(no.begin(), no.end(), text) != no.end()) {
      return false;
    }
  }
  reading.wrong(found, "true or false");
  return std::nullopt;
}

std::optional<std::int64_t> read_count(Reading& reading, const Found& found, std::int64_t least,
                                       std::int64_t most) {
  std::optional<std::int64_t> number;
  if (found.value.kind() == Value::Kind::integer && !found.value.needs_unsigned()) {
    number = found.value.as_integer();
  } else if (found.value.kind() == Value::Kind::text && reading.is_filled(found.path)) {
    number = base::parse_integer(found.value.as_text());
  }
  if (!number || *number < least || *number > most) {
    reading.wrong(found, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }
  return number;
}

std::optional<std::chrono::milliseconds> read_seconds(Reading& reading, const Found& found, bool zero_too) {
  constexpr double longest = 86'400;
  const auto number = number_in(reading, found);
  if (!number || !(*number > 0 || (zero_too && *number == 0)) || *number > longest) {
    reading.wrong(found, zero_too ? "a number of seconds from 0 to 86400"
                                  : "a number of seconds above 0 and up to 86400");
    return std::nullopt;
  }
  return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>{*number});
}

std::optional<Timeout> read_timeout(Reading& reading, const Found& found) {
  if (found.value.is_none()) {
    return Timeout{never};
  }
  const auto number = number_in(reading, found, true);
  if (!number || std::isnan(*number)) {
    reading.wrong(found, "a number of seconds, or null for entries that never run out");
    return std::nullopt;
  }
  return Timeout{std::chrono::duration<double>{*number}};
}

std::vector<std::pair<std::string, std::string>> read_texts(Reading& reading, const Found& found) {
  if (found.value.kind() == Value::Kind::text) {
    return {{found.path, found.value.as_text()}};
  }
  std::vector<std::pair<std::string, std::string>> texts;
  if (found.value.kind() != Value::Kind::list) {
    reading.wrong(found, "a text or a list of texts");
    return texts;
  }
  for (const Value& element : found.value.as_list()) {
    const Found each{element, under(found.path, texts.size()), found.is_secret};
    texts.emplace_back(each.path, read_text(reading, each).value_or(""));
  }
  return texts;
}

}  // namespace rediscache::config
