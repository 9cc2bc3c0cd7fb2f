// The client of a cache, made on first use.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include <rediscache/client.hpp>

#include "base/fork.hpp"

namespace rediscache::cache {

/// Made by the first who asks, while others wait for it; by the next one when that failed. Thread-safe. In
/// the child of a fork that found another thread at it, whoever asks first there makes it: that thread is not
/// there.
class LazyClient final : public base::ForkAware {
 public:
  using Maker = std::function<std::unique_ptr<Client>()>;

  explicit LazyClient(Maker make);
  LazyClient(const LazyClient&) = delete;
  LazyClient& operator=(const LazyClient&) = delete;
  ~LazyClient();

  /// What making it throws; TimeoutError when another thread has not made it by then.
  [[nodiscard]] Client& get(Client::Deadline deadline) {
    Client* const made = if_made();
    return made != nullptr ? *made : make_or_wait(deadline);
  }
  /// Null before the first use.
  [[nodiscard]] Client* if_made() const noexcept { return made_.load(std::memory_order_acquire); }

  void before_fork() noexcept override {}
  void after_fork_in_parent() noexcept override {}
  void after_fork_in_child() noexcept override;

 private:
  enum State : std::uint32_t { idle, making, ready };

  Client& make_or_wait(Client::Deadline deadline);
  void become(State state) noexcept;

  const Maker make_;
  std::atomic<std::uint32_t> state_{idle};
  std::atomic<Client*> made_{nullptr};
  std::unique_ptr<Client> client_;
};

}  // namespace rediscache::cache
