// What became of sending or receiving some bytes.
#pragma once

#include <cstddef>

namespace rediscache::net {

/// How a transfer ended.
struct Transfer {
  enum class Status {
    done,
    would_block,
    timed_out,
    closed,
    broken,
    tls_failed  ///< the socket's tls_failure() says why
  };

  Status status = Status::done;
  std::size_t bytes = 0;  ///< moved, when done
  int error = 0;          ///< errno, when broken
};

}  // namespace rediscache::net
