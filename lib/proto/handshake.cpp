#include "proto/handshake.hpp"

#include <rediscache/version.hpp>

#include "proto/error_reply.hpp"

namespace rediscache::proto {

Handshake::Handshake(const HandshakeOptions& options)
    : database_{options.database}, has_client_info_{options.client_info} {
  constexpr auto kind = CommandKind::read;
  if (!options.password.empty()) {
    if (options.username.empty()) {
      commands_.begin("AUTH", kind, 1).arg(options.password);
    } else {
      commands_.begin("AUTH", kind, 2).arg(options.username).arg(options.password);
    }
  }
  if (options.database != 0) {
    commands_.begin("SELECT", kind, 1).arg(options.database);
  }
  if (!options.client_info && commands_.empty()) {
    commands_.begin("PING", kind, 0);
  }
  required_ = commands_.size();
  if (!options.client_info) {
    return;
  }
  if (!options.client_name.empty()) {
    commands_.begin("CLIENT", kind, 2).arg("SETNAME").arg(options.client_name);
  }
  commands_.begin("CLIENT", kind, 3).arg("SETINFO").arg("LIB-NAME").arg("rediscache");
  commands_.begin("CLIENT", kind, 3).arg("SETINFO").arg("LIB-VER").arg(version());
}

std::optional<Failure> Handshake::check(std::span<const Reply> replies) const {
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!replies[i].is_error()) {
      continue;
    }
    Failure failure = failure_of_reply(replies[i].as_text());
    // A server that wants a password refuses whatever comes without one.
    const bool needs_password = failure.message.starts_with("NOAUTH");
    // Turned away at the door: the one answer to everything is that there are too many clients.
    const bool turned_away = failure.message.starts_with("ERR max number of clients");
    if (i >= required_ && !needs_password && !turned_away) {
      continue;
    }
    failure.command = commands_.name(i);
    if (needs_password) {
      failure.message += " Set Options::password, or give it in the URL.";
    } else if (failure.command == "AUTH" && !turned_away) {
      failure.message += " Check Options::username and Options::password, or those in the URL.";
    } else if (failure.command == "SELECT" && !turned_away) {
      failure.message += " Database " + std::to_string(database_) + " was asked for.";
    }
    return failure;
  }
  return std::nullopt;
}

}  // namespace rediscache::proto
