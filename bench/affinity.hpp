// Which CPUs client and server run on.
#pragma once

#include <sched.h>

namespace bench {

/// The CPUs this process may use. Ask before pinning.
[[nodiscard]] cpu_set_t usable_cpus();
/// The last of them: interrupts mostly go to the first.
[[nodiscard]] cpu_set_t last_of(const cpu_set_t& cpus);
/// For the calling thread and those it starts from now on.
void run_this_thread_on(const cpu_set_t& cpus);

}  // namespace bench
