#include <limits>
#include <utility>

#include <rediscache/detail/moved_from.hpp>
#include <rediscache/semaphore.hpp>

#include "cache/permit_holder.hpp"

namespace rediscache {

using detail::owned_by;
namespace {

std::int64_t capacity_of(const SemaphoreOptions& options) {
  if (options.permits == 0 || options.permits >= static_cast<std::size_t>(cache::PermitScripts::unlimited)) {
    throw InvalidArgument{"semaphore: permits is " + std::to_string(options.permits) +
                          "; it must be at least 1, and less than 2^40"};
  }
  return static_cast<std::int64_t>(options.permits);
}

LockOptions lock_options(const SemaphoreOptions& options) {
  return {.version = options.version,
          .timeout = options.timeout,
          .sleep = options.sleep,
          .blocking = options.blocking,
          .blocking_timeout = options.blocking_timeout,
          .renew = options.renew,
          .on_lost = options.on_lost,
          .timer = options.timer};
}

}  // namespace

Semaphore::Semaphore(std::shared_ptr<cache::Core> core, const cache::CallMode& mode, std::string_view key,
                     const SemaphoreOptions& options)
    : holder_{std::make_unique<cache::PermitHolder>(std::move(core), mode, key, lock_options(options),
                                                    capacity_of(options), cache::PermitScripts::Way::one)} {}

Semaphore::Semaphore(Semaphore&& other) noexcept = default;
Semaphore& Semaphore::operator=(Semaphore&& other) noexcept = default;
Semaphore::~Semaphore() = default;

bool Semaphore::acquire() {
  return owned_by(holder_, "Semaphore").hold().acquire();
}

void Semaphore::lock() {
  owned_by(holder_, "Semaphore").hold().lock();
}

bool Semaphore::try_lock() {
  return owned_by(holder_, "Semaphore").hold().try_once();
}

bool Semaphore::try_for(std::chrono::nanoseconds time) {
  return owned_by(holder_, "Semaphore").hold().try_for(time);
}

void Semaphore::unlock() noexcept {
  if (holder_) {
    holder_->hold().unlock();
  }
}

void Semaphore::release() {
  owned_by(holder_, "Semaphore").hold().release();
}

bool Semaphore::extend(Milliseconds time, bool replace) {
  return owned_by(holder_, "Semaphore").hold().extend(time, replace);
}

bool Semaphore::reacquire() {
  return owned_by(holder_, "Semaphore").hold().reacquire();
}

bool Semaphore::owned() const {
  return owned_by(holder_, "Semaphore").owned();
}

std::optional<std::size_t> Semaphore::holders() const {
  return owned_by(holder_, "Semaphore").count();
}

bool Semaphore::held() const noexcept {
  return holder_ && holder_->hold().held();
}

std::chrono::steady_clock::time_point Semaphore::valid_until() const noexcept {
  return holder_ ? holder_->hold().valid_until() : std::chrono::steady_clock::time_point::min();
}

std::uint64_t Semaphore::fencing_token() const {
  return owned_by(holder_, "Semaphore").hold().fencing_token();
}

const std::string& Semaphore::name() const noexcept {
  static const auto& nothing = *new std::string;  // NOLINT(cppcoreguidelines-owning-memory): never destroyed
  return holder_ ? holder_->hold().name() : nothing;
}

}  // namespace rediscache
