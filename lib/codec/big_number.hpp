// Integers of any size: decimal digits, as `Value` holds them, and the bytes of pickles.
#pragma once

#include <string>
#include <string_view>

namespace rediscache::codec {

/// The shortest little-endian two's complement of the integer that is `digits`, with at most a minus sign
/// before them. Takes time with the square of their number, of which there are `Value::most_digits` at most.
[[nodiscard]] std::string twos_complement(std::string_view digits);

/// The way back; nothing at all is 0. Throws ValueError when that would be more than `Value::most_digits`.
[[nodiscard]] std::string digits_of(std::string_view twos_complement);

}  // namespace rediscache::codec
