// Releasing in the background what the caller could not.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include <rediscache/timer.hpp>

#include "base/timer_thread.hpp"
#include "cache/hold_scripts.hpp"

namespace rediscache::cache {

class Core;

/// Has the server told, in the background and for a while, that a token has nothing any more: after a call of
/// which nobody knows whether it was executed. Made before that call, so that it can begin without memory.
class DeferredRelease final : public base::TimerTask, public std::enable_shared_from_this<DeferredRelease> {
 public:
  struct What {
    std::weak_ptr<Core> core{};      ///< without the cache there is nobody to do it
    std::shared_ptr<Timer> timer{};  ///< null: the process's own
    std::shared_ptr<const HoldScripts> scripts{};
    std::string name{};
    std::string token{};
    bool fair = false;
  };

  explicit DeferredRelease(What what);

  /// At once, on the timer.
  void begin() noexcept { call_in(std::chrono::milliseconds{0}); }
  void run() noexcept override;

 private:
  void call_in(std::chrono::milliseconds wait) noexcept;
  void ask(Core& core);
  void try_again() noexcept;

  const What what_;
  const std::shared_ptr<base::TimerThread> thread_;  // null with another timer
  std::size_t failed_ = 0;
  std::size_t answered_ = 0;
};

/// One that is made when it is needed. Without memory it is only logged.
void defer_release(const std::shared_ptr<Core>& core, const std::shared_ptr<Timer>& timer,
                   const std::shared_ptr<const HoldScripts>& scripts, const std::string& name,
                   const std::string& token) noexcept;

}  // namespace rediscache::cache
