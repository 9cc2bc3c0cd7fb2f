#include "tls_connection.hpp"

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace bench {
namespace {

void expect(bool good, const char* what) {
  if (good) {
    return;
  }
  std::array<char, 256> why{};
  ::ERR_error_string_n(::ERR_get_error(), why.data(), why.size());
  throw std::runtime_error{std::string{"OpenSSL: "} + what + ": " + why.data()};
}

void set_option(int fd, int level, int name, const void* value, socklen_t size) {
  if (::setsockopt(fd, level, name, value, size) != 0) {
    throw std::system_error{errno, std::generic_category(), "preparing a socket for TLS"};
  }
}

}  // namespace

TlsConnection::Socket::Socket(int port) : fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    if (fd >= 0) {
      ::close(fd);
    }
    throw std::system_error{error, std::generic_category(), "connecting for TLS"};
  }
}

TlsConnection::Socket::~Socket() {
  ::close(fd);
}

TlsConnection::TlsConnection(const Endpoint& endpoint)
    : socket_{endpoint.port}, context_{::SSL_CTX_new(TLS_client_method())}, reader_{redisReaderCreate()} {
  const int on = 1;
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  set_option(socket_.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // as hiredis does
  set_option(socket_.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  set_option(socket_.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);

  expect(context_ != nullptr, "no context");
  expect(::SSL_CTX_load_verify_locations(context_.get(), endpoint.ca_file.c_str(), nullptr) == 1,
         "cannot read the CA's certificate");
  ::SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  tls_.reset(::SSL_new(context_.get()));
  expect(tls_ != nullptr, "no connection");
  expect(::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(tls_.get()), "127.0.0.1") == 1, "no address");
  expect(::SSL_set_fd(tls_.get(), socket_.fd) == 1, "no socket");
  expect(::SSL_connect(tls_.get()) == 1, "cannot connect");
}

TlsConnection::~TlsConnection() = default;

Reply TlsConnection::exchange(int count, const char** arguments, const std::size_t* lengths) {
  char* text = nullptr;
  const auto size = redisFormatCommandArgv(&text, count, arguments, lengths);
  if (size < 0) {
    throw std::runtime_error{"hiredis: cannot format a command"};
  }
  const auto all = static_cast<std::size_t>(size);
  std::size_t written = 0;
  const bool sent = ::SSL_write_ex(tls_.get(), text, all, &written) == 1;
  redisFreeCommand(text);
  expect(sent && written == all, "cannot write");
  return read();
}

Reply TlsConnection::read() {
  for (;;) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
      throw std::runtime_error{std::string{"hiredis: "} + reader_->errstr};
    }
    if (reply != nullptr) {
      return checked_reply(reply, "");
    }
    std::array<char, 16 * 1024> buffer;  // as large as hiredis' own
    std::size_t received = 0;
    expect(::SSL_read_ex(tls_.get(), buffer.data(), buffer.size(), &received) == 1, "cannot read");
    if (redisReaderFeed(reader_.get(), buffer.data(), received) != REDIS_OK) {
      throw std::runtime_error{std::string{"hiredis: "} + reader_->errstr};
    }
  }
}

}  // namespace bench
