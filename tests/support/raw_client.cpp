#include "support/raw_client.hpp"

#include <array>
#include <stdexcept>

#include <sys/socket.h>
#include <sys/time.h>

namespace rediscache::test {

RawClient::RawClient(const Address& address) : socket_{connect_to(address)} {
  if (!socket_) {
    throw std::runtime_error{"nobody listens at " + to_string(address)};
  }
  const timeval limit{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

RawReply RawClient::ask(std::initializer_list<std::string_view> command) {
  std::string request = "*" + std::to_string(command.size()) + "\r\n";
  for (const std::string_view argument : command) {
    request += "$" + std::to_string(argument.size()) + "\r\n";
    request += argument;
    request += "\r\n";
  }
  if (!send_all(socket_.get(), request)) {
    throw std::runtime_error{"the server closed the connection"};
  }
  return reply();
}

void RawClient::run(std::initializer_list<std::string_view> command) {
  const RawReply got = ask(command);
  if (got.kind == RawReply::Kind::error) {
    throw std::runtime_error{std::string{*command.begin()} + ": " + got.text};
  }
}

std::int64_t RawClient::integer(std::initializer_list<std::string_view> command) {
  const RawReply got = ask(command);
  if (got.kind != RawReply::Kind::integer) {
    throw std::runtime_error{std::string{*command.begin()} + " gave no integer: " + got.text};
  }
  return got.integer;
}

std::optional<std::string> RawClient::text(std::initializer_list<std::string_view> command) {
  RawReply got = ask(command);
  switch (got.kind) {
    case RawReply::Kind::nil:
      return std::nullopt;
    case RawReply::Kind::text:
    case RawReply::Kind::status:
      return std::move(got.text);
    default:
      throw std::runtime_error{std::string{*command.begin()} + " gave no text: " + got.text};
  }
}

std::int64_t RawClient::calls(std::string_view name) {
  const std::string all = text({"INFO", "commandstats"}).value_or("");
  const std::string wanted = "cmdstat_" + std::string{name} + ":calls=";
  const std::size_t at = all.find(wanted);
  return at == std::string::npos ? 0 : std::stoll(all.substr(at + wanted.size()));
}

void RawClient::receive() {
  std::array<char, 64 * 1024> buffer;
  const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (count <= 0) {
    throw std::runtime_error{"the server closed the connection or did not answer"};
  }
  received_.append(buffer.data(), static_cast<std::size_t>(count));
}

std::string RawClient::line() {
  std::size_t end = received_.find("\r\n");
  while (end == std::string::npos) {
    receive();
    end = received_.find("\r\n");
  }
  std::string found = received_.substr(0, end);
  received_.erase(0, end + 2);
  return found;
}

std::string RawClient::exactly(std::size_t count) {
  while (received_.size() < count) {
    receive();
  }
  std::string found = received_.substr(0, count);
  received_.erase(0, count);
  return found;
}

RawReply RawClient::reply() {
  const std::string head = line();
  const std::string rest = head.empty() ? "" : head.substr(1);
  RawReply got;
  switch (head.empty() ? '\0' : head.front()) {
    case '+':
      got.kind = RawReply::Kind::status;
      got.text = rest;
      return got;
    case '-':
      got.kind = RawReply::Kind::error;
      got.text = rest;
      return got;
    case ':':
      got.kind = RawReply::Kind::integer;
      got.integer = std::stoll(rest);
      return got;
    case '$': {
      const std::int64_t length = std::stoll(rest);
      if (length >= 0) {
        got.kind = RawReply::Kind::text;
        got.text = exactly(static_cast<std::size_t>(length));
        (void)exactly(2);
      }
      return got;
    }
    case '*': {
      const std::int64_t count = std::stoll(rest);
      if (count >= 0) {
        got.kind = RawReply::Kind::array;
        for (std::int64_t i = 0; i < count; ++i) {
          got.elements.push_back(reply());
        }
      }
      return got;
    }
    default:
      throw std::runtime_error{"this is no reply: " + head};
  }
}

}  // namespace rediscache::test
