#include "support/tls_proxy.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace rediscache::test {
namespace {

/// Waits for events of both; false when `stopped` was set. The second may be -1.
bool wait(int stopped, std::array<pollfd, 2>& waiting) {
  std::array<pollfd, 3> polled{waiting[0], waiting[1], pollfd{stopped, POLLIN, 0}};
  while (::poll(polled.data(), polled.size(), -1) < 0) {
  }
  waiting = {polled[0], polled[1]};
  return polled[2].revents == 0;
}

bool send_unless_stopped(int fd, std::string_view bytes, int stopped) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    std::array<pollfd, 2> room{pollfd{fd, POLLOUT, 0}, pollfd{-1, 0, 0}};
    if (errno != EAGAIN || !wait(stopped, room)) {
      return false;
    }
  }
  return true;
}

template <class T, auto function>
struct Freed {
  void operator()(T* object) const noexcept { function(object); }
};

}  // namespace

/// One accepted connection and the one to the plain server that belongs to it. OpenSSL works in memory, so
/// that every byte on its way to the client passes through here.
class TlsProxy::Connection {
 public:
  Connection(TlsProxy& proxy, Descriptor client) : proxy_{proxy}, client_{std::move(client)} {
    ssl_.reset(SSL_new(proxy.context_.get()));
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl_.get());
  }

  void serve() {
    handshake_left_ = proxy_.settings_.handshake_bytes;
    left_ = proxy_.settings_.bytes;
    while (true) {
      std::array<pollfd, 2> waiting{pollfd{client_.get(), POLLIN, 0}, pollfd{plain_.get(), POLLIN, 0}};
      if (!wait(proxy_.stopped_.get(), waiting)) {
        return;
      }
      if ((waiting[0].revents != 0 && !from_client()) || (waiting[1].revents != 0 && !from_plain())) {
        return;
      }
    }
  }

 private:
  bool from_client() {
    const ssize_t count = ::recv(client_.get(), buffer_.data(), buffer_.size(), 0);
    if (count <= 0) {
      return false;
    }
    BIO_write(SSL_get_rbio(ssl_.get()), buffer_.data(), static_cast<int>(count));
    if (!plain_ && !shake_hands()) {
      return false;
    }
    int read = 0;
    while (plain_ && (read = SSL_read(ssl_.get(), buffer_.data(), static_cast<int>(buffer_.size()))) > 0) {
      if (!send_unless_stopped(plain_.get(), {buffer_.data(), static_cast<std::size_t>(read)},
                               proxy_.stopped_.get())) {
        return false;
      }
    }
    return flush(left_);
  }

  /// False when it failed.
  bool shake_hands() {
    const int returned = SSL_do_handshake(ssl_.get());
    const bool waits = SSL_get_error(ssl_.get(), returned) == SSL_ERROR_WANT_READ;
    if (!flush(handshake_left_) || (returned != 1 && !waits)) {
      return false;
    }
    if (returned == 1) {
      const char* const name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
      {
        const std::lock_guard guard{proxy_.mutex_};
        proxy_.handshakes_.push_back(
            {.server_name = name == nullptr ? "" : name, .resumed = SSL_session_reused(ssl_.get()) != 0});
      }
      plain_ = connect_to(proxy_.plain_);
      return static_cast<bool>(plain_);
    }
    return true;
  }

  bool from_plain() {
    const ssize_t count = ::recv(plain_.get(), buffer_.data(), buffer_.size(), 0);
    if (count <= 0) {
      if (proxy_.settings_.says_farewell) {
        SSL_shutdown(ssl_.get());
        flush(left_);
      }
      return false;
    }
    return SSL_write(ssl_.get(), buffer_.data(), static_cast<int>(count)) > 0 && flush(left_);
  }

  /// Sends what OpenSSL has to say, as far as it may.
  bool flush(std::size_t& allowed) {
    char* data = nullptr;
    const long pending = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &data);
    const auto size = static_cast<std::size_t>(pending);
    const std::string bytes{data, std::min(size, allowed)};
    static_cast<void>(BIO_reset(SSL_get_wbio(ssl_.get())));
    if (allowed != unlimited) {
      allowed -= bytes.size();
    }
    return send_unless_stopped(client_.get(), bytes, proxy_.stopped_.get());
  }

  TlsProxy& proxy_;
  Descriptor client_;
  Descriptor plain_;
  struct FreeSsl {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  };
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::array<char, 16 * 1024> buffer_{};
  std::size_t handshake_left_ = unlimited;
  std::size_t left_ = unlimited;
};

void TlsProxy::FreeContext::operator()(ssl_ctx_st* context) const noexcept {
  SSL_CTX_free(context);
}

TlsProxy::TlsProxy(Settings settings, Address plain)
    : settings_{std::move(settings)},
      plain_{std::move(plain)},
      context_{SSL_CTX_new(TLS_server_method())},
      stopped_{::eventfd(0, EFD_CLOEXEC)} {
  const auto reading = [](const std::string& text) {
    return std::unique_ptr<BIO, Freed<BIO, BIO_free>>{
        BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  };
  const std::unique_ptr<X509, Freed<X509, X509_free>> certificate{
      PEM_read_bio_X509(reading(settings_.certificate.certificate).get(), nullptr, nullptr, nullptr)};
  const std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>> key{
      PEM_read_bio_PrivateKey(reading(settings_.certificate.key).get(), nullptr, nullptr, nullptr)};
  SSL_CTX_set_session_id_context(context_.get(), reinterpret_cast<const unsigned char*>("test"), 4);
  if (SSL_CTX_use_certificate(context_.get(), certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1 ||
      (settings_.only_tls_1_2 && SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION) != 1) ||
      (!settings_.ciphers.empty() &&
       SSL_CTX_set_cipher_list(context_.get(), settings_.ciphers.c_str()) != 1)) {
    throw std::runtime_error{"OpenSSL does not take the settings of the server"};
  }
  listening_ = listen_on(address_, 128);
  thread_ = std::thread{[this] { accept_all(); }};
}

TlsProxy::~TlsProxy() {
  ::eventfd_write(stopped_.get(), 1);
  thread_.join();
}

std::string TlsProxy::url(const std::string& host) const {
  return "rediss://" + host + ":" + std::to_string(address_.port);
}

std::vector<TlsProxy::Handshake> TlsProxy::handshakes() const {
  const std::lock_guard guard{mutex_};
  return handshakes_;
}

void TlsProxy::accept_all() {
  std::vector<std::jthread> connections;  // all end when `stopped_` is set
  while (true) {
    std::array<pollfd, 2> waiting{pollfd{listening_.get(), POLLIN, 0}, pollfd{-1, 0, 0}};
    if (!wait(stopped_.get(), waiting)) {
      return;
    }
    Descriptor accepted{::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (accepted) {
      connections.emplace_back(
          [this, client = std::move(accepted)]() mutable { Connection{*this, std::move(client)}.serve(); });
    }
  }
}

}  // namespace rediscache::test
