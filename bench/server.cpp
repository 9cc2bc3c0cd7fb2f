#include "server.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {
namespace {

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool found = ::bind(socket, generic, length) == 0 && ::getsockname(socket, generic, &length) == 0;
  const int error = errno;
  ::close(socket);
  if (!found) {
    throw std::system_error{error, std::generic_category(), "finding a free port"};
  }
  return ntohs(address.sin_port);
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

}  // namespace

PrivateServer::PrivateServer(std::optional<ServerTls> tls) : tls_{std::move(tls)} {
  directory_ = (std::filesystem::temp_directory_path() / "rediscache-bench-XXXXXX").string();
  if (::mkdtemp(directory_.data()) == nullptr) {
    throw std::system_error{errno, std::generic_category(), "making a directory for redis-server"};
  }
  try {
    start();
  } catch (...) {
    kill();
    throw;
  }
}

PrivateServer::~PrivateServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void PrivateServer::start() {
  for (int attempt = 0; attempt < 3; ++attempt) {
    port_ = free_port();
    tls_port_ = tls_ ? free_port() : 0;
    const std::vector<std::string> words = command_line();
    std::vector<char*> arguments;
    for (const std::string& word : words) {
      arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) {
      throw std::system_error{errno, std::generic_category(), "starting redis-server"};
    }
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) {  // it ended before the line above
        ::_exit(1);
      }
      ::execvp(arguments[0], arguments.data());
      ::_exit(127);
    }
    if (wait_until_ready()) {
      return;
    }
  }
  throw std::runtime_error{"redis-server does not start (is it installed?)\n" +
                           text_of(directory_ + "/redis.log")};
}

std::vector<std::string> PrivateServer::command_line() const {
  std::vector<std::string> words{"redis-server",
                                 "--port",
                                 std::to_string(port_),
                                 "--bind",
                                 "127.0.0.1",
                                 "--unixsocket",
                                 directory_ + "/redis.sock",
                                 "--dir",
                                 directory_,
                                 "--logfile",
                                 directory_ + "/redis.log",
                                 "--save",
                                 "",
                                 "--appendonly",
                                 "no",
                                 "--daemonize",
                                 "no"};
  if (tls_) {
    words.insert(words.end(), {"--tls-port", std::to_string(tls_port_), "--tls-cert-file",
                               tls_->certificate_file, "--tls-key-file", tls_->key_file, "--tls-ca-cert-file",
                               tls_->ca_file, "--tls-auth-clients", "no"});
  }
  return words;
}

bool PrivateServer::wait_until_ready() {
  using namespace std::chrono_literals;
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < deadline) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    try {
      static_cast<void>(Connection{unix_endpoint()}.command(std::array<std::string_view, 1>{"PING"}));
      static_cast<void>(Connection{tcp_endpoint()}.command(std::array<std::string_view, 1>{"PING"}));
      return true;
    } catch (const std::runtime_error&) {
      std::this_thread::sleep_for(10ms);
    }
  }
  throw std::runtime_error{"redis-server does not answer after 10 s\n" + text_of(directory_ + "/redis.log")};
}

void PrivateServer::kill() noexcept {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);  // there is nothing to save
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
}

Endpoint PrivateServer::unix_endpoint() const {
  return bench::unix_endpoint(directory_ + "/redis.sock");
}

Endpoint PrivateServer::tcp_endpoint() const {
  return bench::tcp_endpoint(port_);
}

Endpoint PrivateServer::tls_endpoint() const {
  if (!tls_) {
    throw std::logic_error{"this server was started without TLS"};
  }
  return bench::tls_endpoint(tls_port_, tls_->ca_file);
}

void PrivateServer::run_on(const cpu_set_t& cpus) const {
  const std::filesystem::path tasks = "/proc/" + std::to_string(pid_) + "/task";
  for (const auto& task : std::filesystem::directory_iterator{tasks}) {
    const pid_t thread = std::stoi(task.path().filename().string());
    if (::sched_setaffinity(thread, sizeof cpus, &cpus) != 0) {
      throw std::system_error{errno, std::generic_category(), "pinning redis-server"};
    }
  }
}

std::string PrivateServer::version() const {
  Connection connection{unix_endpoint()};
  const Reply reply = connection.command(std::array<std::string_view, 2>{"INFO", "server"});
  const std::string_view text{reply->str, static_cast<std::size_t>(reply->len)};
  constexpr std::string_view label = "redis_version:";
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) {
    return "unknown";
  }
  const std::string_view rest = text.substr(at + label.size());
  return std::string{rest.substr(0, rest.find_first_of("\r\n"))};
}

}  // namespace bench
