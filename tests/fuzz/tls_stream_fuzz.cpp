// Whatever a server sends to a TLS client, the client ends in time, and takes nothing for data that was not
// encrypted for it.
//
// Input: "raw", then the answer to the client's hello; or "after", what the server says once the handshake is
// done, and what then comes in the clear.
#include <array>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz/fuzz_target.hpp"
#include "net/tls_context.hpp"
#include "net/tls_stream.hpp"
#include "support/certificates.hpp"
#include "support/socket.hpp"

namespace rediscache::fuzz {
namespace {

using net::Transfer;
using test::Descriptor;

base::Deadline late() {
  return base::Deadline::in(std::chrono::seconds{20});
}

/// Client and server in one process; what costs time is made once.
class Peers {
 public:
  Peers()
      : own_{test::Authority::self_signed({})},
        client_{{.ca_file = files_.write("ca.pem", own_.certificate)}, "fuzz"},
        server_{SSL_CTX_new(TLS_server_method())} {
    SSL_CTX_use_certificate_chain_file(server_, files_.path("ca.pem").c_str());
    SSL_CTX_use_PrivateKey_file(server_, files_.write("key.pem", own_.key).c_str(), SSL_FILETYPE_PEM);
  }

  [[nodiscard]] net::TlsContext& client() noexcept { return client_; }
  /// Shakes hands on the descriptor and says `text`.
  void serve(int fd, std::string_view text) {
    SSL* const ssl = SSL_new(server_);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1 && !text.empty()) {
      SSL_write(ssl, text.data(), static_cast<int>(text.size()));
    }
    SSL_free(ssl);
  }

 private:
  test::PemFiles files_;
  test::Certificate own_;
  net::TlsContext client_;
  SSL_CTX* server_;
};

Peers& peers() {
  static Peers& made = *new Peers;
  return made;
}

std::array<Descriptor, 2> pair() {
  std::array<int, 2> fds{};
  promise(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) == 0, "there are descriptors");
  return {Descriptor{fds[0]}, Descriptor{fds[1]}};
}

void answer_to_hello(std::string_view bytes) {
  const std::array<Descriptor, 2> ends = pair();
  test::send_all(ends[1].get(),
                 bytes.substr(0, std::size_t{64} << 10U));  // as much as a socket takes at once
  ::shutdown(ends[1].get(), SHUT_WR);
  const auto stream = net::TlsStream::connect(peers().client(), ends[0].get(), "localhost", 1, late());
  promise(!stream, "nobody has shaken hands");
  promise(stream.failure().code == ErrorCode::tls || stream.failure().code == ErrorCode::connection,
          "it did not take long");
  promise(!stream.failure().message.empty(), "it is said why");
  promise(stream.failure().message.find("(null)") == std::string::npos, "and in words");
}

void after_the_handshake(std::string_view text, std::string_view in_the_clear) {
  std::array<Descriptor, 2> ends = pair();
  std::jthread server{[&] {
    peers().serve(ends[1].get(), text);
    test::send_all(ends[1].get(), in_the_clear.substr(0, std::size_t{32} << 10U));
    ::shutdown(ends[1].get(), SHUT_WR);
  }};
  auto stream = net::TlsStream::connect(peers().client(), ends[0].get(), "localhost", 1, late());
  promise(stream.ok(), "a handshake without faults succeeds");
  static_cast<void>(stream.value()->quiet_and_open());
  std::string received;
  std::array<char, 1000> room{};
  Transfer transfer;
  while ((transfer = stream.value()->receive(room, late())).status == Transfer::Status::done) {
    received.append(room.data(), transfer.bytes);
  }
  promise(received == text, "what was said arrives, and nothing else");
  promise(transfer.status == Transfer::Status::closed || transfer.status == Transfer::Status::tls_failed,
          "and then it ends");
  promise((transfer.status == Transfer::Status::tls_failed) == stream.value()->failure().has_value(),
          "a failure has its reason");
  promise(!stream.value()->quiet_and_open(), "it is over");
}

void check(std::string_view input) {
  const auto [kind, rest] = first_line(input);
  if (kind == "after") {
    const auto [text, in_the_clear] = first_line(rest);
    after_the_handshake(text.substr(0, std::size_t{32} << 10U), in_the_clear);
  } else {
    answer_to_hello(rest);
  }
}

}  // namespace
}  // namespace rediscache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rediscache::fuzz::check(rediscache::fuzz::text_of(data, size));
  return 0;
}
