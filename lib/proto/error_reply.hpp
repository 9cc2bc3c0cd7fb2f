// What an error reply means.
#pragma once

#include <string_view>

#include <rediscache/error.hpp>

namespace rediscache::proto {

/// The failure behind the text of an error reply ("WRONGPASS invalid ..."). Server and command are the
/// caller's to fill in.
[[nodiscard]] Failure failure_of_reply(std::string_view text);

/// The error that another one wraps: that of a command in a script (Redis before 7.0), or the reason why EXEC
/// was refused. `text` itself when it wraps none.
[[nodiscard]] std::string_view innermost_error(std::string_view text) noexcept;

/// True for errors that say "not now": the server certainly did not do what was asked, and may soon.
[[nodiscard]] bool says_not_now(std::string_view text) noexcept;

/// True for those of them that say "not here" (READONLY, MASTERDOWN): another server takes the command.
[[nodiscard]] bool says_wrong_server(std::string_view text) noexcept;

/// True for the error after which a server closes the connection: the request breaks a rule of the protocol,
/// for instance by an argument above `proto-max-bulk-len`. Nothing that was sent behind it is executed.
[[nodiscard]] bool says_protocol_error(std::string_view text) noexcept;

}  // namespace rediscache::proto
