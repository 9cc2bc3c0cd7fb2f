// SHA-256, for the placement of keys on shards.
//
// Of our own because the ring of shards is protocol, which stands on no third party, and must be the same in
// builds without OpenSSL. It guards no secret.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace rediscache::base {

using Sha256 = std::array<std::uint8_t, 32>;

[[nodiscard]] Sha256 sha256(std::string_view bytes) noexcept;
/// The first eight bytes, as a number that compares as they do.
[[nodiscard]] std::uint64_t sha256_head(std::string_view bytes) noexcept;
/// Of two texts, short ones in little more time than of one.
[[nodiscard]] std::array<std::uint64_t, 2> sha256_heads(std::string_view bytes,
                                                        std::string_view others) noexcept;
/// The same without the processor's own instructions, so that a test can see both alike.
[[nodiscard]] Sha256 sha256_by_hand(std::string_view bytes) noexcept;

}  // namespace rediscache::base
