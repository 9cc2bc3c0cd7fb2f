#include "faults/bad_weather.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace rediscache::test {
namespace {

thread_local BadWeather* current_weather =
    nullptr;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

}  // namespace

BadWeather::BadWeather(std::uint64_t seed, const Forecast& forecast) : random_{seed}, forecast_{forecast} {
  current_weather = this;
}

BadWeather::~BadWeather() {
  current_weather = nullptr;
}

BadWeather* BadWeather::here() noexcept {
  return current_weather;
}

int BadWeather::error_now(bool may_block) {
  ++toll_.calls;
  const auto dice = random_() % 100;
  if (dice < forecast_.interrupted) {
    ++toll_.interrupted;
    return EINTR;
  }
  if (may_block && dice < forecast_.interrupted + forecast_.would_block) {
    ++toll_.would_block;
    return EAGAIN;
  }
  return 0;
}

std::size_t BadWeather::cut(std::size_t bytes) {
  const auto dice = random_() % 100;
  std::size_t count = bytes;
  if (bytes > 1 && dice < forecast_.one_byte) {
    count = 1;
  } else if (bytes > 1 && dice < forecast_.one_byte + forecast_.few_bytes) {
    count = 1 + random_() % (bytes - 1);
  }
  toll_.cut_short += count < bytes ? 1 : 0;
  return count;
}

}  // namespace rediscache::test

// The names of the system. The system calls behind them are made by number, for the names are taken.
using rediscache::test::BadWeather;

namespace {

/// Sets errno, and is then what the call returns.
int failed(int error) noexcept {
  errno = error;
  return -1;
}

}  // namespace

extern "C" {

ssize_t send(int fd, const void* bytes, size_t count, int flags) {
  if (BadWeather* const here = BadWeather::here()) {
    if (const int error = here->error_now(true)) {
      return failed(error);
    }
    count = here->cut(count);
  }
  return ::syscall(SYS_sendto, fd, bytes, count, flags, nullptr, 0);
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  msghdr shorter = *message;
  std::array<iovec, 64> pieces{};
  if (BadWeather* const here = BadWeather::here(); here != nullptr && shorter.msg_iovlen <= pieces.size()) {
    if (const int error = here->error_now(true)) {
      return failed(error);
    }
    std::copy_n(message->msg_iov, message->msg_iovlen, pieces.begin());
    std::size_t all = 0;
    for (std::size_t i = 0; i < message->msg_iovlen; ++i) {
      all += pieces.at(i).iov_len;
    }
    std::size_t left = here->cut(all);
    for (iovec& piece : pieces) {
      piece.iov_len = std::min(piece.iov_len, left);
      left -= piece.iov_len;
    }
    shorter.msg_iov = pieces.data();
  }
  return ::syscall(SYS_sendmsg, fd, &shorter, flags);
}

ssize_t recv(int fd, void* bytes, size_t count, int flags) {
  // A look at whether the peer is still there is no transfer.
  if (BadWeather* const here = BadWeather::here(); here != nullptr && (flags & MSG_PEEK) == 0) {
    if (const int error = here->error_now(true)) {
      return failed(error);
    }
    count = here->cut(count);
  }
  return ::syscall(SYS_recvfrom, fd, bytes, count, flags, nullptr, nullptr);
}

int poll(pollfd* descriptors, nfds_t count, int timeout) {
  if (BadWeather* const here = BadWeather::here()) {
    if (const int error = here->error_now(false)) {
      return failed(error);
    }
  }
  const timespec time{.tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * 1'000'000L};
  return static_cast<int>(
      ::syscall(SYS_ppoll, descriptors, count, timeout < 0 ? nullptr : &time, nullptr, 0));
}

}  // extern "C"
