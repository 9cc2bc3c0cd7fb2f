// Who calls a function later: for programs with an executor of their own that want no thread of ours.
//
//   class OnMyLoop final : public rediscache::Timer {
//    public:
//     void call_at(std::chrono::steady_clock::time_point when, std::function<void()> work) override {
//       my_loop.run_at(when, std::move(work));
//     }
//   };
//   auto lock = cache.lock("rebuild", {.timeout = 10s, .timer = std::make_shared<OnMyLoop>()});
#pragma once

#include <chrono>
#include <functional>

#include <rediscache/export.hpp>

namespace rediscache {

/// Calls functions at points in time.
///
/// Thread safety: call_at() is called from any thread, from within `work` too.
class REDISCACHE_API Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer();

  /// Has `work` called once, at `when` or as soon after it as can be, on any thread, but not from within this
  /// function. `work` throws nothing and may take as long as a call to the server, or as `on_lost`: with
  /// several threads, locks on servers that answer are renewed meanwhile. Work that is dropped, or done too
  /// late, does no harm that goes unnoticed: what should have been renewed is then lost.
  /// May throw, when there is no memory or no thread. A lock is then not acquired, and acquire() throws that;
  /// one that is held is given up after a second in which nothing else was possible.
  virtual void call_at(std::chrono::steady_clock::time_point when, std::function<void()> work) = 0;
};

}  // namespace rediscache
