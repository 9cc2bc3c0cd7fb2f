#include <utility>

#include <rediscache/detail/moved_from.hpp>
#include <rediscache/lock.hpp>

#include "cache/core.hpp"
#include "cache/holder.hpp"
#include "cache/operations/entries.hpp"
#include "cache/operations/locks.hpp"

namespace rediscache {

using detail::owned_by;

Lock::Lock(std::shared_ptr<cache::Core> core, const cache::CallMode& mode, std::string_view key,
           const LockOptions& options) {
  std::string name{core->keys().make(key, options.version).view()};
  auto scripts = std::make_shared<cache::LockScripts>(name);
  holder_ = std::make_unique<cache::Holder>(std::move(core), mode, key, std::move(name), options,
                                            std::move(scripts));
}

Lock::Lock(Lock&& other) noexcept = default;
Lock& Lock::operator=(Lock&& other) noexcept = default;
Lock::~Lock() = default;

bool Lock::acquire() {
  return owned_by(holder_, "Lock").acquire();
}

void Lock::lock() {
  owned_by(holder_, "Lock").lock();
}

bool Lock::try_lock() {
  return owned_by(holder_, "Lock").try_once();
}

bool Lock::try_for(std::chrono::nanoseconds time) {
  return owned_by(holder_, "Lock").try_for(time);
}

void Lock::unlock() noexcept {
  if (holder_) {
    holder_->unlock();
  }
}

void Lock::release() {
  owned_by(holder_, "Lock").release();
}

bool Lock::extend(Milliseconds time, bool replace) {
  return owned_by(holder_, "Lock").extend(time, replace);
}

bool Lock::reacquire() {
  return owned_by(holder_, "Lock").reacquire();
}

bool Lock::owned() const {
  const cache::Holder& holder = owned_by(holder_, "Lock");
  const std::string_view token = holder.token();
  if (token.empty()) {
    return false;
  }
  const auto stored = holder.core().run(cache::Get{holder.name()}, holder.mode());
  return stored && *stored == token;
}

bool Lock::locked() const {
  const cache::Holder& holder = owned_by(holder_, "Lock");
  return holder.core().run(cache::Exists{holder.name()}, holder.mode());
}

bool Lock::held() const noexcept {
  return holder_ && holder_->held();
}

std::chrono::steady_clock::time_point Lock::valid_until() const noexcept {
  return holder_ ? holder_->valid_until() : std::chrono::steady_clock::time_point::min();
}

std::uint64_t Lock::fencing_token() const {
  return owned_by(holder_, "Lock").fencing_token();
}

const std::string& Lock::name() const noexcept {
  static const auto& nothing = *new std::string;  // NOLINT(cppcoreguidelines-owning-memory): never destroyed
  return holder_ ? holder_->name() : nothing;
}

}  // namespace rediscache
