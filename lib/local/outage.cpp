#include "local/outage.hpp"

namespace rediscache::local {

Outage::Outage(std::shared_ptr<Cache> first, std::shared_ptr<Cache> local, FailoverOptions options)
    : first_{std::move(first)}, local_{std::move(local)}, options_{std::move(options)} {
  if (!first_ || !local_) {
    throw InvalidOptions{"a FailoverCache needs two caches, and one of those given is null"};
  }
}

FailoverStatistics Outage::statistics() const noexcept {
  const std::uint64_t changes = changes_.load(std::memory_order_relaxed);
  return {.down = is_down(changes),
          .outages = (changes + 1) / 2,
          .local_calls = local_calls_.load(std::memory_order_relaxed)};
}

void Outage::close() noexcept {
  first_->close();
  local_->close();
}

bool Outage::is_outage(const Failure& failure) const {
  if (options_.is_outage) {
    return options_.is_outage(failure);
  }
  return !failure.caused_by_call && (failure.code != ErrorCode::response || !failure.misconfigured());
}

void Outage::began(const Failure& failure) {
  std::uint64_t changes = changes_.load(std::memory_order_acquire);
  if (is_down(changes)) {
    return;
  }
  // Before others can read there: a call that was slow to end may have stored after the last outage.
  local_->clear();
  if (changes_.compare_exchange_strong(changes, changes + 1, std::memory_order_acq_rel)) {
    tell(&failure);
  }
}

void Outage::ended() {
  std::uint64_t changes = changes_.load(std::memory_order_acquire);
  if (is_down(changes) && changes_.compare_exchange_strong(changes, changes + 1, std::memory_order_acq_rel)) {
    local_->clear();
    tell(nullptr);
  }
}

void Outage::tell(const Failure* failure) const noexcept {
  if (!options_.on_change) {
    return;
  }
  try {
    options_.on_change(failure);
  } catch (...) {  // NOLINT(bugprone-empty-catch): as the options say
  }
}

}  // namespace rediscache::local
