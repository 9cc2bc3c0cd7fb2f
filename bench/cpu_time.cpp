#include "cpu_time.hpp"

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <unistd.h>

namespace bench {

double cpu_seconds_of(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (const int error = ::clock_getcpuclockid(process, &clock); error != 0) {
    throw std::system_error{error, std::generic_category(), "finding the CPU clock of a process"};
  }
  if (::clock_gettime(clock, &time) != 0) {
    throw std::system_error{errno, std::generic_category(), "reading the CPU clock of a process"};
  }
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

ClientCpu::ClientCpu() {
  const std::string own = std::to_string(::gettid());
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    if (task.path().filename() != own) {
      bystanders_.push_back((task.path() / "schedstat").string());
    }
  }
}

double ClientCpu::seconds() const {
  double seconds = cpu_seconds_of(::getpid());
  for (const std::string& file : bystanders_) {
    double nanoseconds = 0;
    std::ifstream{file} >> nanoseconds;
    seconds -= nanoseconds / 1e9;
  }
  return seconds;
}

}  // namespace bench
