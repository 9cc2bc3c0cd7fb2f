// How much of its stack a thread has left.
#pragma once

namespace rediscache::base {

/// Whether the calling thread is near the end of its stack: 16 KiB from it, or a quarter of a smaller stack.
/// For recursion that only the types of a program bound, so that data from outside cannot overflow the stack.
/// False where that is unknown, as on a stack that the program made itself.
[[nodiscard]] bool stack_is_short() noexcept;

}  // namespace rediscache::base
