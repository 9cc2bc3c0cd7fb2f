#include "support/redis_server.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/wait.hpp"

namespace rediscache::test {

RedisServer::RedisServer(Settings settings) : settings_{std::move(settings)} {
  unix_.path = directory_.path() + "/redis.sock";
  constexpr int tries = 10;  // somebody else may take the port between finding and using it
  for (int i = 0; i < tries; ++i) {
    if (settings_.tcp) {
      tcp_.port = free_port();
    }
    if (settings_.tls) {
      tls_.port = free_port();
    }
    if (start()) {
      return;
    }
  }
  throw std::runtime_error{"redis-server does not start:\n" + log()};
}

RedisServer::~RedisServer() {
  kill();
}

std::string RedisServer::unix_url(int db) const {
  return "unix://" + unix_.path + "?db=" + std::to_string(db);
}

std::string RedisServer::tcp_url(int db) const {
  if (!settings_.tcp) {
    throw std::logic_error{"this server has no port: ask for one with Settings::tcp"};
  }
  return "redis://" + to_string(tcp_) + "/" + std::to_string(db);
}

std::string RedisServer::tls_url(const std::string& host, int db) const {
  if (!settings_.tls) {
    throw std::logic_error{"this server has no TLS: ask for it with Settings::tls"};
  }
  return "rediss://" + host + ":" + std::to_string(tls_.port) + "/" + std::to_string(db);
}

void RedisServer::kill() {
  if (!running()) {
    return;
  }
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

void RedisServer::restart() {
  kill();
  if (!start()) {
    throw std::runtime_error{"redis-server does not start again:\n" + log()};
  }
}

void RedisServer::stop_process() {
  ::kill(pid_, SIGSTOP);
  while (::waitpid(pid_, nullptr, WUNTRACED) < 0 && errno == EINTR) {
  }
}

void RedisServer::continue_process() {
  ::kill(pid_, SIGCONT);
}

void RedisServer::write_config() const {
  std::ofstream config{directory_.path() + "/redis.conf"};
  config << "save \"\"\nappendonly no\ndaemonize no\n"
         << "dir " << directory_.path() << "\n"
         << "unixsocket " << unix_.path << "\n"
         << "bind 127.0.0.1\nport " << tcp_.port << "\n";
  if (settings_.tls) {
    config << "tls-port " << tls_.port << "\n"
           << "tls-cert-file " << settings_.tls->certificate_file << "\n"
           << "tls-key-file " << settings_.tls->key_file << "\n"
           << "tls-ca-cert-file " << settings_.tls->ca_file << "\n"
           << "tls-auth-clients " << settings_.tls->auth_clients << "\n";
    if (!settings_.tls->protocols.empty()) {
      config << "tls-protocols \"" << settings_.tls->protocols << "\"\n";
    }
  }
  for (const std::string& line : settings_.config) {
    config << line << "\n";
  }
}

bool RedisServer::start() {
  write_config();
  ::unlink(unix_.path.c_str());
  const std::string config = directory_.path() + "/redis.conf";
  const std::string log_file = directory_.path() + "/redis.log";
  const char* const chosen = std::getenv("REDIS_SERVER");
  const char* const program = chosen != nullptr ? chosen : "redis-server";
  std::vector<char*> environment;
  environment.reserve(settings_.environment.size());
  for (std::string& each : settings_.environment) {
    environment.push_back(each.data());
  }
  for (char** each = environ; *each != nullptr; ++each) {
    environment.push_back(*each);
  }
  environment.push_back(nullptr);
  std::string words[] = {program, config};
  char* arguments[] = {words[0].data(), words[1].data(), nullptr};
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) {
    throw std::runtime_error{"fork failed"};
  }
  if (pid_ == 0) {  // only what is safe in the child of a program with threads
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
      ::_exit(127);
    }
    const int out = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out >= 0) {
      ::dup2(out, STDOUT_FILENO);
      ::dup2(out, STDERR_FILENO);
    }
    ::execvpe(program, arguments, environment.data());
    ::_exit(127);
  }
  bool ended = false;
  const bool ready = eventually([&] {
    ended = has_ended();
    return ended || answers();
  });
  if (!ready || ended) {
    kill();
    return false;
  }
  return true;
}

bool RedisServer::has_ended() {
  if (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    return false;
  }
  pid_ = -1;
  return true;
}

bool RedisServer::answers() const {
  const auto pong = [](const Address& address) {
    try {
      const RawReply reply = RawClient{address}.ask({"PING"});
      return reply.text == "PONG" || reply.text.starts_with("NOAUTH");
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  return pong(unix_) && (!settings_.tcp || pong(tcp_));
}

std::string RedisServer::log() const {
  std::ifstream file{directory_.path() + "/redis.log"};
  return std::string{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

}  // namespace rediscache::test
