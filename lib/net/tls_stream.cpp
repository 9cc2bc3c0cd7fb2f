#include "net/tls_stream.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/plain_transfer.hpp"
#include "net/readiness.hpp"
#include "net/tls_gate.hpp"
#include "net/tls_handshake.hpp"
#include "net/tls_library.hpp"

namespace rediscache::net {
namespace {

using Status = Transfer::Status;

/// So much goes into one record.
constexpr std::size_t most_in_a_record = 16 * 1024;
/// Records without data (tickets, new keys) that one look goes through.
constexpr int most_records_passed = 32;

/// A thread's first use of OpenSSL's errors enters it in a list that has a lock.
void forget_errors() {
  thread_local bool is_known = false;
  if (is_known) [[likely]] {
    ERR_clear_error();
    return;
  }
  const auto pass = TlsGate::of_process().pass();
  ERR_clear_error();
  is_known = true;
}

}  // namespace

struct TlsStream::State : TlsConnection {
  using TlsConnection::TlsConnection;

  [[nodiscard]] Transfer read(std::span<char> space);
  [[nodiscard]] Transfer write(std::span<const std::string_view> pieces);
  [[nodiscard]] Transfer result_of(int returned, std::size_t bytes);
  [[nodiscard]] Transfer try_read(std::span<char> space);
  [[nodiscard]] Transfer over();
  template <class Once>
  [[nodiscard]] Transfer until(base::Deadline deadline, Once transfer);
  [[nodiscard]] bool has_bytes() const noexcept;
  [[nodiscard]] TlsGate::Pass pass_if_young() const;

