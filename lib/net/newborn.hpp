// Descriptors of connections that are still being made, which a fork would leave open in the child.
#pragma once

#include <utility>

namespace rediscache::net {

/// From its making until somebody owns it who closes it in the child of a fork: the pool, a shared
/// connection, a subscriber. Until then the child closes it, unless the thread that forks is making it. Not
/// thread-safe.
class Newborn {
 public:
  Newborn() noexcept = default;
  Newborn(Newborn&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  Newborn& operator=(Newborn&& other) noexcept {
    if (this != &other) {
      settle();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  Newborn(const Newborn&) = delete;
  Newborn& operator=(const Newborn&) = delete;
  ~Newborn() { settle(); }

  /// Makes a stream socket as socket() does, which does not block and which exec() closes: the descriptor, or
  /// -1 and errno. Throws std::bad_alloc.
  [[nodiscard]] int make(int family);
  /// Somebody owns it, or it is about to be closed.
  void settle() noexcept;

 private:
  int fd_ = -1;
};

}  // namespace rediscache::net
