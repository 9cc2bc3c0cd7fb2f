#include "net/tls_sessions.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <openssl/ssl.h>

#include "net/tls_gate.hpp"
#include "net/tls_library.hpp"

namespace rediscache::net {
namespace {

constexpr std::ptrdiff_t most_per_peer = 4;

}  // namespace

void TlsSessionDeleter::operator()(ssl_session_st* session) const noexcept {
  if (tls_library_works()) {
    SSL_SESSION_free(session);
  }
}

TlsSessions::~TlsSessions() {
  const auto pass = TlsGate::of_process().pass();
  entries_.clear();
}

void TlsSessions::add(const std::string& peer, TlsSession session) {
  const auto of_peer = [&](const Entry& entry) { return entry.peer == peer; };
  const std::scoped_lock lock{mutex_};
  if (std::count_if(entries_.begin(), entries_.end(), of_peer) >= most_per_peer) {
    entries_.erase(std::find_if(entries_.begin(), entries_.end(), of_peer));
  }
  entries_.push_back({peer, std::move(session)});
}

TlsSession TlsSessions::take(const std::string& peer) {
  const std::scoped_lock lock{mutex_};
  const auto newest = std::find_if(entries_.rbegin(), entries_.rend(),
                                   [&](const Entry& entry) { return entry.peer == peer; });
  if (newest == entries_.rend()) {
    return nullptr;
  }
  SSL_SESSION* const session = newest->session.get();
  const bool usable = SSL_SESSION_is_resumable(session) != 0;
  if (usable && SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION) {
    SSL_SESSION_up_ref(session);
    return TlsSession{session};
  }
  TlsSession taken = std::move(newest->session);
  entries_.erase(std::next(newest).base());
  return usable ? std::move(taken) : nullptr;
}

}  // namespace rediscache::net
