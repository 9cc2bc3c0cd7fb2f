// Whatever is stored, reading it as any kind gives a value or a ValueError.
//
// Input: the stored bytes.
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <rediscache/error.hpp>
#include <rediscache/serializer.hpp>
#include <rediscache/value.hpp>

#include "codec/plain_serializer.hpp"
#include "fuzz/fuzz_target.hpp"

namespace rediscache::fuzz {
namespace {

/// Any other exception passes.
template <class T>
std::optional<T> decoded(std::string_view stored) {
  T out{};
  try {
    codec::PlainSerializer{}.decode(std::string{stored}, ValueTarget{out});
    return out;
  } catch (const ValueError& error) {
    promise(!std::string_view{error.what()}.empty(), "what is refused says why");
    return std::nullopt;
  }
}

/// Where none is welcome, it comes as none and is no error.
template <class T>
void check_optional(std::string_view stored, bool any_is_none) {
  const bool stored_none = std::same_as<T, Value> ? any_is_none : stored == "null";
  T out{};
  bool is_none = false;
  try {
    codec::PlainSerializer{}.decode(std::string{stored}, ValueTarget{out}.or_none(is_none));
    promise(is_none == stored_none, "none is what was stored as none, and nothing else");
  } catch (const ValueError&) {
    promise(!is_none && !stored_none, "none is no error where it is welcome");
  }
}

void check_float(std::string_view stored, double value) {
  const std::string text{stored};
  char* end = nullptr;
  const double expected = std::strtod(text.c_str(), &end);
  promise(end == text.c_str() + text.size(), "a float is a number to C as well");
  promise(std::isnan(value) ? std::isnan(expected) : std::memcmp(&value, &expected, sizeof(value)) == 0,
          "a float is the number it is to C");
}

void check(std::string_view stored) {
  const auto text = decoded<std::string>(stored);
  promise(text == stored, "text is what is stored");
  const auto bytes = decoded<Bytes>(stored);
  promise(bytes && bytes->size() == stored.size() &&
              (stored.empty() || std::memcmp(bytes->data(), stored.data(), stored.size()) == 0),
          "bytes are what is stored");
  const auto any = decoded<Value>(stored);
  promise(any.has_value(), "anything reads as a value of some kind");
  const auto boolean = decoded<bool>(stored);
  promise(!boolean || *any == Value{*boolean}, "a bool is one as any kind");

  const auto integer = decoded<std::int64_t>(stored);
  const auto unsigned_integer = decoded<std::uint64_t>(stored);
  const auto floating = decoded<double>(stored);
  if (integer && unsigned_integer) {
    promise(static_cast<std::uint64_t>(*integer) == *unsigned_integer, "an integer has one value");
  }
  if (integer) {
    promise(floating == static_cast<double>(*integer), "an integer reads as a float");
  }
  if (floating) {
    check_float(stored, *floating);
  }

  // An exception costs much here: one of them for each input.
  constexpr std::array checks{check_optional<std::string>,  check_optional<Bytes>,
                              check_optional<Value>,        check_optional<bool>,
                              check_optional<std::int64_t>, check_optional<std::uint64_t>,
                              check_optional<double>};
  const auto last = static_cast<unsigned char>(stored.empty() ? '\0' : stored.back());
  checks[(stored.size() + last) % checks.size()](stored, any->is_none());
}

}  // namespace
}  // namespace rediscache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rediscache::fuzz::check(rediscache::fuzz::text_of(data, size));
  return 0;
}
