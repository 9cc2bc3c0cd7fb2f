#include "support/memory.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace rediscache::test {
namespace {

// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
constinit thread_local Memory of_this_thread;
std::atomic<unsigned> shortage{0};  // its number, 0 without one
std::atomic<std::size_t> left_in_shortage{0};
std::atomic<bool> shortage_lasts{false};
std::atomic<bool> ran_out_in_shortage{false};
std::atomic<unsigned> shortages{0};
constinit thread_local bool has_begun = false;
constinit thread_local unsigned belongs_to = 0;  // the shortage in which the thread was started
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

/// Gives the thread the memory of the shortage in which it was started, and enough when that is over.
void look_for_shortage(Memory& memory) noexcept {
  const unsigned now = shortage.load();
  if (!has_begun) {
    has_begun = true;
    if (now != 0) {
      belongs_to = now;
      memory = {.left = left_in_shortage, .lasting = shortage_lasts};
    }
  } else if (belongs_to != 0 && belongs_to != now) {
    belongs_to = 0;
    memory = {};
  }
}

void* allocate(std::size_t size) {
  Memory& memory = of_this_thread;
  look_for_shortage(memory);
  if (memory.left == 0) {
    if (belongs_to != 0) {
      ran_out_in_shortage = true;
    }
    memory.ran_out = true;
    if (!memory.lasting) {
      memory.left = Memory::enough;
    }
    throw std::bad_alloc{};
  }
  --memory.left;
  ++memory.allocations;
  void* const room = std::malloc(std::max<std::size_t>(size, 1));  // NOLINT(cppcoreguidelines-no-malloc)
  if (room == nullptr) {
    throw std::bad_alloc{};
  }
  return room;
}

void release(void* room) noexcept {
  std::free(room);  // NOLINT(cppcoreguidelines-no-malloc)
}

}  // namespace

Memory& memory() noexcept {
  has_begun = true;
  return of_this_thread;
}

ShortageInNewThreads::ShortageInNewThreads(std::size_t left, bool lasting) noexcept {
  has_begun = true;
  left_in_shortage = left;
  shortage_lasts = lasting;
  ran_out_in_shortage = false;
  shortage = ++shortages;
}

ShortageInNewThreads::~ShortageInNewThreads() {
  shortage = 0;
}

bool ShortageInNewThreads::ran_out()
    const noexcept {  // NOLINT(readability-convert-member-functions-to-static)
  return ran_out_in_shortage;
}

}  // namespace rediscache::test

// All other forms, but those for over-aligned types, come down to these.
void* operator new(std::size_t size) {
  return rediscache::test::allocate(size);
}
void* operator new[](std::size_t size) {
  return rediscache::test::allocate(size);
}
void operator delete(void* room) noexcept {
  rediscache::test::release(room);
}
void operator delete[](void* room) noexcept {
  rediscache::test::release(room);
}
void operator delete(void* room, std::size_t) noexcept {
  rediscache::test::release(room);
}
void operator delete[](void* room, std::size_t) noexcept {
  rediscache::test::release(room);
}
