#include "support/memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace rediscache::test {
namespace {

constinit thread_local Memory of_this_thread;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void* allocate(std::size_t size) {
  Memory& memory = of_this_thread;
  if (memory.left == 0) {
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
  return of_this_thread;
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
