#include "cache/new_token.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <random>
#include <string_view>

#include <sys/random.h>

#include "cache/hold_scripts.hpp"

namespace rediscache::cache {

// Not from std::random_device, which takes longer than the round trip where the processor's own dice are
// slow.
std::string new_token() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<std::uint32_t, 4> bits{};
  if (::getrandom(bits.data(), sizeof bits, 0) != static_cast<ssize_t>(sizeof bits)) {
    std::random_device random;
    std::generate(bits.begin(), bits.end(), std::ref(random));
  }
  std::string token{own_form};
  token.reserve(own_form.size() + 32);
  for (std::uint32_t word : bits) {
    for (int nibble = 0; nibble < 8; ++nibble, word >>= 4U) {
      token += digits[word & 0xfU];
    }
  }
  return token;
}

}  // namespace rediscache::cache
