#include "locks/worker_process.hpp"

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rediscache::test {

using std::chrono::steady_clock;

WorkerProcess::WorkerProcess(const std::vector<std::string>& arguments) : since_{steady_clock::now()} {
  std::vector<std::string> words{"lock_stress"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  const pid_t parent = ::getpid();
  id_ = ::fork();
  if (id_ < 0) {
    throw std::runtime_error{"fork failed"};
  }
  if (id_ == 0) {  // only what is safe in the child of a program with threads
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() == parent) {
      ::execv("/proc/self/exe", pointers.data());
    }
    ::_exit(127);
  }
}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : id_{std::exchange(other.id_, -1)},
      stopped_{other.stopped_},
      status_{other.status_},
      since_{other.since_} {}

WorkerProcess& WorkerProcess::operator=(WorkerProcess&& other) noexcept {
  if (this != &other) {
    kill();
    id_ = std::exchange(other.id_, -1);
    stopped_ = other.stopped_;
    status_ = other.status_;
    since_ = other.since_;
  }
  return *this;
}

void WorkerProcess::kill() noexcept {
  if (id_ < 0) {
    return;
  }
  ::kill(id_, SIGKILL);
  while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
  id_ = -1;
}

void WorkerProcess::stop() {
  ::kill(id_, SIGSTOP);
  int status = 0;
  while (::waitpid(id_, &status, WUNTRACED) < 0 && errno == EINTR) {
  }
  if (!WIFSTOPPED(status)) {  // it has ended meanwhile
    status_ = status;
    id_ = -1;
    throw std::runtime_error{"a process of the torture has ended before it could be stopped"};
  }
  stopped_ = true;
}

void WorkerProcess::resume() {
  ::kill(id_, SIGCONT);
  stopped_ = false;
  since_ = steady_clock::now();
}

bool WorkerProcess::has_ended() {
  if (id_ >= 0 && ::waitpid(id_, &status_, WNOHANG) == id_) {
    id_ = -1;
  }
  return id_ < 0;
}

}  // namespace rediscache::test
