// FIPS 180-4. On processors that have instructions for it these do the work: placing a thousand keys is then
// a matter of a tenth of a millisecond.
#include "base/sha256.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace rediscache::base {
namespace {

using State = std::array<std::uint32_t, 8>;
constexpr std::size_t block_bytes = 64;

alignas(16) constexpr std::array<std::uint32_t, 64> constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// Compilers make of loops over the bytes what is slower than all the rest.
void put_big_endian(std::uint32_t number, std::uint8_t* out) noexcept {
  const std::uint32_t swapped =
      std::endian::native == std::endian::little ? __builtin_bswap32(number) : number;
  std::memcpy(out, &swapped, sizeof swapped);
}

void put_big_endian(std::uint64_t number, std::uint8_t* out) noexcept {
  put_big_endian(static_cast<std::uint32_t>(number >> 32U), out);
  put_big_endian(static_cast<std::uint32_t>(number), out + 4);
}

std::uint32_t big_endian(const std::uint8_t* bytes) noexcept {
  return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U | std::uint32_t{bytes[2]} << 8U |
         std::uint32_t{bytes[3]};
}

void compress_anywhere(State& state, const std::uint8_t* block) noexcept {
  std::array<std::uint32_t, 64> words;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  for (std::size_t i = 0; i < 16; ++i) {
    words[i] = big_endian(block + 4 * i);
  }
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t a = words[i - 15];
    const std::uint32_t b = words[i - 2];
    words[i] = words[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3U) + words[i - 7] +
               (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10U);
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                                ((e & f) ^ (~e & g)) + constants[i] + words[i];
    const std::uint32_t second =
        (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  const State sum{a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); ++i) {
    state[i] += sum[i];
  }
}

#if defined(__x86_64__)

#define REDISCACHE_SHA __attribute__((target("sha,sse4.1,ssse3"), always_inline)) inline

/// One block under way. The instructions want the eight words of the state as ABEF and CDGH.
struct Lane {
  REDISCACHE_SHA Lane(State& state, const std::uint8_t* block) noexcept
      : words{reinterpret_cast<__m128i*>(state.data())} {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xb1);
    const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1b);
    abef = abef_before = _mm_alignr_epi8(cdab, efgh, 8);
    cdgh = cdgh_before = _mm_blend_epi16(efgh, cdab, 0xf0);
    for (int i = 0; i < 4; ++i) {
      message[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block) + i), swap);
    }
  }
  /// The `i`th four rounds of sixteen.
  REDISCACHE_SHA void step(int i) noexcept {
    __m128i& now = message[i & 3];
    const __m128i sum =
        _mm_add_epi32(now, _mm_load_si128(reinterpret_cast<const __m128i*>(constants.data()) + i));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    if (i < 12) {  // these four words are done with: the ones of four steps on take their place
      const __m128i& newest = message[(i + 3) & 3];
      const __m128i shifted = _mm_alignr_epi8(newest, message[(i + 2) & 3], 4);
      now = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(now, message[(i + 1) & 3]), shifted),
                                 newest);
    }
  }
  REDISCACHE_SHA void finish() noexcept {
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
    const __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
    const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
  }

  __m128i* words;
  __m128i abef;
  __m128i cdgh;
  __m128i abef_before;
  __m128i cdgh_before;
  __m128i message[4];  // NOLINT(modernize-avoid-c-arrays): std::array drops the type's alignment attribute
};

__attribute__((target("sha,sse4.1,ssse3"))) void compress_here(State& state,
                                                               const std::uint8_t* block) noexcept {
  Lane lane{state, block};
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) {
    lane.step(i);
  }
  lane.finish();
}

/// Each round waits for the one before, and meanwhile there is time for a round of another block.
__attribute__((target("sha,sse4.1,ssse3"))) void compress_two_here(State& state, const std::uint8_t* block,
                                                                   State& other,
                                                                   const std::uint8_t* other_block) noexcept {
  Lane lane{state, block};
  Lane other_lane{other, other_block};
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) {
    lane.step(i);
    other_lane.step(i);
  }
  lane.finish();
  other_lane.finish();
}

