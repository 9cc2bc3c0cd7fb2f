// Calls on a shared connection, each in a thread of its own.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "net/shared_connection.hpp"
#include "support/wait.hpp"
#include "unit/net_helpers.hpp"

namespace rediscache::test {

/// Settings with which a call is sent while others wait for their replies, though no round trip was measured.
[[nodiscard]] inline net::ServerSettings eager_settings_for(const ScriptedServer& server) {
  net::ServerSettings settings = settings_for(server);
  settings.shared_depth = 4;
  return settings;
}

/// GET of a key in this thread.
[[nodiscard]] inline std::optional<Failure> get(net::SharedConnection& connection, const std::string& key,
                                                Reply& reply, base::Deadline deadline = late()) {
  Commands commands;
  commands.begin("GET", CommandKind::read, 1).key(key);
  return connection.exchange(commands, {&reply, 1}, deadline, false);
}

/// GET of a key in another thread. All but ended() wait for it.
class SharedCall {
 public:
  SharedCall(net::SharedConnection& connection, std::string key, base::Deadline deadline = late())
      : key_{std::move(key)}, thread_{[this, &connection, deadline] {
          failure_ = get(connection, key_, reply_, deadline);
          ended_ = true;
        }} {}
  SharedCall(const SharedCall&) = delete;
  SharedCall& operator=(const SharedCall&) = delete;
  ~SharedCall() { wait(); }

  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] const std::optional<Failure>& failure() {
    wait();
    return failure_;
  }
  [[nodiscard]] const Reply& reply() {
    wait();
    return reply_;
  }
  /// "timeout, maybe executed: why", or the reply.
  [[nodiscard]] std::string outcome() {
    wait();
    if (!failure_) {
      return reply_.as_text();
    }
    return std::string{to_string(failure_->code)} + (failure_->maybe_executed ? ", maybe executed" : "");
  }

 private:
  void wait() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  std::string key_;
  Reply reply_;
  std::optional<Failure> failure_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

/// Once the server has read so many commands.
[[nodiscard]] inline bool has_read(const ScriptedServer& server, std::size_t commands) {
  return eventually([&] { return server.command_count() >= commands; });
}

}  // namespace rediscache::test
