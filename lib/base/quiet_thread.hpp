// Threads of the library's own.
#pragma once

#include <csignal>
#include <thread>
#include <utility>

#include <pthread.h>

namespace rediscache::base {

/// While there is one, threads that the calling thread starts take no signals.
class WithoutSignals {
 public:
  WithoutSignals() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

/// Starts a thread in which no signal handler of the program runs: signals are for the program's own threads,
/// which may be waiting for them. std::system_error when the system has no more.
template <class Work>
[[nodiscard]] std::thread quiet_thread(Work&& work) {
  const WithoutSignals here;
  return std::thread{std::forward<Work>(work)};
}

}  // namespace rediscache::base
