#include "codec/big_number.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <rediscache/error.hpp>
#include <rediscache/value.hpp>

namespace rediscache::codec {
namespace {

/// The lowest 32 bits come first.
using Limbs = std::vector<std::uint32_t>;
/// That many digits are worked on at once.
constexpr std::size_t chunk = 9;
constexpr std::uint32_t chunk_base = 1'000'000'000;

void multiply_and_add(Limbs& limbs, std::uint32_t factor, std::uint32_t summand) {
  std::uint64_t carry = summand;
  for (std::uint32_t& limb : limbs) {
    carry += std::uint64_t{limb} * factor;
    limb = static_cast<std::uint32_t>(carry);
    carry >>= 32U;
  }
  if (carry != 0) {
    limbs.push_back(static_cast<std::uint32_t>(carry));
  }
}

/// Divides by `chunk_base` and gives the remainder.
std::uint32_t divide(Limbs& limbs) {
  std::uint64_t remainder = 0;
  for (std::size_t i = limbs.size(); i-- > 0;) {
    remainder = remainder << 32U | limbs[i];
    limbs[i] = static_cast<std::uint32_t>(remainder / chunk_base);
    remainder %= chunk_base;
  }
  while (!limbs.empty() && limbs.back() == 0) {
    limbs.pop_back();
  }
  return static_cast<std::uint32_t>(remainder);
}

/// The negative of a two's complement.
void negate(std::string& bytes) {
  unsigned carry = 1;
  for (char& byte : bytes) {
    carry += 0xffU - static_cast<unsigned char>(byte);
    byte = static_cast<char>(carry & 0xffU);
    carry >>= 8U;
  }
}

bool high_bit(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0x80U) != 0;
}

}  // namespace

std::string twos_complement(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  digits.remove_prefix(negative ? 1 : 0);
  Limbs limbs;
  while (!digits.empty()) {
    const std::size_t count = digits.size() % chunk == 0 ? chunk : digits.size() % chunk;
    std::uint32_t number = 0;
    for (const char digit : digits.substr(0, count)) {
      number = number * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    multiply_and_add(limbs, chunk_base, number);
    digits.remove_prefix(count);
  }
  std::string bytes;
  for (const std::uint32_t limb : limbs) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      bytes += static_cast<char>(limb >> shift & 0xffU);
    }
  }
  bytes += '\0';
  if (negative) {
    negate(bytes);
  }
  // Bytes that only repeat the sign are left out.
  while (bytes.size() > 1 && bytes.back() == (negative ? '\xff' : '\0') &&
         high_bit(bytes[bytes.size() - 2]) == negative) {
    bytes.pop_back();
  }
  return bytes;
}

std::string digits_of(std::string_view twos_complement) {
  constexpr std::size_t most_bytes = Value::most_digits * 416 / 1000;  // a digit is 0.4153 bytes
  if (twos_complement.size() > most_bytes) {
    throw ValueError{"an integer of more than " + std::to_string(Value::most_digits) + " digits"};
  }
  std::string bytes{twos_complement};
  const bool negative = !bytes.empty() && high_bit(bytes.back());
  if (negative) {
    bytes += '\xff';
    negate(bytes);
  }
  Limbs limbs((bytes.size() + 3) / 4);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    limbs[i / 4] |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (i % 4 * 8);
  }
  std::string reversed;
  do {
    std::uint32_t number = divide(limbs);
    for (std::size_t i = 0; i < chunk; ++i, number /= 10) {
      reversed += static_cast<char>('0' + number % 10);
    }
  } while (!limbs.empty());
  while (reversed.size() > 1 && reversed.back() == '0') {
    reversed.pop_back();
  }
  if (negative) {
    reversed += '-';
  }
  std::ranges::reverse(reversed);
  return reversed;
}

}  // namespace rediscache::codec
