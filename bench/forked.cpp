#include "forked.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <system_error>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {
namespace {

std::array<int, 2> pipe_of() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) {
    throw std::system_error{errno, std::generic_category(), "making a pipe"};
  }
  return ends;
}

[[noreturn]] void obey(const Forked::Work& work, int orders, int answers) {
  try {
    char order = 0;
    while (::read(orders, &order, 1) == 1) {
      const std::int64_t answer = work(order);
      if (::write(answers, &answer, sizeof answer) != ssize_t{sizeof answer}) {
        break;
      }
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "the other process: %s\n", error.what());
  }
  ::_exit(1);  // what it inherited is not its own to take down
}

}  // namespace

Forked::Forked(const Work& work) {
  const auto orders = pipe_of();
  const auto answers = pipe_of();
  const pid_t parent = ::getpid();
  id_ = ::fork();
  if (id_ < 0) {
    throw std::system_error{errno, std::generic_category(), "starting another process"};
  }
  if (id_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
      ::_exit(1);
    }
    ::close(orders[1]);
    ::close(answers[0]);
    obey(work, orders[0], answers[1]);
  }
  ::close(orders[0]);
  ::close(answers[1]);
  orders_ = orders[1];
  answers_ = answers[0];
}

Forked::~Forked() {
  ::kill(id_, SIGKILL);
  while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
  ::close(orders_);
  ::close(answers_);
}

void Forked::tell(char order) const {
  if (::write(orders_, &order, 1) != 1) {
    throw std::system_error{errno, std::generic_category(), "telling the other process"};
  }
}

std::int64_t Forked::answer() const {
  std::int64_t answer = 0;
  if (::read(answers_, &answer, sizeof answer) != ssize_t{sizeof answer}) {
    throw std::runtime_error{"the other process has ended"};
  }
  return answer;
}

}  // namespace bench
