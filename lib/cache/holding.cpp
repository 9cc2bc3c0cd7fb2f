#include "cache/holding.hpp"

#include <exception>

#include "base/futex.hpp"
#include "base/log.hpp"
#include "cache/core.hpp"
#include "cache/locking.hpp"

namespace rediscache {

std::string_view to_string(LostReason reason) noexcept {
  switch (reason) {
    case LostReason::gone:
      return "gone";
    case LostReason::taken:
      return "taken";
    case LostReason::unreachable:
      break;
  }
  return "unreachable";
}

namespace cache {
namespace {

/// What this thread is telling of: it may use the lock meanwhile, and must not wait for itself.
thread_local const Holding* told_here = nullptr;

}  // namespace

std::optional<LostReason> Holding::lost() const noexcept {
  switch (state_.load() & kind_mask) {
    case gone:
      return LostReason::gone;
    case taken:
      return LostReason::taken;
    case unreachable:
      return LostReason::unreachable;
    default:
      return std::nullopt;
  }
}

bool Holding::begin_release() noexcept {
  std::uint32_t state = held;
  return state_.compare_exchange_strong(state, released);
}

bool Holding::lose(LostReason reason, bool tells) {
  const std::uint32_t after = gone + static_cast<std::uint32_t>(reason);
  std::uint32_t state = held;
  if (!is_ours() || !state_.compare_exchange_strong(state, tells ? after | telling : after)) {
    return false;
  }
  terms_.core->locking().counts().lost.fetch_add(1, std::memory_order_relaxed);
  if (tells) {
    tell(reason);
    state_.store(after);
    base::futex_wake_all(state_);
  }
  return true;
}

void Holding::tell(LostReason reason) noexcept {
  if (!terms_.on_lost) {
    return;
  }
  const Holding* const before = std::exchange(told_here, this);
  try {
    lost_.reason = reason;
    lost_.fencing_token = fencing_token_;
    terms_.on_lost(lost_);
  } catch (const std::exception& error) {
    base::log_error(terms_.core->logger(), error.what());
  } catch (...) {
    base::log_error(terms_.core->logger(), "on_lost threw something");
  }
  told_here = before;
}

void Holding::wait_until_told() const noexcept {
  if (told_here == this || !is_ours()) {
    return;
  }
  for (std::uint32_t state = state_.load(); (state & telling) != 0; state = state_.load()) {
    base::futex_wait(state_, state, base::Deadline::in(std::chrono::seconds{1}));
  }
}

}  // namespace cache
}  // namespace rediscache
