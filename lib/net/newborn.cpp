#include "net/newborn.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fork.hpp"

namespace rediscache::net {
namespace {

/// All of the process.
class Newborns final : public base::ForkAware {
 public:
  /// Never destroyed: connections may be made while static objects are being destroyed.
  [[nodiscard]] static Newborns& of_process() {
    static Newborns& newborns = *new Newborns;  // NOLINT(cppcoreguidelines-owning-memory)
    return newborns;
  }

  [[nodiscard]] int make(int family) {
    const std::scoped_lock lock{mutex_};
    made_.reserve(made_.size() + 1);
    const int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
      made_.push_back({.fd = fd, .maker = ::pthread_self()});
    }
    return fd;
  }
  void forget(int fd) noexcept {
    const std::scoped_lock lock{mutex_};
    std::erase_if(made_, [&](const Made& each) { return each.fd == fd; });
  }

  void before_fork() noexcept override { mutex_.lock(); }
  void after_fork_in_parent() noexcept override { mutex_.unlock(); }
  void after_fork_in_child() noexcept override {
    std::erase_if(made_, [](const Made& each) {
      const bool is_somebody_elses = ::pthread_equal(each.maker, ::pthread_self()) == 0;
      if (is_somebody_elses) {
        ::close(each.fd);
      }
      return is_somebody_elses;
    });
    mutex_.unlock();
  }

 private:
  struct Made {
    int fd;
    pthread_t maker;
  };

  Newborns() { join_as_leaf(); }

  std::mutex mutex_;
  std::vector<Made> made_;
};

}  // namespace

int Newborn::make(int family) {
  settle();
  fd_ = Newborns::of_process().make(family);
  return fd_;
}

void Newborn::settle() noexcept {
  if (fd_ >= 0) {
    Newborns::of_process().forget(std::exchange(fd_, -1));
  }
}

}  // namespace rediscache::net
