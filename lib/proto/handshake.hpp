// What is said first on a new connection.
#pragma once

#include <optional>
#include <span>
#include <string>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

namespace rediscache::proto {

struct HandshakeOptions {
  std::string username;  ///< empty: only the password is sent
  std::string password;  ///< empty: no AUTH
  int database = 0;
  std::string client_name;  ///< empty: none
  bool client_info = true;  ///< says that name, and this library's
};

/// AUTH, SELECT, CLIENT SETNAME and CLIENT SETINFO, all in one round trip; a PING when there is nothing to
/// say.
class Handshake {
 public:
  explicit Handshake(const HandshakeOptions& options);

  /// What to send. Never empty.
  [[nodiscard]] const Commands& commands() const noexcept { return commands_; }
  /// Whether some of it is no more than a courtesy.
  [[nodiscard]] bool has_client_info() const noexcept { return has_client_info_; }
  /// Whether the connection may be used, by the replies to commands(). A name that the server does not take,
  /// or an old server that does not know SETINFO, is no reason not to.
  [[nodiscard]] std::optional<Failure> check(std::span<const Reply> replies) const;

 private:
  Commands commands_;
  std::size_t required_ = 0;  // so many replies, from the first, must not be errors
  int database_;
  bool has_client_info_;
};

}  // namespace rediscache::proto
