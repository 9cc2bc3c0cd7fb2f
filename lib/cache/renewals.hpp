// Renewing what is held.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <rediscache/timer.hpp>

#include "base/deadline.hpp"
#include "base/fork_mutex.hpp"
#include "cache/holding.hpp"

namespace rediscache::cache {

/// Renews what one cache holds, by one timer: all that is due about the same time in one batch. Thread-safe.
class Renewals final : public std::enable_shared_from_this<Renewals> {
 public:
  explicit Renewals(std::shared_ptr<Timer> timer) : timer_{std::move(timer)} {}
  Renewals(const Renewals&) = delete;
  Renewals& operator=(const Renewals&) = delete;
  ~Renewals() = default;

  [[nodiscard]] const std::shared_ptr<Timer>& timer() const noexcept { return timer_; }

  /// From now on it is renewed, or, when it is not to be, found lost when its time is over. Never throws:
  /// without memory or a thread it runs out, as held() tells.
  void add(const std::shared_ptr<Holding>& holding) noexcept;
  /// Its life was changed by the caller.
  void changed(const std::shared_ptr<Holding>& holding) noexcept;
  void remove(const Holding& holding) noexcept;
  /// Does what is due, for the timer.
  void work() noexcept;

 private:
  using Due = std::multimap<base::Clock::time_point, std::shared_ptr<Holding>>;
  struct Taken {
    std::shared_ptr<Holding> holding;
    std::uint32_t revision = 0;
  };

  /// When something is to be done about it first.
  [[nodiscard]] static base::Clock::time_point first_look(const Holding& holding,
                                                          base::Clock::time_point now);
  [[nodiscard]] std::vector<Taken> take_due(base::Clock::time_point now);
  void renew(std::vector<Taken>& taken);
  void put(base::Clock::time_point when, const std::shared_ptr<Holding>& holding);
  /// Has the timer call at the time of the earliest.
  void arm() noexcept;

  const std::shared_ptr<Timer> timer_;
  base::ForkMutex mutex_;
  Due due_;
  std::map<const Holding*, Due::iterator> places_;
  base::Clock::time_point armed_ = base::Clock::time_point::max();
  std::uint64_t armed_generation_ = 0;
};

}  // namespace rediscache::cache
