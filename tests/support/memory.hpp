// What a thread asks for in memory: counted, and refused on request. For programs of their own, since
// memory.cpp replaces operator new in them.
#pragma once

#include <cstddef>
#include <limits>

namespace rediscache::test {

/// Of one thread.
struct Memory {
  static constexpr std::size_t enough = std::numeric_limits<std::size_t>::max();

  std::size_t allocations = 0;  ///< so far
  std::size_t left = enough;    ///< how many allocations succeed before one throws std::bad_alloc
  bool lasting = false;         ///< not only that one but all that follow
  bool ran_out = false;
};

/// The calling thread's.
[[nodiscard]] Memory& memory() noexcept;

/// Threads that are started while it exists begin with that much memory; when it ends, all of them have
/// enough again. One at a time.
class ShortageInNewThreads {
 public:
  ShortageInNewThreads(std::size_t left, bool lasting) noexcept;
  ShortageInNewThreads(const ShortageInNewThreads&) = delete;
  ShortageInNewThreads& operator=(const ShortageInNewThreads&) = delete;
  ~ShortageInNewThreads();

  /// Whether any of them ran out.
  [[nodiscard]] bool ran_out() const noexcept;
};

}  // namespace rediscache::test
