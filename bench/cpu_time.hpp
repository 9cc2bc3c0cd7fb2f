// CPU time used by the client and by the server.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace bench {

/// Used by all threads of that process so far, in seconds. Throws when there is no such process.
[[nodiscard]] double cpu_seconds_of(pid_t process);

/// CPU time of this process without the threads that ran beside the calling one when the object was made: a
/// proxy between client and server is not part of the client.
class ClientCpu {
 public:
  ClientCpu();
  /// So far, in seconds.
  [[nodiscard]] double seconds() const;

 private:
  std::vector<std::string> bystanders_;  // their schedstat files
};

}  // namespace bench
