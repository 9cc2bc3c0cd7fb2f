// What an error reply means.
#pragma once

#include <string_view>

#include <rediscache/error.hpp>

namespace rediscache::proto {

/// The failure behind the text of an error reply ("WRONGPASS invalid ..."). Server and command are the
/// caller's to fill in.
[[nodiscard]] Failure failure_of_reply(std::string_view text);

/// True for errors that say "not now": the server certainly did not do what was asked, and may soon.
[[nodiscard]] bool says_not_now(std::string_view text) noexcept;

}  // namespace rediscache::proto