  /// Small pieces on their way into one record.
  std::array<char, most_in_a_record> staging;  // NOLINT: filled before it is read
  std::size_t unsent = 0;                      // of the record that OpenSSL could not write
  short write_wants = POLLOUT;                 // what the last write that moved nothing waits for
  short read_wants = POLLIN;                   // the same of a read: OpenSSL may have to send first
  bool young = true;                 // no data came yet, and with the first the server sends tickets
  bool input_exhausted = true;       // the last read ended because the descriptor had no more
  std::unique_ptr<Sharing> sharing;  // null: one thread does everything
};

/// What two threads need to use one stream.
struct TlsStream::Sharing {
  std::mutex mutex;                                // around all of OpenSSL
  std::array<char, 2 * most_in_a_record> staging;  // NOLINT: the receiver's, filled before it is read
};

/// The lock, if two threads share the stream.
std::unique_lock<std::mutex> TlsStream::lock() const {
  return state_->sharing ? std::unique_lock{state_->sharing->mutex} : std::unique_lock<std::mutex>{};
}

/// What `returned`, of an OpenSSL function that moved `bytes`, means.
Transfer TlsStream::State::result_of(int returned, std::size_t bytes) {
  if (returned == 1) [[likely]] {
    return {.status = Status::done, .bytes = bytes};
  }
  switch (SSL_get_error(ssl.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      wanted = POLLIN;
      return {.status = Status::would_block};
    case SSL_ERROR_WANT_WRITE:
      wanted = POLLOUT;
      return {.status = Status::would_block};
    case SSL_ERROR_ZERO_RETURN:
      return {.status = Status::closed};
    case SSL_ERROR_SSL:
      failure = failure_of(ERR_peek_error(), *this);
      return {.status = Status::tls_failed};
    default:
      return wire.error == 0 ? Transfer{.status = Status::closed}
                             : Transfer{.status = Status::broken, .error = wire.error};
  }
}

/// Making a session of a ticket takes OpenSSL's own locks; reading data does not.
TlsGate::Pass TlsStream::State::pass_if_young() const {
  return young ? TlsGate::of_process().pass() : TlsGate::Pass{};
}

/// What a call finds that comes when OpenSSL was shut down.
Transfer TlsStream::State::over() {
  failure = tls_library_is_over();
  return {.status = Status::tls_failed};
}

Transfer TlsStream::State::read(std::span<char> space) {
  if (!tls_library_works()) [[unlikely]] {
    return over();
  }
  forget_errors();
  wire.blocked = false;
  std::size_t bytes = 0;
  const auto pass = pass_if_young();
  const int returned = SSL_read_ex(ssl.get(), space.data(), space.size(), &bytes);
  young = young && returned != 1;
  const Transfer result = result_of(returned, bytes);
  read_wants = result.status == Status::would_block ? wanted : short{POLLIN};
  input_exhausted = wire.blocked && read_wants == POLLIN;
  return result;
}

/// Reads until something came or the descriptor has no more.
Transfer TlsStream::State::try_read(std::span<char> space) {
  Transfer result;
  for (int i = 0; i < most_records_passed; ++i) {
    result = read(space);
    if (result.status != Status::would_block || wire.blocked) {
      break;
    }
  }
  return result;
}

Transfer TlsStream::State::write(std::span<const std::string_view> pieces) {
  if (!tls_library_works()) [[unlikely]] {
    return over();
  }
  forget_errors();
  wire.blocked = false;
  std::string_view bytes = pieces.empty() ? std::string_view{} : pieces.front();
  if (pieces.size() > 1 && bytes.size() < most_in_a_record) {
    std::size_t filled = 0;
    for (const std::string_view piece : pieces) {
      filled += piece.copy(staging.data() + filled, staging.size() - filled);
      if (filled == staging.size()) {
        break;
      }
    }
    bytes = {staging.data(), filled};
  }
  // What OpenSSL could not write is encrypted already: it wants to be offered as much again, and no less.
  const std::size_t size = unsent != 0 ? unsent : std::min(bytes.size(), most_in_a_record);
  std::size_t written = 0;
  const int returned = SSL_write_ex(ssl.get(), bytes.data(), size, &written);
  Transfer result = result_of(returned, written);
  unsent = result.status == Status::would_block ? size : 0;
  write_wants = result.status == Status::would_block ? wanted : short{POLLOUT};
  if (result.status == Status::broken && !wire.closed) {
    // The server may have said why before it went, and that is the better reason.
    std::array<char, 1> byte{};
    std::size_t peeked = 0;
    ERR_clear_error();
    const auto pass = pass_if_young();
    const Transfer last_word = result_of(SSL_peek_ex(ssl.get(), byte.data(), byte.size(), &peeked), peeked);
    if (last_word.status == Status::tls_failed) {
      return last_word;
    }
  }
  return result;
}

/// Repeats `transfer()` until it moves something or the deadline passes.
template <class Once>
Transfer TlsStream::State::until(base::Deadline deadline, Once transfer) {
  // Nobody waits within OpenSSL while a fork waits for it to be left.
  wire.until = young ? nullptr : &deadline;
  Transfer result = transfer();
  while (result.status == Status::would_block) {
    // With a slice to go the transfer itself has waited. And where the descriptor was not the reason, the
    // next record may be here already.
    const bool has_waited = wire.until != nullptr && deadline.leaves(slice);
    if (!has_waited && (deadline.passed() || (wire.blocked && !wait_for(wire.fd, wanted, deadline)))) {
      result.status = Status::timed_out;
      break;
    }
    result = transfer();
  }
  wire.until = nullptr;
  return result;
}

bool TlsStream::State::has_bytes() const noexcept {
  return !tls_library_works() || SSL_pending(ssl.get()) > 0 ||
         (!input_exhausted && SSL_has_pending(ssl.get()) != 0);
}

TlsStream::TlsStream(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
TlsStream::~TlsStream() = default;

base::Result<std::unique_ptr<TlsStream>> TlsStream::connect(TlsContext& context, int fd,
                                                            const std::string& host, std::uint16_t port,
                                                            base::Deadline deadline) {
  auto stream = begin(context, fd, host, port);
  if (stream) {
    if (auto failure = shake_hands(*stream.value()->state_, deadline)) {
      return std::move(*failure);
    }
  }
  return stream;
}

base::Result<std::unique_ptr<TlsStream>> TlsStream::begin(TlsContext& context, int fd,
                                                          const std::string& host, std::uint16_t port) {
  auto state = std::make_unique<State>(context.options(), fd);
  if (auto failure = begin_handshake(*state, context, host, port)) {
    return std::move(*failure);
  }
  return std::unique_ptr<TlsStream>{new TlsStream{std::move(state)}};
}

base::Result<short> TlsStream::continue_handshake() {
  return handshake_step(*state_);
}

Failure tls_timeout() {
  return {.code = ErrorCode::timeout,
          .message =
              "no end of the TLS handshake within connect_timeout. Does the server speak TLS on "
              "this port? A plain one waits in silence: use redis:// for it",
          .server = {},
          .command = {}};
}

Transfer TlsStream::send(std::span<const std::string_view> pieces, base::Deadline deadline) {
  return state_->until(deadline, [&] { return state_->write(pieces); });
}

void TlsStream::share() {
  state_->sharing = std::make_unique<Sharing>();
  state_->wire.reads_staged_only = true;
}

Transfer TlsStream::try_send(std::span<const std::string_view> pieces) {
  const auto held = lock();
  return state_->write(pieces);
}

/// Receives what is encrypted, by `receive_more`, without the lock, and has it decrypted under it.
template <class ReceiveMore>
Transfer TlsStream::receive_shared(std::span<char> space, WaitLimit limit, ReceiveMore receive_more) {
  Sharing& sharing = *state_->sharing;
  while (true) {
    bool waits_for_output = false;
    {
      const std::scoped_lock held{sharing.mutex};
      if (state_->has_bytes() || !state_->wire.staged.empty() || state_->read_wants == POLLOUT) {
        const Transfer read = state_->try_read(space);
        if (read.status != Status::would_block) {
          return read;
        }
        if (!state_->wire.blocked) {
          continue;  // many records without data; there are more
        }
      }
      waits_for_output = state_->read_wants == POLLOUT || !state_->wire.staged.empty();
    }
    // OpenSSL has to send before it reads on: what is staged must stay where it is until then.
    if (waits_for_output) {
      if (!wait_for(state_->wire.fd, POLLOUT, limit.until)) {
        return {.status = limit.otherwise};
      }
      continue;
    }
    const Transfer raw = receive_more(state_->wire.fd, sharing.staging);
    if (raw.status != Status::done) {
      return raw;
    }
    const std::scoped_lock held{sharing.mutex};
    state_->wire.staged = {sharing.staging.data(), raw.bytes};
  }
}

Transfer TlsStream::receive(std::span<char> space, base::Deadline deadline) {
  if (state_->sharing) {
    return receive_shared(space, {deadline, Status::timed_out},
                          [deadline](int fd, std::span<char> raw) { return receive_raw(fd, raw, deadline); });
  }
  return state_->until(deadline, [&] { return state_->read(space); });
}

Transfer TlsStream::try_receive(std::span<char> space) {
  if (state_->sharing) {
    return receive_shared(space, {base::Deadline{{}}, Status::would_block}, try_receive_raw);
  }
  return state_->try_read(space);
}

Transfer TlsStream::wait_for_either(base::Deadline deadline) {
  const bool ready =
      state_->has_bytes() ||
      wait_for(state_->wire.fd, static_cast<short>(events_to_receive() | events_to_send()), deadline);
  return {.status = ready ? Status::done : Status::timed_out};
}

short TlsStream::events_to_receive() const {
  const auto held = lock();
  return state_->read_wants;
}

short TlsStream::events_to_send() const {
  const auto held = lock();
  return state_->write_wants;
}

bool TlsStream::quiet_and_open() noexcept {
  // Nobody else uses the stream now: this one look may go to the descriptor itself.
  const bool staged_only = std::exchange(state_->wire.reads_staged_only, false);
  const bool quiet = nothing_came();
  state_->wire.reads_staged_only = staged_only;
  return quiet;
}

bool TlsStream::nothing_came() noexcept {
  if (!tls_library_works()) {
    return false;
  }
  std::array<char, 1> byte{};
  for (int i = 0; i < most_records_passed; ++i) {
    forget_errors();
    state_->wire.blocked = false;
    std::size_t bytes = 0;
    const auto pass = state_->pass_if_young();
    const int returned = SSL_peek_ex(state_->ssl.get(), byte.data(), byte.size(), &bytes);
    if (returned == 1 || SSL_get_error(state_->ssl.get(), returned) != SSL_ERROR_WANT_READ) {
      return false;
    }
    if (state_->wire.blocked) {
      state_->input_exhausted = true;
      return true;
    }
  }
  return false;
}

void TlsStream::let_go() noexcept {
  state_->wire.fd = -1;
}

std::optional<Failure> TlsStream::failure() const {
  const auto held = lock();
  return state_->failure;
}

bool TlsStream::resumed() const noexcept {
  return SSL_session_reused(state_->ssl.get()) != 0;
}

}  // namespace rediscache::net
