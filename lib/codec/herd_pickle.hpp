// What django-redis's HerdClient stores, as far as it can be told and changed without reading the value: a
// pickle of a tuple of its marker, the value, and when the value's time is over.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rediscache::codec {

/// So many of the first bytes tell whether it is one.
inline constexpr std::size_t herd_pickle_beginning = 64;
/// Whether these are the first bytes of such a pickle, of protocols 2 to 5, or all of one.
[[nodiscard]] bool is_herd_pickle(std::string_view beginning) noexcept;

/// When the time is over that such a pickle tells, in seconds since 1970; infinity: never. The value may be
/// of any kind, also of those that are not read here. ValueError when it is not written as Python does.
[[nodiscard]] double herd_expiry(std::string_view pickle);
/// Writes another time in the place of that one, which stays as long as it was: what was written as an
/// integer is so again, rounded up, and where it has no room for so late a time it is infinity.
void set_herd_expiry(std::string& pickle, double over);

}  // namespace rediscache::codec
