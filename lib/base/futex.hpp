// Sleeping until a word in memory changes, with a deadline, which std::atomic::wait has not.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/deadline.hpp"

namespace rediscache::base {

/// Sleeps while `word` is `expected`, until it is woken or the deadline passes; may also return for no
/// reason.
void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected, Deadline deadline) noexcept;

/// Wakes one, or all, of those who sleep on the word. It need not exist any more: its address is all that is
/// used.
void futex_wake(const std::atomic<std::uint32_t>& word) noexcept;
void futex_wake_all(const std::atomic<std::uint32_t>& word) noexcept;

}  // namespace rediscache::base
