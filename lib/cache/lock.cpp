#include <array>
#include <cstdint>
#include <random>
#include <thread>
#include <utility>

#include <rediscache/lock.hpp>

#include "base/log.hpp"
#include "cache/core.hpp"
#include "cache/operations/entries.hpp"
#include "cache/operations/locks.hpp"

namespace rediscache {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// 128 random bits in hexadecimal. From the system, not from a generator: a fork must not repeat them.
std::string new_token() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device random;
  std::string token;
  for (int word = 0; word < 4; ++word) {
    for (std::uint32_t bits = random(), nibble = 0; nibble < 8; ++nibble, bits >>= 4U) {
      token += digits[bits & 0xfU];
    }
  }
  return token;
}

/// Now and `time` from now; as far as the clock goes, when that is beyond it.
steady_clock::time_point in(milliseconds time) {
  const auto now = steady_clock::now();
  return time < std::chrono::duration_cast<milliseconds>(steady_clock::time_point::max() - now)
             ? now + time
             : steady_clock::time_point::max();
}

}  // namespace

Lock::Lock(std::shared_ptr<cache::Core> core, bool strict, std::string_view key, const LockOptions& options)
    : core_{std::move(core)},
      strict_{strict},
      key_{key},
      name_{core_->keys().make(key, options.version).view()},
      options_{options} {
  if (options.timeout && options.timeout->count() <= 0) {
    throw InvalidArgument{"lock: timeout is " + std::to_string(options.timeout->count()) +
                          " ms; it must be more than 0, or nothing for a lock that does not run out"};
  }
  if (options.sleep.count() <= 0) {
    throw InvalidArgument{"lock: sleep must be more than 0 ms"};
  }
}

Lock::Lock(Lock&& other) noexcept
    : core_{std::move(other.core_)},
      strict_{other.strict_},
      key_{std::move(other.key_)},
      name_{std::move(other.name_)},
      options_{other.options_},
      token_{std::exchange(other.token_, {})} {}

Lock& Lock::operator=(Lock&& other) noexcept {
  if (this != &other) {
    unlock();
    core_ = std::move(other.core_);
    strict_ = other.strict_;
    key_ = std::move(other.key_);
    name_ = std::move(other.name_);
    options_ = other.options_;
    token_ = std::exchange(other.token_, {});
  }
  return *this;
}

Lock::~Lock() {
  unlock();
}

bool Lock::acquire() {
  return options_.blocking ? try_until(in(options_.blocking_timeout)) : try_once(strict_);
}

void Lock::lock() {
  if (!try_until(in(options_.blocking_timeout), true)) {
    throw LockError{key_, "the lock was not free within blocking_timeout (" +
                              std::to_string(options_.blocking_timeout.count()) + " ms)"};
  }
}

bool Lock::try_lock() {
  return try_once(strict_);
}

void Lock::unlock() noexcept {
  if (token_.empty()) {
    return;
  }
  try {
    release();
  } catch (const ConnectionInterrupted& error) {
    core_->note(error.failure());
  } catch (const std::exception& error) {
    base::log_error(core_->logger(), error.what());
  }
}

void Lock::release() {
  if (token_.empty()) {
    throw_not_owned();
  }
  // Whatever the answer will be: it is not to be released a second time.
  const std::string token = std::exchange(token_, {});
  const auto released = core_->run(cache::LockScript::release(name_, token), true);
  if (released.value_or(0) != 1) {
    throw_not_owned();
  }
}

bool Lock::extend(milliseconds time, bool replace) {
  return renew(time, replace);
}

bool Lock::reacquire() {
  if (!options_.timeout) {
    throw LockError{key_, "a lock without a timeout has none to go back to"};
  }
  return renew(*options_.timeout, true);
}

bool Lock::renew(milliseconds time, bool replace) {
  if (token_.empty()) {
    throw_not_owned();
  }
  if (!options_.timeout) {
    throw LockError{key_, "a lock without a timeout cannot be extended"};
  }
  const auto renewed = core_->run(cache::LockScript::renew(name_, token_, time, replace), strict_);
  if (!renewed) {
    return false;
  }
  if (*renewed == 0) {
    token_.clear();
    throw_not_owned();
  }
  return *renewed == 1;
}

bool Lock::owned() const {
  if (token_.empty()) {
    return false;
  }
  const auto stored = core_->run(cache::Get{name_}, strict_);
  return stored && *stored == token_;
}

bool Lock::locked() const {
  return core_->run(cache::Exists{name_}, strict_);
}

bool Lock::try_once(bool strict) {
  if (!token_.empty()) {
    throw LockError{key_, "this object holds the lock already; each holder needs an object of its own"};
  }
  std::string token = new_token();
  const bool acquired = core_->run(cache::AcquireLock{name_, token, options_.timeout}, strict);
  if (acquired) {
    token_ = std::move(token);
  }
  return acquired;
}

bool Lock::try_until(steady_clock::time_point until, bool strict) {
  while (!try_once(strict)) {
    const auto next = in(options_.sleep);
    if (next > until) {
      return false;
    }
    std::this_thread::sleep_until(next);
  }
  return true;
}

void Lock::throw_not_owned() const {
  throw LockNotOwnedError{key_,
                          "the lock is not held by this object, or not any more: its timeout passed, or it "
                          "was deleted"};
}

}  // namespace rediscache
