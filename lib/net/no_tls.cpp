// A build without OpenSSL: rediss:// is refused before any of this is called.
#include <utility>

#include "net/tls_context.hpp"
#include "net/tls_stream.hpp"

namespace rediscache::net {

struct TlsSetup {};
struct TlsStream::State {
  std::optional<Failure> failure;
};

namespace {

constexpr Transfer nothing{.status = Transfer::Status::closed};

Failure no_tls() {
  return {.code = ErrorCode::tls,
          .message = "this build of rediscache has no TLS; configure with -Dtls=enabled",
          .server = {},
          .command = {}};
}

}  // namespace

bool TlsContext::available() noexcept {
  return false;
}

TlsContext::TlsContext(TlsOptions options, base::Logger logger)
    : options_{std::move(options)}, logger_{std::move(logger)} {
  join();
}
TlsContext::~TlsContext() {
  leave();
}
base::Result<std::shared_ptr<TlsSetup>> TlsContext::setup() {
  return no_tls();
}
void TlsContext::before_fork() noexcept {}
void TlsContext::after_fork_in_parent() noexcept {}
void TlsContext::after_fork_in_child() noexcept {}

TlsStream::TlsStream(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
TlsStream::~TlsStream() = default;
base::Result<std::unique_ptr<TlsStream>> TlsStream::connect(TlsContext& /*context*/, int /*fd*/,
                                                            const std::string& /*host*/,
                                                            std::uint16_t /*port*/,
                                                            base::Deadline /*deadline*/) {
  return no_tls();
}
base::Result<std::unique_ptr<TlsStream>> TlsStream::begin(TlsContext& /*context*/, int /*fd*/,
                                                          const std::string& /*host*/,
                                                          std::uint16_t /*port*/) {
  return no_tls();
}
base::Result<short> TlsStream::continue_handshake() {
  return no_tls();
}
Failure tls_timeout() {
  return no_tls();
}
Transfer TlsStream::send(std::span<const std::string_view> /*pieces*/, base::Deadline /*deadline*/) {
  return nothing;
}
void TlsStream::share() {}
Transfer TlsStream::try_send(std::span<const std::string_view> /*pieces*/) {
  return nothing;
}
Transfer TlsStream::receive(std::span<char> /*space*/, base::Deadline /*deadline*/) {
  return nothing;
}
Transfer TlsStream::try_receive(std::span<char> /*space*/) {
  return nothing;
}
Transfer TlsStream::wait_for_either(base::Deadline /*deadline*/) {
  return nothing;
}
short TlsStream::events_to_receive() const {
  return 0;
}
short TlsStream::events_to_send() const {
  return 0;
}
bool TlsStream::quiet_and_open() noexcept {
  return false;
}
void TlsStream::let_go() noexcept {}
std::optional<Failure> TlsStream::failure() const {
  return state_->failure;
}
bool TlsStream::resumed() const noexcept {
  return false;
}

}  // namespace rediscache::net
