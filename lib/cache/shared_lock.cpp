#include <utility>

#include <rediscache/detail/moved_from.hpp>
#include <rediscache/shared_lock.hpp>

#include "cache/permit_holder.hpp"

namespace rediscache {

using detail::owned_by;
namespace {

using cache::PermitHolder;
using cache::PermitScripts;

std::unique_ptr<PermitHolder> holder(const std::shared_ptr<cache::Core>& core, const cache::CallMode& mode,
                                     std::string_view key, LockOptions options, PermitScripts::Way way) {
  // Who waits to be alone has a place with the server, as the fair have: it has to show that it is still
  // there, and to take the mark back.
  options.fair = way == PermitScripts::Way::alone;
  return std::make_unique<PermitHolder>(core, mode, key, options, PermitScripts::unlimited, way);
}

}  // namespace

SharedLock::SharedLock(std::shared_ptr<cache::Core> core, const cache::CallMode& mode, std::string_view key,
                       const LockOptions& options)
    : key_{key},
      alone_{holder(core, mode, key, options, PermitScripts::Way::alone)},
      sharing_{holder(core, mode, key, options, PermitScripts::Way::one)} {}

SharedLock::SharedLock(SharedLock&& other) noexcept = default;
SharedLock& SharedLock::operator=(SharedLock&& other) noexcept = default;
SharedLock::~SharedLock() = default;

cache::Holder& SharedLock::holding() const {
  cache::Holder& sharing = owned_by(sharing_, "SharedLock").hold();
  return sharing.token().empty() ? alone_->hold() : sharing;
}

cache::Holder& SharedLock::wanted(const detail::Owned<cache::PermitHolder>& way) const {
  if (!holding().token().empty()) {
    throw LockError{key_, cache::held_already(cache::shared_lock_wording)};
  }
  return way->hold();
}

bool SharedLock::acquire() {
  return wanted(alone_).acquire();
}

bool SharedLock::acquire_shared() {
  return wanted(sharing_).acquire();
}

void SharedLock::lock() {
  wanted(alone_).lock();
}

bool SharedLock::try_lock() {
  return wanted(alone_).try_once();
}

bool SharedLock::try_for(std::chrono::nanoseconds time) {
  return wanted(alone_).try_for(time);
}

void SharedLock::unlock() noexcept {
  if (alone_) {
    alone_->hold().unlock();
  }
}

void SharedLock::lock_shared() {
  wanted(sharing_).lock();
}

bool SharedLock::try_lock_shared() {
  return wanted(sharing_).try_once();
}

bool SharedLock::try_shared_for(std::chrono::nanoseconds time) {
  return wanted(sharing_).try_for(time);
}

void SharedLock::unlock_shared() noexcept {
  if (sharing_) {
    sharing_->hold().unlock();
  }
}

void SharedLock::release() {
  holding().release();
}

bool SharedLock::extend(Milliseconds time, bool replace) {
  return holding().extend(time, replace);
}

bool SharedLock::reacquire() {
  return holding().reacquire();
}

bool SharedLock::owned() const {
  return owned_by(alone_, "SharedLock").owned() || sharing_->owned();
}

std::optional<std::size_t> SharedLock::holders() const {
  return owned_by(sharing_, "SharedLock").count();
}

bool SharedLock::held() const noexcept {
  return alone_ && holding().held();
}

std::chrono::steady_clock::time_point SharedLock::valid_until() const noexcept {
  return alone_ ? holding().valid_until() : std::chrono::steady_clock::time_point::min();
}

std::uint64_t SharedLock::fencing_token() const {
  return holding().fencing_token();
}

const std::string& SharedLock::name() const noexcept {
  static const auto& nothing = *new std::string;  // NOLINT(cppcoreguidelines-owning-memory): never destroyed
  return alone_ ? alone_->hold().name() : nothing;
}

}  // namespace rediscache
