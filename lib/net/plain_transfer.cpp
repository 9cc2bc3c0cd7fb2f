#include "net/plain_transfer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "net/readiness.hpp"

namespace rediscache::net {
namespace {

using Status = Transfer::Status;

constexpr std::size_t most_pieces = 16;

Transfer result_of(ssize_t moved, bool zero_is_closed) noexcept {
  if (moved > 0 || (moved == 0 && !zero_is_closed)) {
    return {.status = Status::done, .bytes = static_cast<std::size_t>(moved)};
  }
  if (moved == 0) {
    return {.status = Status::closed};
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    return {.status = Status::would_block};
  }
  return {.status = Status::broken, .error = errno};
}

Transfer send_once(int fd, std::span<const std::string_view> pieces, int flags) noexcept {
  if (pieces.size() == 1) {
    return result_of(::send(fd, pieces[0].data(), pieces[0].size(), flags | MSG_NOSIGNAL), false);
  }
  std::array<iovec, most_pieces> vectors;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  const std::size_t count = std::min(pieces.size(), vectors.size());
  for (std::size_t i = 0; i < count; ++i) {
    vectors[i] = {.iov_base = const_cast<char*>(pieces[i].data()),  // NOLINT: sendmsg only reads
                  .iov_len = pieces[i].size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return result_of(::sendmsg(fd, &message, flags | MSG_NOSIGNAL), false);
}

/// Repeats `transfer(flags)` until it moves something or the deadline passes.
template <class Once>
Transfer until(int fd, short events, base::Deadline deadline, Once transfer) noexcept {
  while (true) {
    const bool may_block = deadline.leaves(slice);
    if (!may_block && !wait_for(fd, events, deadline)) {
      return {.status = Status::timed_out};
    }
    const Transfer result = transfer(may_block ? 0 : MSG_DONTWAIT);
    if (result.status != Status::would_block) {
      return result;
    }
  }
}

}  // namespace

Transfer send_raw(int fd, std::span<const std::string_view> pieces, base::Deadline deadline) noexcept {
  return until(fd, POLLOUT, deadline, [&](int flags) { return send_once(fd, pieces, flags); });
}

Transfer try_send_raw(int fd, std::span<const std::string_view> pieces) noexcept {
  return send_once(fd, pieces, MSG_DONTWAIT);
}

Transfer receive_raw(int fd, std::span<char> space, base::Deadline deadline) noexcept {
  return until(fd, POLLIN, deadline,
               [&](int flags) { return result_of(::recv(fd, space.data(), space.size(), flags), true); });
}

Transfer try_receive_raw(int fd, std::span<char> space) noexcept {
  return result_of(::recv(fd, space.data(), space.size(), MSG_DONTWAIT), true);
}

}  // namespace rediscache::net
