#include "net/socket_descriptor.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include "base/fork.hpp"

namespace rediscache::net {
namespace {

/// All sockets of the process.
class SocketRegistry final : public base::ForkAware {
 public:
  /// Never destroyed: connections may be opened and closed while static objects are being destroyed.
  [[nodiscard]] static SocketRegistry& of_process() {
    static SocketRegistry& registry = *new SocketRegistry;  // NOLINT(cppcoreguidelines-owning-memory)
    return registry;
  }

  struct Entry {
    std::uint64_t id;
    int fd;
  };
  [[nodiscard]] Entry open(int family) {
    const std::scoped_lock lock{mutex_};
    if (sockets_.size() == sockets_.capacity()) {
      sockets_.reserve(2 * sockets_.size() + 8);  // before there is a socket to lose
    }
    const int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      return {.id = 0, .fd = -1};
    }
    sockets_.push_back({.id = ++last_id_, .fd = fd});
    return sockets_.back();
  }
  void close(std::uint64_t id) noexcept {
    const std::scoped_lock lock{mutex_};
    if (const auto found = find(id); found != sockets_.end()) {
      ::close(found->fd);
      sockets_.erase(found);
    }
  }

  void before_fork() noexcept override { mutex_.lock(); }
  void after_fork_in_parent() noexcept override { mutex_.unlock(); }
  void after_fork_in_child() noexcept override {
    for (const Entry& entry : sockets_) {
      ::close(entry.fd);
    }
    sockets_.clear();
    mutex_.unlock();
  }

 private:
  SocketRegistry() { join_as_leaf(); }

  /// The lock is held.
  [[nodiscard]] std::vector<Entry>::iterator find(std::uint64_t id) noexcept {
    const auto found =
        std::lower_bound(sockets_.begin(), sockets_.end(), id,
                         [](const Entry& entry, std::uint64_t wanted) { return entry.id < wanted; });
    return found != sockets_.end() && found->id == id ? found : sockets_.end();
  }

  std::mutex mutex_;
  std::vector<Entry> sockets_;  // ids ascend
  std::uint64_t last_id_ = 0;
};

}  // namespace

void SocketDescriptor::prepare() {
  static_cast<void>(SocketRegistry::of_process());
}

bool SocketDescriptor::open(int family) {
  close();
  const auto opened = SocketRegistry::of_process().open(family);
  fd_ = opened.fd;
  id_ = opened.id;
  return fd_ >= 0;
}

void SocketDescriptor::close() noexcept {
  if (fd_ >= 0) {
    fd_ = -1;
    SocketRegistry::of_process().close(std::exchange(id_, 0));
  }
}

}  // namespace rediscache::net
