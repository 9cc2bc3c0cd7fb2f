// Who of many threads writes to a connection, who reads from it, and who waits: the part without locks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rediscache::net {

/// What is known of a call, in one word, so that two who want to change it cannot both succeed.
namespace slot_bits {
inline constexpr std::uint32_t sleeping = 1;    ///< its caller sleeps and must be woken
inline constexpr std::uint32_t lead = 2;        ///< its caller shall read
inline constexpr std::uint32_t write = 4;       ///< its caller shall write
inline constexpr std::uint32_t done = 8;        ///< it is over; everything in it is its caller's again
inline constexpr std::uint32_t sent = 16;       ///< some of it may have gone out
inline constexpr std::uint32_t abandoned = 32;  ///< its caller has left; everything in it is the connection's
}  // namespace slot_bits

/// What Roles needs of a call. Calls derive from it.
template <class Sync>
struct RoleSlot {
  typename Sync::template Atomic<std::uint32_t> state{0};
  RoleSlot* next = nullptr;  // in the queue of those not sent
};

/// Calls wait in a queue until a writer takes all of them, are in flight in the order they were sent, and
/// leave as they are answered. At most one thread is the writer and at most one the reader; both roles pass
/// from thread to thread, and none is lost:
///
/// - Whoever adds to an empty queue that has no writer is the writer. A writer leaves only when the queue is
/// empty.
/// - Whoever appends to what is in flight when nothing was, or when nobody reads, has to find a reader. A
/// reader
///   leaves only by completing the last call or by making another call's thread the reader; when every caller
///   in flight has gone, it leaves a mark, and the next to append has to find a reader.
/// - A writer that has too much outstanding may stall: it leaves with calls in the queue, and the reader goes
/// on with
///   them when it has completed something, or lets one of their callers do so.
///
/// `Sync` gives the atomics, so that a test can run every interleaving. All are sequentially consistent: both
/// marks (stalled and nobody reads) are set by one side and then the other side is looked at.
template <class Sync, std::size_t capacity_>
class Roles {
 public:
  using Slot = RoleSlot<Sync>;
  template <class T>
  using Atomic = typename Sync::template Atomic<T>;
  static constexpr std::size_t capacity = capacity_;

  // ---- Anybody

