#include "affinity.hpp"

#include <cerrno>
#include <system_error>

namespace bench {

cpu_set_t usable_cpus() {
  cpu_set_t cpus;
  if (::sched_getaffinity(0, sizeof cpus, &cpus) != 0) {
    throw std::system_error{errno, std::generic_category(), "asking for the usable CPUs"};
  }
  return cpus;
}

cpu_set_t last_of(const cpu_set_t& cpus) {
  cpu_set_t last;
  CPU_ZERO(&last);
  for (std::size_t cpu = CPU_SETSIZE; cpu-- > 0;) {
    if (CPU_ISSET(cpu, &cpus)) {
      CPU_SET(cpu, &last);
      break;
    }
  }
  return last;
}

void run_this_thread_on(const cpu_set_t& cpus) {
  if (::sched_setaffinity(0, sizeof cpus, &cpus) != 0) {
    throw std::system_error{errno, std::generic_category(), "pinning to a CPU"};
  }
}

}  // namespace bench
