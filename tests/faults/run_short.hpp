// Calls that run out of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>

#include "support/memory.hpp"

namespace rediscache::test {

/// What became of a call when allocation number `number` failed.
enum class Ending : std::uint8_t { succeeded, out_of_memory, never_came_to_it };

inline Ending run_short(std::size_t number, bool lasting, const std::function<void()>& call) {
  struct Restore {
    ~Restore() { memory() = {}; }
  } const restore;
  memory() = {.left = number, .lasting = lasting};
  try {
    call();
  } catch (const std::bad_alloc&) {
    return Ending::out_of_memory;
  }
  return memory().ran_out ? Ending::succeeded : Ending::never_came_to_it;
}

}  // namespace rediscache::test
