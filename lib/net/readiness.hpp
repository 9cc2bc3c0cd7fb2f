// Waiting until a descriptor is ready.
#pragma once

#include <cerrno>
#include <chrono>

#include <poll.h>

#include "base/deadline.hpp"

namespace rediscache::net {

/// How long a blocking system call on one of our sockets sleeps at most (SO_RCVTIMEO, SO_SNDTIMEO).
inline constexpr std::chrono::seconds slice{1};

/// poll() until `deadline`, again after signals. True when an event came.
[[nodiscard]] inline bool wait_for(int fd, short events, base::Deadline deadline) noexcept {
  pollfd waiting{.fd = fd, .events = events, .revents = 0};
  while (true) {
    const int ready = ::poll(&waiting, 1, deadline.poll_timeout());
    if (ready > 0) {
      return true;
    }
    if (ready == 0 ? deadline.passed() : errno != EINTR) {
      return false;
    }
  }
}

}  // namespace rediscache::net
