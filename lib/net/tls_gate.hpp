// Keeps forks and the inside of OpenSSL apart.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>

#include "base/fork.hpp"

namespace rediscache::net {

/// OpenSSL has locks of its own. If another thread holds one of them while the process forks, nobody gives it
/// back in the child, and its first handshake there would wait for ever. So a fork waits until no thread is
/// within a step of a handshake, reads certificates or frees what those made: steps that compute, and never
/// wait themselves.
class TlsGate final : public base::ForkAware {
 public:
  using Pass = std::shared_lock<std::shared_mutex>;

  /// The one of this process. Never destroyed.
  [[nodiscard]] static TlsGate& of_process();

  /// No fork happens while this lives. Whoever has one may hold other locks, and takes none that a fork
  /// takes. Code of the caller's that might fork must not run meanwhile.
  [[nodiscard]] Pass pass() { return Pass{*door_}; }

  void before_fork() noexcept override { door_->lock(); }
  void after_fork_in_parent() noexcept override { door_->unlock(); }
  /// Those who waited at the door do not exist in the child, but the door counts them: it gets a new one.
  void after_fork_in_child() noexcept override {
    door_->unlock();  // by the thread that has forked, which is this one
    static_cast<void>(door_.release());
    door_ = std::make_unique<std::shared_mutex>();
  }

 private:
  TlsGate() { join_as_leaf(); }

  std::unique_ptr<std::shared_mutex> door_ = std::make_unique<std::shared_mutex>();
};

inline TlsGate& TlsGate::of_process() {
  static TlsGate& gate = *new TlsGate;  // NOLINT(cppcoreguidelines-owning-memory)
  return gate;
}

}  // namespace rediscache::net
