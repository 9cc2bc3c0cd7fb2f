#include <utility>

#include <rediscache/lock.hpp>

#include "cache/core.hpp"
#include "cache/holder.hpp"
#include "cache/operations/entries.hpp"
#include "cache/operations/locks.hpp"

namespace rediscache {

Lock::Lock(std::shared_ptr<cache::Core> core, bool strict, std::string_view key, const LockOptions& options) {
  std::string name{core->keys().make(key, options.version).view()};
  auto scripts = std::make_shared<cache::LockScripts>(name);
  holder_ = std::make_unique<cache::Holder>(std::move(core), strict, key, std::move(name), options,
                                            std::move(scripts));
}

Lock::Lock(Lock&& other) noexcept = default;
Lock& Lock::operator=(Lock&& other) noexcept = default;
Lock::~Lock() = default;

bool Lock::acquire() {
  return holder_->acquire();
}

void Lock::lock() {
  holder_->lock();
}

bool Lock::try_lock() {
  return holder_->try_once();
}

bool Lock::try_until(std::chrono::steady_clock::time_point until) {
  return holder_->try_until(until);
}

void Lock::unlock() noexcept {
  if (holder_) {
    holder_->unlock();
  }
}

void Lock::release() {
  holder_->release();
}

bool Lock::extend(std::chrono::milliseconds time, bool replace) {
  return holder_->extend(time, replace);
}

bool Lock::reacquire() {
  return holder_->reacquire();
}

bool Lock::owned() const {
  const std::string_view token = holder_->token();
  if (token.empty()) {
    return false;
  }
  const auto stored = holder_->core().run(cache::Get{holder_->name()}, holder_->strict());
  return stored && *stored == token;
}

bool Lock::locked() const {
  return holder_->core().run(cache::Exists{holder_->name()}, holder_->strict());
}

bool Lock::held() const noexcept {
  return holder_ && holder_->held();
}

std::chrono::steady_clock::time_point Lock::valid_until() const noexcept {
  return holder_ ? holder_->valid_until() : std::chrono::steady_clock::time_point::min();
}

std::uint64_t Lock::fencing_token() const {
  return holder_->fencing_token();
}

const std::string& Lock::name() const noexcept {
  static const std::string nothing;
  return holder_ ? holder_->name() : nothing;
}

}  // namespace rediscache
