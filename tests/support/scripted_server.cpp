#include "support/scripted_server.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace rediscache::test {

namespace {

/// True when `fd` became readable, false when `stopped` did.
bool readable(int fd, int stopped) {
  std::array<pollfd, 2> polled{pollfd{fd, POLLIN, 0}, pollfd{stopped, POLLIN, 0}};
  while (::poll(polled.data(), polled.size(), -1) < 0) {
  }
  return polled[1].revents == 0;
}

void set(const Descriptor& event) {
  ::eventfd_write(event.get(), 1);
}

/// The bytes of a command as arguments, and how many bytes they were; nothing while it is incomplete.
std::optional<std::pair<ScriptedServer::Command, std::size_t>> parse(std::string_view bytes) {
  std::size_t at = 0;
  const auto number = [&](char mark) -> std::optional<std::size_t> {
    const std::size_t end = bytes.find("\r\n", at);
    if (end == std::string_view::npos || bytes[at] != mark) {
      return std::nullopt;
    }
    const std::size_t value = std::stoul(std::string{bytes.substr(at + 1, end - at - 1)});
    at = end + 2;
    return value;
  };
  const auto count = number('*');
  if (!count) {
    return std::nullopt;
  }
  ScriptedServer::Command command;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto length = number('$');
    if (!length || bytes.size() < at + *length + 2) {
      return std::nullopt;
    }
    command.emplace_back(bytes.substr(at, *length));
    at += *length + 2;
  }
  return std::pair{std::move(command), at};
}

bool sets_up_a_connection(const std::string& name) {
  constexpr std::array<std::string_view, 5> names{"AUTH", "CLIENT", "HELLO", "PING", "SELECT"};
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

/// One accepted connection and the script it plays.
class ScriptedServer::Connection {
 public:
  Connection(ScriptedServer& server, Descriptor socket, const Script& script)
      : server_{server}, socket_{std::move(socket)}, script_{script} {}

  void play() {
    std::size_t next = 0;
    while (next < script_.steps_.size()) {
      const Script::Step& step = script_.steps_[next++];
      if (step.what == Script::Step::What::repeat) {
        next = 0;
      } else if (!play(step)) {
        return;
      }
    }
    drain();
  }

 private:
  /// False when the connection is over.
  bool play(const Script::Step& step) {
    using What = Script::Step::What;
    switch (step.what) {
      case What::command:
        return expect_command();
      case What::bytes:
        return expect_bytes(step.count);
      case What::send:
        return send_all(socket_.get(), step.bytes);
      case What::pause:
        return readable(server_.resumed_.get(), server_.stopped_.get());
      case What::reset: {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        return false;
      }
      case What::close:
        return false;
      default:
        drain();
        return false;
    }
  }

  bool expect_command() {
    while (true) {
      auto parsed = parse(received_);
      if (!parsed) {
        if (!receive()) {
          return false;
        }
        continue;
      }
      received_.erase(0, parsed->second);
      std::string& name = parsed->first.at(0);
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
      if (script_.closes_at_client_ && name == "CLIENT") {
        return false;
      }
      if (!sets_up_a_connection(name)) {
        server_.count(std::move(parsed->first));
        return true;
      }
      if (!send_all(socket_.get(), "+OK\r\n")) {
        return false;
      }
    }
  }

  bool expect_bytes(std::size_t count) {
    while (received_.size() < count) {
      if (!receive()) {
        return false;
      }
    }
    received_.erase(0, count);
    return true;
  }

  void drain() {
    while (receive()) {
      received_.clear();
    }
  }

  bool receive() {
    if (!readable(socket_.get(), server_.stopped_.get())) {
      return false;
    }
    std::array<char, 16 * 1024> buffer;
    const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      return false;
    }
    received_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  ScriptedServer& server_;
  Descriptor socket_;
  const Script& script_;
  std::string received_;
};

ScriptedServer::ScriptedServer(Transport transport, std::vector<Script> scripts)
    : scripts_{std::move(scripts)}, stopped_{::eventfd(0, EFD_CLOEXEC)}, resumed_{::eventfd(0, EFD_CLOEXEC)} {
  if (transport == Transport::local) {
    address_.path = directory_.path() + "/scripted.sock";
  }
  listening_ = listen_on(address_, 128);
  thread_ = std::thread{[this] { accept_all(); }};
}

ScriptedServer::~ScriptedServer() {
  set(stopped_);
  thread_.join();
}

std::string ScriptedServer::url() const {
  return address_.path.empty() ? "redis://" + to_string(address_) : "unix://" + address_.path;
}

void ScriptedServer::resume() noexcept {
  set(resumed_);
}

std::vector<ScriptedServer::Command> ScriptedServer::commands() const {
  const std::lock_guard guard{mutex_};
  return commands_;
}

std::size_t ScriptedServer::connection_count() const {
  const std::lock_guard guard{mutex_};
  return connections_;
}

void ScriptedServer::count(Command command) {
  const std::lock_guard guard{mutex_};
  commands_.push_back(std::move(command));
}

void ScriptedServer::accept_all() {
  std::vector<std::jthread> players;  // all end when `stopped_` is set
  while (readable(listening_.get(), stopped_.get())) {
    Descriptor accepted{::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!accepted) {
      continue;
    }
    const Script* script = nullptr;
    {
      const std::lock_guard guard{mutex_};
      script = &scripts_[std::min(connections_, scripts_.size() - 1)];
      ++connections_;
    }
    players.emplace_back([this, script, socket = std::move(accepted)]() mutable {
      Connection{*this, std::move(socket), *script}.play();
    });
  }
}

}  // namespace rediscache::test
