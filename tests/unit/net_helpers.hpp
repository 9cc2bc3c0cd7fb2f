// What the tests of connections and pools share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "net/connection.hpp"
#include "net/endpoint.hpp"
#include "support/scripted_server.hpp"

namespace rediscache::test {

/// How to reach a scripted server.
[[nodiscard]] inline net::ServerSettings settings_for(const ScriptedServer& server) {
  net::ServerSettings settings;
  settings.endpoint.transport = net::Endpoint::Transport::unix_socket;
  settings.endpoint.path = server.address().path;
  return settings;
}

/// So late that only a test that hangs meets it.
[[nodiscard]] inline base::Deadline late() {
  return base::Deadline::in(std::chrono::seconds{30});
}
/// So soon that a test that means to meet it need not wait.
[[nodiscard]] inline base::Deadline soon() {
  return base::Deadline::in(std::chrono::milliseconds{30});
}

/// GET of a key over a connection.
[[nodiscard]] inline std::optional<Failure> get(net::Connection& connection, Reply& reply,
                                                base::Deadline deadline = late()) {
  Commands commands;
  commands.begin("GET", CommandKind::read, 1).key("k");
  return connection.exchange(commands, {&reply, 1}, deadline);
}

}  // namespace rediscache::test
