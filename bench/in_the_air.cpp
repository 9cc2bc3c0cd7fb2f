#include "in_the_air.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "tls_connection.hpp"

namespace bench {
namespace {

void stay_awake(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
    throw std::system_error{errno, std::generic_category(), "preparing a socket"};
  }
}

class PlainBytes final : public Bytes {
 public:
  PlainBytes(const Endpoint& endpoint, bool awake) : connection_{endpoint} {
    if (awake) {
      stay_awake(connection_.fd());
    }
  }

  void send(std::string_view text) override {
    if (::send(connection_.fd(), text.data(), text.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(text.size())) {
      throw std::system_error{errno, std::generic_category(), "sending"};
    }
  }
  std::size_t receive(std::span<char> place) override {
    const ssize_t got = ::recv(connection_.fd(), place.data(), place.size(), 0);
    if (got > 0) {
      return static_cast<std::size_t>(got);
    }
    if (got == 0 || errno != EAGAIN) {
      throw std::runtime_error{"the server has gone"};
    }
    return 0;
  }

 private:
  Connection connection_;
};

class TlsBytes final : public Bytes {
 public:
  TlsBytes(const Endpoint& endpoint, bool awake) : connection_{endpoint} {
    if (awake) {
      stay_awake(connection_.fd());
    }
  }

  void send(std::string_view text) override {
    std::size_t sent = 0;
    if (::SSL_write_ex(connection_.tls(), text.data(), text.size(), &sent) != 1 || sent != text.size()) {
      throw std::runtime_error{"OpenSSL: cannot write"};
    }
  }
  std::size_t receive(std::span<char> place) override {
    std::size_t got = 0;
    const int result = ::SSL_read_ex(connection_.tls(), place.data(), place.size(), &got);
    if (result != 1 && ::SSL_get_error(connection_.tls(), result) != SSL_ERROR_WANT_READ) {
      throw std::runtime_error{"OpenSSL: cannot read"};
    }
    return got;
  }

 private:
  TlsConnection connection_;
};

std::string request_for(const std::string& key) {
  Plain<2> plain{std::array<std::string_view, 2>{"GET", key}};
  char* text = nullptr;
  const auto size = redisFormatCommandArgv(&text, 2, plain.pointers.data(), plain.lengths.data());
  if (size < 0) {
    throw std::runtime_error{"hiredis: cannot format a command"};
  }
  std::string request(text, static_cast<std::size_t>(size));
  redisFreeCommand(text);
  return request;
}

}  // namespace

InTheAir::InTheAir(const Endpoint& endpoint, const Data& data, std::size_t in_the_air, Wait wait)
    : reader_{redisReaderCreate()}, value_bytes_{data.value.size()}, in_the_air_{in_the_air} {
  const bool awake = wait == Wait::awake;
  if (endpoint.ca_file.empty()) {
    bytes_ = std::make_unique<PlainBytes>(endpoint, awake);
  } else {
    bytes_ = std::make_unique<TlsBytes>(endpoint, awake);
  }
  for (const std::string& key : data.made_keys) {
    requests_.push_back(request_for(key));
  }
}

void InTheAir::run(std::size_t operations) {
  std::size_t asked = std::min(in_the_air_, operations);
  ask(asked);
  for (std::size_t answered = 0; answered < operations;) {
    const std::size_t some = take();
    answered += some;
    const std::size_t more = std::min(some, operations - asked);
    if (more > 0) {
      ask(more);
      asked += more;
    }
  }
}

void InTheAir::ask(std::size_t count) {
  out_.clear();
  for (; count > 0; --count) {
    out_ += requests_[next_++ % requests_.size()];
  }
  bytes_->send(out_);
}

std::size_t InTheAir::take() {
  std::array<char, 16 * 1024> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): received into
  const std::size_t got = bytes_->receive(buffer);
  if (redisReaderFeed(reader_.get(), buffer.data(), got) != REDIS_OK) {
    throw std::runtime_error{std::string{"hiredis: "} + reader_->errstr};
  }
  std::size_t answers = 0;
  for (;;) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
      throw std::runtime_error{std::string{"hiredis: "} + reader_->errstr};
    }
    if (reply == nullptr) {
      return answers;
    }
    expect_text(*checked_reply(reply, ""), value_bytes_);
    ++answers;
  }
}

}  // namespace bench
