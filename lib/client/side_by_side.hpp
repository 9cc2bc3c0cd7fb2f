// Several things that wait, done at the same time.
#pragma once

#include <cstddef>
#include <functional>

namespace rediscache::client {

/// Calls `work` with each number below `count`, in the calling thread and as many others as are needed, and
/// returns when all of them have ended. An exception of one ends none of the others; the first is thrown
/// then. Where the system has no more threads, and beyond 32 at a time, one waits for another.
void side_by_side(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace rediscache::client
