#include "cache/deferred_release.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "cache/core.hpp"
#include "cache/hurried_link.hpp"
#include "cache/locking.hpp"
#include "cache/operations/holds.hpp"

namespace rediscache::cache {
namespace {

using std::chrono::milliseconds;

// A request that nobody waits for any more may reach the server after the one that lets go: it is asked
// again.
constexpr std::array<milliseconds, 2> asked_again{milliseconds{1000}, milliseconds{5000}};
constexpr std::size_t most_failures = 30;
constexpr milliseconds longest_pause{5000};
/// A server that does not answer must not take threads from the renewals on others.
constexpr int most_at_once = 2;
constexpr milliseconds time_for_an_answer{1000};

std::shared_ptr<base::TimerThread> thread_of(const std::shared_ptr<Timer>& timer) {
  return timer ? std::dynamic_pointer_cast<base::TimerThread>(timer) : base::process_timer();
}

}  // namespace

DeferredRelease::DeferredRelease(What what) : what_{std::move(what)}, thread_{thread_of(what_.timer)} {
  if (thread_) {
    thread_->catch_up();
  }
}

void DeferredRelease::run() noexcept {
  const auto core = what_.core.lock();
  if (!core) {
    return;
  }
  std::atomic<int>& releasing = core->locking().counts().releasing;
  if (releasing.fetch_add(1) < most_at_once) {
    try {
      ask(*core);
    } catch (...) {  // no memory or no thread
      try_again();
    }
  } else {
    call_in(milliseconds{50});
  }
  releasing.fetch_sub(1);
}

void DeferredRelease::ask(Core& core) {
  AskHold operation{what_.name, what_.scripts->leave(what_.token, what_.fair), CommandKind::idempotent_write};
  HurriedLink link{core, base::Clock::now() + time_for_an_answer};
  const auto answer = drive(link, operation);
  if (!answer) {
    try_again();
  } else if (answer.value().value_or(0) != 1 && answered_ < asked_again.size()) {
    call_in(asked_again.at(answered_++));
  }
}

void DeferredRelease::try_again() noexcept {
  if (++failed_ < most_failures) {
    call_in(std::min(milliseconds{100} * (1 << std::min<std::size_t>(failed_, 6)), longest_pause));
  }
}

void DeferredRelease::call_in(milliseconds wait) noexcept {
  const auto when = base::Clock::now() + wait;
  if (thread_) {
    thread_->schedule(shared_from_this(), when);
    return;
  }
  try {
    try {
      what_.timer->call_at(when, [self = shared_from_this()] { self->run(); });
    } catch (const std::exception&) {
      base::process_timer()->schedule(shared_from_this(), when);
    }
  } catch (const std::exception& error) {
    if (const auto core = what_.core.lock()) {
      base::log_error(core->logger(), error.what());
    }
  }
}

void defer_release(const std::shared_ptr<Core>& core, const std::shared_ptr<Timer>& timer,
                   const std::shared_ptr<const HoldScripts>& scripts, const std::string& name,
                   const std::string& token) noexcept {
  try {
    std::make_shared<DeferredRelease>(
        DeferredRelease::What{.core = core, .timer = timer, .scripts = scripts, .name = name, .token = token})
        ->begin();
  } catch (const std::exception& error) {
    base::log_error(core->logger(), error.what());
  }
}

}  // namespace rediscache::cache
