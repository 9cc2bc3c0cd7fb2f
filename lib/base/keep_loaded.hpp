// Code that threads run must not be unloaded.
#pragma once

namespace rediscache::base {

/// Keeps the shared object that this code is in, the library or a plug-in that links it statically, in memory
/// until the process ends: from then on dlclose() leaves it loaded. For code that threads may run which no
/// destructor waits for. Without effect in a program. Thread-safe, and quick after the first
/// time. Not to be called under a lock: another thread may be loading something, and wait for that lock.
void keep_loaded() noexcept;

}  // namespace rediscache::base
