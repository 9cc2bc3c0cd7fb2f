#include "cache/lazy_client.hpp"

#include <utility>

#include <rediscache/error.hpp>

#include "base/deadline.hpp"
#include "base/futex.hpp"

namespace rediscache::cache {

LazyClient::LazyClient(Maker make) : make_{std::move(make)} {
  join();
}

LazyClient::~LazyClient() {
  leave();
}

Client& LazyClient::make_or_wait(Client::Deadline deadline) {
  for (;;) {
    std::uint32_t state = idle;
    if (state_.compare_exchange_strong(state, making, std::memory_order_acquire)) {
      break;
    }
    if (state == ready) {
      return *if_made();
    }
    const base::Deadline end{deadline};
    if (end.passed()) {
      Failure{.code = ErrorCode::timeout,
              .message = "another thread is still making the client of this cache",
              .server = {},
              .command = {}}
          .raise();
    }
    base::futex_wait(state_, making, end);
  }
  try {
    client_ = make_();
  } catch (...) {
    become(idle);
    throw;
  }
  made_.store(client_.get(), std::memory_order_release);
  become(ready);
  return *client_;
}

void LazyClient::become(State state) noexcept {
  state_.store(state, std::memory_order_release);
  base::futex_wake_all(state_);
}

void LazyClient::after_fork_in_child() noexcept {
  std::uint32_t state = making;
  if (made_.load(std::memory_order_relaxed) != nullptr) {
    state_.store(ready, std::memory_order_release);
  } else {
    state_.compare_exchange_strong(state, idle);
  }
}

}  // namespace rediscache::cache
