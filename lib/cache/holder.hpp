// What a lock, a semaphore and a shared lock are made of.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/lock_options.hpp>

#include "base/deadline.hpp"
#include "cache/core.hpp"
#include "cache/deferred_release.hpp"
#include "cache/hold_scripts.hpp"
#include "cache/holding.hpp"
#include "cache/operations/holds.hpp"
#include "cache/renewals.hpp"
#include "cache/waiting_room.hpp"

namespace rediscache::cache {

/// Acquires, waits, keeps and releases; the scripts say what. Not thread-safe, as its users are not. Errors
/// and results are those of Lock.
class Holder {
 public:
  using Clock = base::Clock;

  /// `name` is the made key. InvalidArgument for times that make no sense.
  Holder(std::shared_ptr<Core> core, const CallMode& mode, std::string_view key, std::string name,
         const LockOptions& options, std::shared_ptr<const HoldScripts> scripts);
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() { unlock(); }

  [[nodiscard]] bool acquire();
  void lock();
  [[nodiscard]] bool try_once() { return acquire_until(Clock::time_point::min(), mode_); }
  [[nodiscard]] bool try_for(std::chrono::nanoseconds time) {
    return acquire_until(base::saturating_add(Clock::now(), time), mode_);
  }
  void unlock() noexcept;
  void release();
  bool extend(std::chrono::milliseconds time, bool replace);
  bool reacquire();

  [[nodiscard]] bool held() const noexcept;
  [[nodiscard]] Clock::time_point valid_until() const noexcept;
  [[nodiscard]] std::uint64_t fencing_token() const;
  /// Of what it acquired last and has not released; empty otherwise.
  [[nodiscard]] std::string_view token() const noexcept;

  [[nodiscard]] Core& core() const noexcept { return *core_; }
  [[nodiscard]] const CallMode& mode() const noexcept { return mode_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[noreturn]] void throw_not_owned() const;

 private:
  [[nodiscard]] const Wording& wording() const noexcept { return scripts_->wording(); }
  [[nodiscard]] std::string the_noun() const { return "the " + std::string{wording().noun}; }

  /// One acquire() under way. Has what is needed to keep what the server grants, and to give it back.
  struct Trying {
    std::shared_ptr<Holding> holding;
    std::shared_ptr<DeferredRelease> release;
    CallMode mode;
    bool uncertain = false;  ///< the server may have done what it did not answer

    [[nodiscard]] const std::string& token() const noexcept { return holding->terms().token; }
  };

  [[nodiscard]] bool acquire_until(Clock::time_point until, const CallMode& mode);
  [[nodiscard]] Trying prepare(const CallMode& mode);
  /// Of one that acquired nothing.
  void clean_up(const Trying& trying, bool waits) noexcept;
  [[nodiscard]] bool wait(Trying& trying, Attempt attempt, Clock::time_point until);
  [[nodiscard]] Attempt try_now(Trying& trying, bool waits);
  void hold(const Trying& trying, const Attempt& attempt, Clock::time_point sent) noexcept;
  /// The answer of the release: 1, 0 or -1; told to nobody.
  [[nodiscard]] std::int64_t release_now(Holding& holding);
  [[nodiscard]] bool is_kept(const Holding& holding) const noexcept;
  [[nodiscard]] std::vector<std::shared_ptr<net::Subscriber>> subscribers() const;

  const std::shared_ptr<Core> core_;
  const CallMode mode_;
  const std::string key_;   // as the caller names it, for errors
  const std::string name_;  // as the server does
  const LockOptions options_;
  const std::shared_ptr<const HoldScripts> scripts_;
  std::shared_ptr<Renewals> renewals_;
  std::shared_ptr<Holding> holding_;          // until it is released
  std::shared_ptr<DeferredRelease> release_;  // of that
  bool uncertain_ = false;                    // whether an earlier request for it may still be on its way
};

}  // namespace rediscache::cache
