// What a holder is known by.
#pragma once

#include <string>

namespace rediscache::cache {

/// 128 random bits in hexadecimal, marked as ours. From the system, not from a generator: a fork must not
/// repeat them.
[[nodiscard]] std::string new_token();

}  // namespace rediscache::cache
