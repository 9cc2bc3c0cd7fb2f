#include "locks/torture_worker.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto step = 1ms;  // of the work inside

}  // namespace

void TortureWorker::run() {
  while (true) {
    const bool is_last = state_.draining;
    if (turn() && is_last) {
      return;
    }
  }
}

bool TortureWorker::turn() {
  LockOptions options;
  options.timeout = TortureState::lock_timeout;
  options.blocking_timeout = TortureState::blocking_timeout;
  options.on_lost = [this](const LostLock&) { ++state_.counts.lost; };
  const auto taken = to_take(cache_, settings_.kind, options, below(4) == 0);
  if (!acquire(*taken)) {
    return false;
  }
  hold(*taken);
  release(*taken);
  return true;
}

bool TortureWorker::acquire(Taken& taken) {
  const auto due = ticks(steady_clock::now() + TortureState::blocking_timeout);
  state_.due[settings_.holder] = due;
  const std::uint64_t before = state_.highest_token;
  bool acquired = false;
  bool interrupted = false;
  try {
    acquired = taken.acquire();
  } catch (const ConnectionInterrupted&) {
    interrupted = true;
    ++state_.counts.interrupted;
  }
  state_.due[settings_.holder] = 0;
  if (acquired) {
    ++state_.counts.acquired;
    pass_ = {.token = taken.fencing_token(), .alone = taken.alone()};
    learn_validity(taken);
    remember_token();
    if (pass_.token <= before) {
      violation("the token is not higher than " + std::to_string(before) + ", which was given out before");
    }
  } else if (interrupted) {
    std::this_thread::sleep_for(5ms);  // a service would not ask again at once either
  } else {
    ++state_.counts.timed_out;
    if (ticks_now() < due) {
      violation("acquire() gave up before its time was over");
    }
  }
  return acquired;
}

void TortureWorker::hold(Taken& taken) {
  switch (state_.resource.enter(settings_.holder, pass_)) {
    case FencedResource::Entry::refused:
      expect_over("the resource has seen a later token");
      return;
    case FencedResource::Entry::same_token_again:
      violation("two holders have the same token");
      return;
    case FencedResource::Entry::entered:
      break;
  }
  bool asked = true;
  const bool stays = state_.stay.asked.compare_exchange_strong(asked, false);
  const bool is_well = stays ? stay(taken) : work(taken);
  state_.resource.leave(settings_.holder);
  if (!is_well) {
    expect_over("the resource has let somebody else in");
  }
}

bool TortureWorker::use(const Taken& taken) {
  learn_validity(taken);
  return state_.resource.use(settings_.holder, pass_);
}

bool TortureWorker::work(const Taken& taken) {
  // Mostly next to nothing; now and then so long that the lock has to be renewed.
  const std::uint64_t kind = below(100);
  const auto most = static_cast<std::uint64_t>(TortureState::lock_timeout / step);
  const std::uint64_t steps = kind == 0 ? below(2 * most) : kind < 20 ? below(10) : 0;
  for (std::uint64_t i = 0; i < steps && !state_.draining; ++i) {
    if (!use(taken)) {
      return false;
    }
    std::this_thread::sleep_for(step);
  }
  return use(taken);
}

bool TortureWorker::stay(const Taken& taken) {
  state_.stay.process = settings_.process;
  state_.stay.alone = pass_.alone;
  state_.stay.token = pass_.token;
  bool is_well = true;
  while (is_well && !state_.stay.may_go) {
    std::this_thread::sleep_for(step);
    is_well = use(taken);
  }
  is_well = is_well && use(taken);
  state_.stay.outcome = is_well ? Stay::Outcome::left : Stay::Outcome::refused;
  return is_well;
}

void TortureWorker::release(Taken& taken) {
  try {
    taken.release();
  } catch (const LockNotOwnedError&) {
    ++state_.counts.not_owned;
    expect_over("release() says that it is not held");
  } catch (const ConnectionInterrupted&) {
    ++state_.counts.interrupted;
  }
}

void TortureWorker::learn_validity(const Taken& taken) {
  if (taken.held()) {
    pass_.valid_until = std::max(pass_.valid_until, ticks(taken.valid_until()));
  }
}

void TortureWorker::remember_token() {
  const std::size_t place = state_.token_count++;
  if (place < TortureState::most_tokens) {
    state_.tokens[place] = pass_.token;
  }
  std::uint64_t seen = state_.highest_token;
  while (seen < pass_.token && !state_.highest_token.compare_exchange_weak(seen, pass_.token)) {
  }
}

/// What only happens when its time has passed.
void TortureWorker::expect_over(const char* what) {
  const std::int64_t left = pass_.valid_until - ticks_now();
  if (left > 0) {
    violation(std::string{what} + ", with " + std::to_string(left / 1000) + " us of its time left");
  }
}

void TortureWorker::violation(const std::string& what) {
  ++state_.counts.violations;
  std::fprintf(stderr, "violation: process %zu, holder %zu, token %llu: %s\n", settings_.process,
               settings_.holder, static_cast<unsigned long long>(pass_.token), what.c_str());
}

}  // namespace rediscache::test
