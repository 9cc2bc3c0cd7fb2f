// Children of a test's process.
#pragma once

#include <cerrno>
#include <functional>

#include <gtest/gtest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rediscache::test {

/// Runs `work` in a child, which ends by itself if it hangs, well if that returns true. Gives its id.
[[nodiscard]] inline pid_t in_child(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(30);
    bool good = false;
    try {
      good = work();
    } catch (...) {
    }
    ::_exit(good ? 0 : 1);
  }
  return child;
}

/// Waits for a child; whether it ended well.
[[nodiscard]] inline ::testing::AssertionResult ended_well(pid_t child) {
  int status = 0;
  pid_t waited = -1;
  do {
    waited = ::waitpid(child, &status, 0);
  } while (waited < 0 && errno == EINTR);
  if (waited != child) {
    return ::testing::AssertionFailure() << "there is no child " << child;
  }
  if (WIFSIGNALED(status)) {
    return ::testing::AssertionFailure() << "ended by signal " << WTERMSIG(status);
  }
  return WEXITSTATUS(status) == 0 ? ::testing::AssertionSuccess()
                                  : ::testing::AssertionFailure() << "its work was not right";
}

/// Forks; whether `check` held in the child.
[[nodiscard]] inline ::testing::AssertionResult holds_in_child(const std::function<bool()>& check) {
  return ended_well(in_child(check));
}

}  // namespace rediscache::test
