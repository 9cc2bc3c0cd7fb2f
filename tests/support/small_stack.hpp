// Threads with little stack, as servers with many threads have them.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>

#include <gtest/gtest.h>
#include <pthread.h>

namespace rediscache::test {

/// Runs `work` to its end on a thread with that much stack. What it throws fails the test.
inline void run_on_small_stack(const std::function<void()>& work, std::size_t stack_bytes = 64 * 1024) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, stack_bytes), 0);
  pthread_t thread{};
  const int started = pthread_create(
      &thread, &attributes,
      [](void* given) -> void* {
        try {
          (*static_cast<const std::function<void()>*>(given))();
        } catch (const std::exception& error) {
          ADD_FAILURE() << "threw " << error.what();
        }
        return nullptr;
      },
      const_cast<std::function<void()>*>(&work));
  pthread_attr_destroy(&attributes);
  ASSERT_EQ(started, 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
}

}  // namespace rediscache::test
