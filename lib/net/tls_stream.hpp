// One TLS connection on a connected socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <rediscache/error.hpp>

#include "base/deadline.hpp"
#include "base/result.hpp"
#include "net/transfer.hpp"

namespace rediscache::net {

class TlsContext;

/// The transfers of a Socket, encrypted. Works on a descriptor that it does not own and that must outlive it.
/// Not thread-safe; but after share() one thread may send, without waiting, while another one receives.
///
/// Nothing is said when it ends: a reply has its length, so that nobody takes one that was cut off for whole.
class TlsStream {
 public:
  /// Shakes hands. `host` is what the URL names; the certificate must be for it, or for what the options name
  /// instead.
  [[nodiscard]] static base::Result<std::unique_ptr<TlsStream>> connect(TlsContext& context, int fd,
                                                                        const std::string& host,
                                                                        std::uint16_t port,
                                                                        base::Deadline deadline);

  /// The same in steps that do not wait: continue_handshake() tells what to poll() for before it is called
  /// again, 0 when the handshake is over. Until then nothing may be transferred.
  [[nodiscard]] static base::Result<std::unique_ptr<TlsStream>> begin(TlsContext& context, int fd,
                                                                      const std::string& host,
                                                                      std::uint16_t port);
  [[nodiscard]] base::Result<short> continue_handshake();

  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  ~TlsStream();

  /// From now on there may be a sender and a receiver: OpenSSL is under a lock, and all waiting is outside of
  /// it.
  void share();

  [[nodiscard]] Transfer send(std::span<const std::string_view> pieces, base::Deadline deadline);
  /// When it would block, the next call must offer at least the same bytes, be it elsewhere in memory.
  [[nodiscard]] Transfer try_send(std::span<const std::string_view> pieces);
  [[nodiscard]] Transfer receive(std::span<char> space, base::Deadline deadline);
  [[nodiscard]] Transfer try_receive(std::span<char> space);
  /// Returns at once while there are bytes that were received and not yet asked for.
  [[nodiscard]] Transfer wait_for_either(base::Deadline deadline);
  /// The events of poll() that the next receive, or send, waits for: OpenSSL may have to send before it can
  /// receive, and to receive before it can send.
  [[nodiscard]] short events_to_receive() const;
  [[nodiscard]] short events_to_send() const;
  [[nodiscard]] bool quiet_and_open() noexcept;

  /// Never touches the descriptor again: it is being closed, and its number may soon be somebody else's.
  void let_go() noexcept;

  /// Why a transfer ended with tls_failed.
  [[nodiscard]] std::optional<Failure> failure() const;
  /// Whether the handshake was shortened by what an earlier connection had agreed on.
  [[nodiscard]] bool resumed() const noexcept;

 private:
  struct State;
  struct Sharing;

  explicit TlsStream(std::unique_ptr<State> state) noexcept;
  [[nodiscard]] std::unique_lock<std::mutex> lock() const;
  [[nodiscard]] bool nothing_came() noexcept;
  /// How long a transfer waits, and how it ends then.
  struct WaitLimit {
    base::Deadline until;
    Transfer::Status otherwise;
  };
  template <class ReceiveMore>
  [[nodiscard]] Transfer receive_shared(std::span<char> space, WaitLimit limit, ReceiveMore receive_more);

  std::unique_ptr<State> state_;
};

/// Why an address does not do when the handshake with it did not end in time.
[[nodiscard]] Failure tls_timeout();

}  // namespace rediscache::net
