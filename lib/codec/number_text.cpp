#include "codec/number_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <system_error>

namespace rediscache::codec {

namespace {

/// Where the first digit that counts stands: 3 for 1234.5, -2 for 0.01, moved by the exponent.
long long decimal_magnitude(std::string_view number) noexcept {
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  const std::string_view digits = number.substr(0, e);
  const auto point = static_cast<long long>(std::min(digits.find('.'), digits.size()));
  const auto first = static_cast<long long>(std::min(digits.find_first_of("123456789"), digits.size()));
  long long exponent = 0;
  if (e < number.size()) {
    std::string_view text = number.substr(e + 1);
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative || text.starts_with('+') ? 1 : 0);
    // Outweighs any number of digits, and leaves room to add them.
    constexpr long long enough = std::numeric_limits<long long>::max() / 4;
    if (std::from_chars(text.data(), text.data() + text.size(), exponent).ec != std::errc{} ||
        exponent > enough) {
      exponent = enough;
    }
    exponent = negative ? -exponent : exponent;
  }
  return (first < point ? point - first - 1 : point - first) + exponent;
}

}  // namespace

void append_float(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
    return;
  }
  std::array<char, 32> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  const char* const end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  std::string_view text{buffer.data(), static_cast<std::size_t>(end - buffer.data())};
  if (text.front() == '-') {
    out += '-';
    text.remove_prefix(1);
  }
  // "d.ddde+XX": the digits, and where the point belongs among them.
  const std::size_t e = text.find('e');
  std::string digits{text.substr(0, 1)};
  if (e > 2) {
    digits += text.substr(2, e - 2);
  }
  int exponent = 0;
  std::string_view exponent_text = text.substr(e + 1);
  if (exponent_text.front() == '+') {
    exponent_text.remove_prefix(1);
  }
  std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
  constexpr int smallest_plain = -4;
  constexpr int smallest_with_exponent = 16;
  if (exponent < smallest_plain || exponent >= smallest_with_exponent) {
    out += digits.front();
    if (digits.size() > 1) {
      out += '.';
      out.append(digits, 1);
    }
    out += text.substr(e);
    return;
  }
  if (exponent < 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-exponent - 1), '0');
    out += digits;
    return;
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    out += digits;
    out.append(whole - digits.size(), '0');
    out += ".0";
  } else {
    out.append(digits, 0, whole);
    out += '.';
    out.append(digits, whole);
  }
}

bool parse_float(std::string_view text, double& value) noexcept {
  if (text == "NaN") {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  if (text == "Infinity" || text == "-Infinity") {
    const double infinity = std::numeric_limits<double>::infinity();
    value = text.front() == '-' ? -infinity : infinity;
    return true;
  }
  // from_chars knows spellings of its own for these ("inf", "nan(...)"): numbers have digits.
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) {
    return false;
  }
  const char* const end = text.data() + text.size();
  const auto [parsed_until, error] = std::from_chars(text.data(), end, value);
  if (parsed_until != end || text.empty()) {
    return false;
  }
  if (error == std::errc::result_out_of_range) {
    // Beyond the range of double Python reads infinity, or zero.
    const double magnitude = decimal_magnitude(text) < 0 ? 0.0 : std::numeric_limits<double>::infinity();
    value = text.front() == '-' ? -magnitude : magnitude;
    return true;
  }
  return error == std::errc{};
}

}  // namespace rediscache::codec
