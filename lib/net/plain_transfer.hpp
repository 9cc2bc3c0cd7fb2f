// Transfers on a descriptor, as they are.
#pragma once

#include <span>
#include <string_view>

#include "base/deadline.hpp"
#include "net/transfer.hpp"

namespace rediscache::net {

/// Sends some of the pieces, at least one byte; waits for room until the deadline. Never raises SIGPIPE.
[[nodiscard]] Transfer send_raw(int fd, std::span<const std::string_view> pieces,
                                base::Deadline deadline) noexcept;
/// The same without waiting.
[[nodiscard]] Transfer try_send_raw(int fd, std::span<const std::string_view> pieces) noexcept;

/// Receives at least one byte; waits for it until the deadline.
[[nodiscard]] Transfer receive_raw(int fd, std::span<char> space, base::Deadline deadline) noexcept;
[[nodiscard]] Transfer try_receive_raw(int fd, std::span<char> space) noexcept;

}  // namespace rediscache::net
