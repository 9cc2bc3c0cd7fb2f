// A server that does what no real one does on request: fall silent, stop in the middle of a reply, talk
// nonsense.
//
//   ScriptedServer server{Transport::local, {Script{}.expect_command().send("$5\r\nhel").close()}};
//   RedisCache cache{{.location = {server.url()}}};
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/socket.hpp"

namespace rediscache::test {

enum class Transport : std::uint8_t { local, tcp };

/// What happens on one connection, step by step. After the last step the connection stays open and silent.
class Script {
 public:
  /// Reads one whole command. Those that set a connection up (AUTH, CLIENT, HELLO, PING, SELECT) are
  /// answered with +OK on the way and not counted.
  Script& expect_command() { return add({.what = Step::What::command}); }
  /// Reads that many bytes, whatever they are.
  Script& expect_bytes(std::size_t count) { return add({.what = Step::What::bytes, .count = count}); }
  Script& send(std::string_view bytes) {
    return add({.what = Step::What::send, .bytes = std::string{bytes}});
  }
  /// Waits for ScriptedServer::resume().
  Script& pause() { return add({.what = Step::What::pause}); }
  /// Reads and answers nothing more.
  Script& stay_silent() { return add({.what = Step::What::silent}); }
  Script& close() { return add({.what = Step::What::close}); }
  /// Closes so that the other side is told of a reset connection.
  Script& reset() { return add({.what = Step::What::reset}); }
  /// Closes the connection at CLIENT, as some proxies do, instead of answering it on the way.
  Script& close_at_client() {
    closes_at_client_ = true;
    return *this;
  }
  /// Starts the script again, on the same connection.
  Script& repeat() { return add({.what = Step::What::repeat}); }

 private:
  friend class ScriptedServer;
  struct Step {
    enum class What : std::uint8_t { command, bytes, send, pause, silent, close, reset, repeat };
    What what = What::silent;
    std::size_t count = 0;
    std::string bytes{};
  };
  Script& add(Step step) {
    steps_.push_back(std::move(step));
    return *this;
  }

  std::vector<Step> steps_;
  bool closes_at_client_ = false;
};

/// Plays the first script on the first connection, the second on the second, and the last one on all that
/// follow. Ends with the object, whatever the scripts are waiting for.
///
/// Thread safety: all functions may be called from any thread.
class ScriptedServer {
 public:
  using Command = std::vector<std::string>;

  ScriptedServer(Transport transport, std::vector<Script> scripts);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  [[nodiscard]] std::string url() const;
  [[nodiscard]] const Address& address() const noexcept { return address_; }

  /// Lets every pause() pass, also later ones.
  void resume() noexcept;

  /// The commands read so far, without those that set connections up.
  [[nodiscard]] std::vector<Command> commands() const;
  [[nodiscard]] std::size_t command_count() const { return commands().size(); }
  [[nodiscard]] std::size_t connection_count() const;

 private:
  class Connection;

  void accept_all();
  void count(Command command);

  std::vector<Script> scripts_;
  TemporaryDirectory directory_;
  Address address_;
  Descriptor listening_;
  Descriptor stopped_;  // eventfd, readable once set
  Descriptor resumed_;
  mutable std::mutex mutex_;
  std::vector<Command> commands_;
  std::size_t connections_ = 0;
  std::thread thread_;
};

}  // namespace rediscache::test