  /// True: there was no writer and nothing in the queue; the caller is the writer now.
  [[nodiscard]] bool try_write() noexcept {
    Slot* nobody = nullptr;
    return head_.compare_exchange_strong(nobody, writing());
  }
  /// Adds a call to the queue. True: the caller is the writer now.
  [[nodiscard]] bool enqueue(Slot& slot) noexcept {
    Slot* old = head_.load();
    do {
      slot.next = old == writing() ? nullptr : old;
    } while (!head_.compare_exchange_weak(old, &slot));
    return old == nullptr;
  }
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_.load() & count_mask; }
  /// Nobody writes or reads, and nothing is queued.
  [[nodiscard]] bool quiet() const noexcept { return head_.load() == nullptr && in_flight() == 0; }
  /// Exactly one call is about, as far as can be seen: being sent, or in flight.
  [[nodiscard]] bool has_lone_call() const noexcept {
    const Slot* const head = head_.load();
    const std::size_t sent = in_flight();
    return (head == nullptr && sent == 1) || (head == &writing_ && sent <= 1);
  }

  /// The caller of a call leaves it. False when it is done, or has a role to play first. True: it is the
  /// connection's from now on; `state` tells whether it was sent.
  [[nodiscard]] static bool abandon(Slot& slot, std::uint32_t& state) noexcept {
    state = slot.state.load();
    do {
      if ((state & (slot_bits::done | slot_bits::lead | slot_bits::write)) != 0) {
        return false;
      }
    } while (!slot.state.compare_exchange_weak(state, state | slot_bits::abandoned));
    return true;
  }

  // ---- The writer

  /// All that are queued, linked by `next` in the order they came.
  [[nodiscard]] Slot* take() noexcept {
    Slot* taken = head_.exchange(writing());
    Slot* first = nullptr;
    while (taken != nullptr && taken != writing()) {
      Slot* const next = taken->next;
      taken->next = first;
      first = taken;
      taken = next;
    }
    return first;
  }
  /// Ends the role. False: more was queued meanwhile, and the caller is still the writer.
  [[nodiscard]] bool leave() noexcept {
    Slot* expected = writing();
    return head_.compare_exchange_strong(expected, nullptr);
  }
  /// Marks a call as about to be sent. False: its caller has gone, and it is the writer's to destroy.
  [[nodiscard]] static bool claim(Slot& slot) noexcept {
    return (slot.state.fetch_or(slot_bits::sent) & slot_bits::abandoned) == 0;
  }
  /// The calls that are sent next. True: nobody reads, and whoever called this has to find a reader or be it.
  [[nodiscard]] bool append(Slot& slot) noexcept {
    ring_[appended_++ % capacity] = &slot;
    const std::uint64_t old = in_flight_.fetch_add(1);
    if ((old & nobody_reads) != 0) {
      in_flight_.fetch_and(count_mask);
      return true;
    }
    return old == 0;
  }
  /// One more send() is on its way.
  void sent() noexcept { outstanding_.fetch_add(1); }
  [[nodiscard]] bool too_many_outstanding(int depth) const noexcept { return outstanding_.load() >= depth; }
  /// Leaves with calls in the queue. False: the caller is still the writer, for nobody would go on.
  [[nodiscard]] bool stall(int depth) noexcept {
    stalled_.store(true);
    const bool somebody_will = too_many_outstanding(depth) && (in_flight_.load() & nobody_reads) == 0;
    return somebody_will || !stalled_.exchange(false);
  }
  /// True: the writer had stalled, and the caller, who reads, is the writer now.
  [[nodiscard]] bool resume() noexcept { return stalled_.load() && stalled_.exchange(false); }

  /// Gives the role to the caller in the queue that came last, if it does not sleep. False: it does, or has
  /// left, or there is none, and who called this is still the writer.
  [[nodiscard]] bool pass_writing() noexcept {
    Slot* const newest = head_.load();  // stays: only a writer takes it out
    if (newest == writing()) {
      return false;
    }
    std::uint32_t state = newest->state.load();
    do {
      if ((state & (slot_bits::abandoned | slot_bits::sleeping)) != 0) {
        return false;
      }
    } while (!newest->state.compare_exchange_weak(state, state | slot_bits::write));
    return true;
  }

  // ---- The reader

  /// The call whose reply comes next; there must be one in flight.
  [[nodiscard]] Slot& front() const noexcept { return *ring_[completed_ % capacity]; }
  /// That call is over. Everything in it is its caller's again once this returns true; when it returns false,
  /// the caller has gone, and it is the reader's to destroy. `wake` tells whether somebody sleeps on it. Does
  /// not yet count: see completed().
  [[nodiscard]] bool complete_front(bool& wake) noexcept {
    const std::uint32_t old = front().state.fetch_or(slot_bits::done);
    ++completed_;
    wake = (old & slot_bits::sleeping) != 0;
    return (old & slot_bits::abandoned) == 0;
  }
  /// So many calls were completed. How many are in flight still: with 0 the role is over.
  std::size_t completed(std::size_t calls) noexcept {
    return (in_flight_.fetch_sub(calls) & count_mask) - calls;
  }
  /// So many sends were answered whole.
  void answered(int sends) noexcept { outstanding_.fetch_sub(sends); }

  /// Gives the role to the oldest call in flight whose caller is still there: that, to be woken if `wake`.
  /// Nothing when all have gone: then nobody reads until something is appended.
  [[nodiscard]] Slot* elect(bool& wake) noexcept {
    while (true) {
      const std::uint64_t seen = in_flight_.load();
      for (std::size_t i = 0; i < (seen & count_mask); ++i) {
        Slot& slot = *ring_[(completed_ + i) % capacity];
        std::uint32_t state = slot.state.load();
        while ((state & slot_bits::abandoned) == 0) {
          if (slot.state.compare_exchange_weak(state, state | slot_bits::lead)) {
            wake = (state & slot_bits::sleeping) != 0;
            return &slot;
          }
        }
      }
      std::uint64_t expected = seen;
      if (in_flight_.compare_exchange_strong(expected, seen | nobody_reads)) {
        return nullptr;
      }
    }
  }
  /// Takes the role when nobody has it although calls are in flight. For the writer only.
  [[nodiscard]] bool take_over() noexcept { return (in_flight_.fetch_and(count_mask) & nobody_reads) != 0; }
  [[nodiscard]] bool nobody_is_reading() const noexcept { return (in_flight_.load() & nobody_reads) != 0; }

  /// In the child of a fork: whoever had a role, or a call, does not exist.
  void forget_all() noexcept {
    head_.store(nullptr);
    in_flight_.store(0);
    outstanding_.store(0);
    stalled_.store(false);
    completed_ = appended_;
  }

 private:
  static constexpr std::uint64_t nobody_reads = std::uint64_t{1} << 63U;
  static constexpr std::uint64_t count_mask = nobody_reads - 1;

  /// Stands for "there is a writer, and nothing is queued".
  [[nodiscard]] Slot* writing() noexcept { return &writing_; }

  Slot writing_;
  Atomic<Slot*> head_{nullptr};  // null: no writer, nothing queued; else what is queued, the newest first
  Atomic<std::uint64_t> in_flight_{0};
  Atomic<int> outstanding_{0};
  Atomic<bool> stalled_{false};
  std::array<Slot*, capacity> ring_{};  // in flight: from completed_ to appended_
  std::size_t appended_ = 0;            // the writer's
  std::size_t completed_ = 0;           // the reader's
};

}  // namespace rediscache::net
