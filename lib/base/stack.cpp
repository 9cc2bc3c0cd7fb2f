#include "base/stack.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <pthread.h>

namespace rediscache::base {
namespace {

struct StackBounds {
  std::uintptr_t begin = 0;  // the end that it grows to
  std::uintptr_t end = 0;
  bool known = false;
};

StackBounds bounds_of_this_thread() noexcept {
  StackBounds bounds{.known = true};
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    void* begin = nullptr;
    std::size_t size = 0;
    if (pthread_attr_getstack(&attributes, &begin, &size) == 0) {
      bounds.begin = reinterpret_cast<std::uintptr_t>(begin);
      bounds.end = bounds.begin + size;
    }
    pthread_attr_destroy(&attributes);
  }
  return bounds;
}

}  // namespace

bool stack_is_short() noexcept {
  constexpr std::size_t reserve = std::size_t{16} * 1024;  // to throw an exception, and to tell what is wrong
  static thread_local StackBounds bounds;  // has no destructor: this may be asked while the thread ends
  if (!bounds.known) {
    bounds = bounds_of_this_thread();
  }
  // Not the address of a variable, which AddressSanitizer may keep elsewhere.
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  return here >= bounds.begin && here < bounds.end &&
         here - bounds.begin < std::min<std::size_t>(reserve, (bounds.end - bounds.begin) / 4);
}

}  // namespace rediscache::base
