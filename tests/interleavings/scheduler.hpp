// Runs a few threads of a program in every order that matters, one step at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ucontext.h>

namespace rediscache::test {

/// Threads are coroutines here, and a step ends before every access to what they share. A run is a list of
/// choices: which thread goes on. explore() tries all lists in which a thread is interrupted, where it could
/// have gone on, at most so many times; most mistakes need one or two such interruptions.
class Scheduler {
 public:
  using Body = std::function<void()>;

  /// What is true after each run; text means that it was not.
  struct Outcome {
    std::size_t runs = 0;
    std::string failure{};               ///< of the first run that failed
    std::vector<std::size_t> choices{};  ///< that led there
  };

  /// `make` gives the threads of a new run, `check` a complaint about a finished one. Ends with the first
  /// failure or after `most_runs`.
  static Outcome explore(const std::function<std::vector<Body>()>& make,
                         const std::function<std::string()>& check, int most_interruptions,
                         std::size_t most_runs);

  /// Called by threads before each access to shared memory.
  static void step();
  /// Called by threads that can go on only when `condition` holds.
  static void wait_until(std::function<bool()> condition);
  /// One of `count` ways to go on, each of which is tried.
  static std::size_t choose(std::size_t count);
  /// Ends the run: something is wrong.
  static void fail(std::string why);

 private:
  struct Choice {
    std::size_t taken;
    std::size_t count;
    bool free;  // costs no interruption
  };
  struct Thread {
    Body body;
    ucontext_t context{};
    std::unique_ptr<char[]> stack;
    std::function<bool()> waits_for;
    bool finished = false;
  };

  static void enter();
  void run_one(std::vector<Body> bodies);
  void switch_to_scheduler();
  [[nodiscard]] std::size_t decide(std::size_t count, bool costs);
  [[nodiscard]] bool next_choices(int most_interruptions);
  [[nodiscard]] std::vector<std::size_t> runnable() const;

  static thread_local Scheduler* current_;
  std::vector<Thread> threads_;
  std::vector<std::unique_ptr<char[]>> stacks_;
  std::size_t running_ = 0;
  ucontext_t main_{};
  std::vector<Choice> choices_;
  std::size_t position_ = 0;
  std::string failure_;
};

/// Atomics whose every access is a step.
struct SteppedSync {
  template <class T>
  class Atomic {
   public:
    Atomic() = default;
    Atomic(T value) : value_{value} {}
    T load() const {
      Scheduler::step();
      return value_;
    }
    void store(T value) {
      Scheduler::step();
      value_ = value;
    }
    T exchange(T value) {
      Scheduler::step();
      return std::exchange(value_, value);
    }
    bool compare_exchange_strong(T& expected, T value) {
      Scheduler::step();
      if (value_ == expected) {
        value_ = value;
        return true;
      }
      expected = value_;
      return false;
    }
    bool compare_exchange_weak(T& expected, T value) { return compare_exchange_strong(expected, value); }
    T fetch_add(T value) {
      Scheduler::step();
      return std::exchange(value_, static_cast<T>(value_ + value));
    }
    T fetch_sub(T value) {
      Scheduler::step();
      return std::exchange(value_, static_cast<T>(value_ - value));
    }
    T fetch_or(T value) {
      Scheduler::step();
      return std::exchange(value_, static_cast<T>(value_ | value));
    }
    T fetch_and(T value) {
      Scheduler::step();
      return std::exchange(value_, static_cast<T>(value_ & value));
    }
    /// A look that is no step, for conditions.
    [[nodiscard]] T peek() const { return value_; }

   private:
    T value_{};
  };
};

}  // namespace rediscache::test
