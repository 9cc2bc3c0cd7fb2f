// The descriptor under a TLS connection, as OpenSSL sees it.
#pragma once

#include <string_view>

#include "base/deadline.hpp"

struct bio_st;

namespace rediscache::net {

/// What the BIO of a connection works on and what it has seen. OpenSSL's own socket BIO would raise SIGPIPE
/// when the server has gone, and knows no deadlines.
struct TlsWire {
  int fd = -1;  ///< not owned
  /// Until when a transfer may block, in slices of a second; null: it never does. A transfer that has less
  /// than a slice to go does not block either: who waits polls.
  const base::Deadline* until = nullptr;
  bool blocked = false;  ///< the last transfer found nothing to read, or no room
  bool closed = false;   ///< the peer has closed its side
  int error = 0;         ///< errno of the transfer that broke the connection
  int first_byte = -1;   ///< the first that the server sent
  /// Where two threads share a connection, what OpenSSL reads was received before, without it.
  bool reads_staged_only = false;
  std::string_view staged{};
};

/// A BIO on `wire`, which must outlive it. Null when there is no memory.
[[nodiscard]] bio_st* make_bio(TlsWire& wire) noexcept;

}  // namespace rediscache::net
