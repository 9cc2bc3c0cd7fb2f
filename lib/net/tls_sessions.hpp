// Sessions to resume, so that a second connection to a server costs less than the first.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct ssl_session_st;

namespace rediscache::net {

struct TlsSessionDeleter {
  void operator()(ssl_session_st* session) const noexcept;
};
using TlsSession = std::unique_ptr<ssl_session_st, TlsSessionDeleter>;

/// The newest few sessions with each peer. A session stands for a certificate that was checked against one
/// name: it is only ever offered to the peer it came from. Thread-safe.
class TlsSessions {
 public:
  TlsSessions() = default;
  TlsSessions(const TlsSessions&) = delete;
  TlsSessions& operator=(const TlsSessions&) = delete;
  ~TlsSessions();

  void add(const std::string& peer, TlsSession session);
  /// The newest session with the peer, or null. One of TLS 1.3 is given once, so that nobody who listens can
  /// tell that two connections are the same client's.
  [[nodiscard]] TlsSession take(const std::string& peer);

 private:
  struct Entry {
    std::string peer;
    TlsSession session;
  };

  std::mutex mutex_;
  std::vector<Entry> entries_;  // the oldest first
};

}  // namespace rediscache::net
