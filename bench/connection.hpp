// A connection of raw hiredis, the peer we are compared with: nothing but ownership is added to it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <hiredis/hiredis.h>

namespace bench {

/// Where a server listens, for both sides: the URL for ours, the rest for the peer.
struct Endpoint {
  std::string url{};
  std::string socket_path{};  ///< empty: 127.0.0.1 and the port
  int port = 0;
  std::string ca_file{};  ///< in PEM, whom to trust; empty: no TLS
};

[[nodiscard]] Endpoint unix_endpoint(const std::string& path);
/// On 127.0.0.1.
[[nodiscard]] Endpoint tcp_endpoint(int port);
[[nodiscard]] Endpoint tls_endpoint(int port, const std::string& ca_file);

struct FreeReply {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

/// Owns the reply. Throws when it is an error, or when there is none: then `connection_error` says why.
[[nodiscard]] Reply checked_reply(void* reply, const char* connection_error);

/// The arguments of a long command, in the form hiredis takes. Refers to the strings it was made from.
class Arguments {
 public:
  Arguments(std::string_view name, std::span<const std::string> rest);

  [[nodiscard]] int count() const noexcept { return static_cast<int>(pointers_.size()); }
  [[nodiscard]] const char** pointers() noexcept { return pointers_.data(); }
  [[nodiscard]] const std::size_t* lengths() const noexcept { return lengths_.data(); }

 private:
  std::vector<const char*> pointers_;
  std::vector<std::size_t> lengths_;
};

/// The same of a short command, whose length the compiler knows.
template <std::size_t N>
struct Plain {
  explicit Plain(const std::array<std::string_view, N>& arguments) noexcept {
    for (std::size_t i = 0; i < N; ++i) {
      pointers[i] = arguments[i].data();
      lengths[i] = arguments[i].size();
    }
  }
  std::array<const char*, N> pointers;
  std::array<std::size_t, N> lengths;
};

class Connection {
 public:
  explicit Connection(const Endpoint& endpoint);

  template <std::size_t N>
  [[nodiscard]] Reply command(const std::array<std::string_view, N>& arguments) {
    Plain<N> plain{arguments};
    return checked(redisCommandArgv(context_.get(), int{N}, plain.pointers.data(), plain.lengths.data()));
  }
  [[nodiscard]] Reply command(Arguments& arguments) {
    return checked(
        redisCommandArgv(context_.get(), arguments.count(), arguments.pointers(), arguments.lengths()));
  }

  /// Adds a command to the pipeline; read() sends it and takes one reply.
  template <std::size_t N>
  void append(const std::array<std::string_view, N>& arguments) {
    Plain<N> plain{arguments};
    if (redisAppendCommandArgv(context_.get(), int{N}, plain.pointers.data(), plain.lengths.data()) !=
        REDIS_OK) {
      fail();
    }
  }
  [[nodiscard]] Reply read() {
    void* reply = nullptr;
    if (redisGetReply(context_.get(), &reply) != REDIS_OK) {
      fail();
    }
    return checked(reply);
  }

  /// For who sends and receives by hand.
  [[nodiscard]] int fd() const noexcept { return context_->fd; }

 private:
  struct Free {
    void operator()(redisContext* context) const noexcept { redisFree(context); }
  };

  [[nodiscard]] Reply checked(void* reply) const { return checked_reply(reply, context_->errstr); }
  [[noreturn]] void fail() const;

  std::unique_ptr<redisContext, Free> context_;
};

/// Throws unless the reply is a string of that length.
inline void expect_text(const redisReply& reply, std::size_t length) {
  if (reply.type != REDIS_REPLY_STRING || static_cast<std::size_t>(reply.len) != length) {
    throw std::runtime_error{"hiredis: a reply is not the text that was stored"};
  }
}

/// Throws unless the reply is OK.
inline void expect_ok(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_STATUS) {
    throw std::runtime_error{"hiredis: a reply is not OK"};
  }
}

}  // namespace bench