#undef REDISCACHE_SHA

bool has_instructions() noexcept {
  unsigned int eax = 0;
  unsigned int ebx = 0;
  unsigned int ecx = 0;
  unsigned int edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & bit_SHA) != 0 &&
         __builtin_cpu_supports("sse4.1") != 0;
}

#endif

void compress(State& state, const std::uint8_t* block) noexcept {
#if defined(__x86_64__)
  static const bool here = has_instructions();
  if (here) {
    compress_here(state, block);
    return;
  }
#endif
  compress_anywhere(state, block);
}

void compress_two(State& state, const std::uint8_t* block, State& other,
                  const std::uint8_t* other_block) noexcept {
#if defined(__x86_64__)
  static const bool here = has_instructions();
  if (here) {
    compress_two_here(state, block, other, other_block);
    return;
  }
#endif
  compress_anywhere(state, block);
  compress_anywhere(other, other_block);
}

constexpr State beginning{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
/// What follows the bytes: a one bit, zeros, and their number in bits.
constexpr std::size_t least_padding = 9;
using Block = std::array<std::uint8_t, block_bytes>;

/// The last block, of the bytes that are left of `size`.
void fill_last(Block& block, std::string_view left, std::uint64_t size) noexcept {
  block.fill(0);
  if (!left.empty()) {
    std::memcpy(block.data(), left.data(), left.size());
  }
  block[left.size()] = 0x80;
  put_big_endian(size * 8, &block[block_bytes - 8]);
}

Sha256 bytes_of(const State& state) noexcept {
  Sha256 out;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  for (std::size_t i = 0; i < state.size(); ++i) {
    put_big_endian(state[i], &out[i * 4]);
  }
  return out;
}

std::uint64_t head_of(const State& state) noexcept {
  return std::uint64_t{state[0]} << 32U | state[1];
}

State hash(std::string_view bytes, void (*compress_block)(State&, const std::uint8_t*)) noexcept {
  State state = beginning;
  std::string_view left = bytes;
  for (; left.size() >= block_bytes; left.remove_prefix(block_bytes)) {
    compress_block(state, reinterpret_cast<const std::uint8_t*>(left.data()));
  }
  Block block;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  if (left.size() + least_padding > block_bytes) {
    block.fill(0);
    std::memcpy(block.data(), left.data(), left.size());
    block[left.size()] = 0x80;
    compress_block(state, block.data());
    block.fill(0);
    put_big_endian(std::uint64_t{bytes.size()} * 8, &block[block_bytes - 8]);
  } else {
    fill_last(block, left, bytes.size());
  }
  compress_block(state, block.data());
  return state;
}

}  // namespace

Sha256 sha256(std::string_view bytes) noexcept {
  return bytes_of(hash(bytes, compress));
}

std::uint64_t sha256_head(std::string_view bytes) noexcept {
  return head_of(hash(bytes, compress));
}

std::array<std::uint64_t, 2> sha256_heads(std::string_view bytes, std::string_view others) noexcept {
  if (std::max(bytes.size(), others.size()) + least_padding > block_bytes) {
    return {sha256_head(bytes), sha256_head(others)};
  }
  std::array<State, 2> states{beginning, beginning};
  std::array<Block, 2> blocks;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  fill_last(blocks[0], bytes, bytes.size());
  fill_last(blocks[1], others, others.size());
  compress_two(states[0], blocks[0].data(), states[1], blocks[1].data());
  return {head_of(states[0]), head_of(states[1])};
}

Sha256 sha256_by_hand(std::string_view bytes) noexcept {
  return bytes_of(hash(bytes, compress_anywhere));
}

}  // namespace rediscache::base
