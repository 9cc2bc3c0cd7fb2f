#include "interleavings/scheduler.hpp"

#include <algorithm>
#include <utility>

namespace rediscache::test {
namespace {

constexpr std::size_t stack_bytes = 128 * 1024;

}  // namespace

thread_local Scheduler* Scheduler::current_ = nullptr;

Scheduler::Outcome Scheduler::explore(const std::function<std::vector<Body>()>& make,
                                      const std::function<std::string()>& check, int most_interruptions,
                                      std::size_t most_runs) {
  Scheduler scheduler;
  current_ = &scheduler;
  Outcome outcome;
  do {
    scheduler.run_one(make());
    ++outcome.runs;
    if (scheduler.failure_.empty()) {
      scheduler.failure_ = check();
    }
    if (!scheduler.failure_.empty()) {
      outcome.failure = scheduler.failure_;
      for (const Choice& choice : scheduler.choices_) {
        outcome.choices.push_back(choice.taken);
      }
      break;
    }
  } while (outcome.runs < most_runs && scheduler.next_choices(most_interruptions));
  current_ = nullptr;
  return outcome;
}

void Scheduler::run_one(std::vector<Body> bodies) {
  position_ = 0;
  failure_.clear();
  threads_.clear();
  threads_.resize(bodies.size());
  while (stacks_.size() < bodies.size()) {
    stacks_.push_back(std::make_unique<char[]>(stack_bytes));
  }
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    Thread& thread = threads_[i];
    thread.body = std::move(bodies[i]);
    ::getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = stacks_[i].get();
    thread.context.uc_stack.ss_size = stack_bytes;
    thread.context.uc_link = &main_;
    ::makecontext(&thread.context, &Scheduler::enter, 0);
  }
  running_ = bodies.size();  // nobody yet
  while (failure_.empty()) {
    const std::vector<std::size_t> ready = runnable();
    if (ready.empty()) {
      if (std::any_of(threads_.begin(), threads_.end(),
                      [](const Thread& thread) { return !thread.finished; })) {
        failure_ = "everybody waits";
      }
      return;
    }
    // Whoever is running goes on, unless it is interrupted.
    const auto same = std::find(ready.begin(), ready.end(), running_);
    const bool interrupts = same != ready.end();
    std::vector<std::size_t> order = ready;
    if (interrupts) {
      std::rotate(order.begin(), order.begin() + (same - ready.begin()),
                  order.begin() + (same - ready.begin()) + 1);
    }
    running_ = order[decide(order.size(), interrupts)];
    ::swapcontext(&main_, &threads_[running_].context);
  }
}

void Scheduler::enter() {
  Scheduler& self = *current_;
  Thread& thread = self.threads_[self.running_];
  thread.body();
  thread.finished = true;
}

std::vector<std::size_t> Scheduler::runnable() const {
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    if (!threads_[i].finished && (!threads_[i].waits_for || threads_[i].waits_for())) {
      ready.push_back(i);
    }
  }
  return ready;
}

std::size_t Scheduler::decide(std::size_t count, bool costs) {
  if (count == 1) {
    return 0;
  }
  if (position_ == choices_.size()) {
    choices_.push_back({.taken = 0, .count = count, .free = !costs});
  }
  return choices_[position_++].taken;
}

/// The next list of choices: the last one that has another way, with everything behind it forgotten.
bool Scheduler::next_choices(int most_interruptions) {
  while (!choices_.empty()) {
    Choice& last = choices_.back();
    ++last.taken;
    const auto interruptions = std::count_if(choices_.begin(), choices_.end(), [](const Choice& choice) {
      return !choice.free && choice.taken > 0;
    });
    if (last.taken < last.count && interruptions <= most_interruptions) {
      return true;
    }
    choices_.pop_back();
  }
  return false;
}

void Scheduler::switch_to_scheduler() {
  ::swapcontext(&threads_[running_].context, &main_);
}

void Scheduler::step() {
  if (current_ != nullptr && current_->running_ < current_->threads_.size()) {
    current_->switch_to_scheduler();
  }
}

void Scheduler::wait_until(std::function<bool()> condition) {
  Thread& thread = current_->threads_[current_->running_];
  thread.waits_for = std::move(condition);
  current_->switch_to_scheduler();
  current_->threads_[current_->running_].waits_for = nullptr;
}

std::size_t Scheduler::choose(std::size_t count) {
  return current_->decide(count, false);
}

void Scheduler::fail(std::string why) {
  current_->failure_ = std::move(why);
  current_->switch_to_scheduler();  // never to come back
}

}  // namespace rediscache::test
