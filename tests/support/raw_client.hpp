// A client of its own for looking at what really is in the server.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/socket.hpp"

namespace rediscache::test {

struct RawReply {
  enum class Kind : std::uint8_t { nil, status, error, integer, text, array };

  Kind kind = Kind::nil;
  std::int64_t integer = 0;
  std::string text{};
  std::vector<RawReply> elements{};
};

/// One blocking connection. Trouble with it throws std::runtime_error; error replies are replies to
/// command() and std::runtime_error to the others.
class RawClient {
 public:
  explicit RawClient(const Address& address);

  [[nodiscard]] RawReply ask(std::initializer_list<std::string_view> command);
  void run(std::initializer_list<std::string_view> command);
  [[nodiscard]] std::int64_t integer(std::initializer_list<std::string_view> command);
  /// Text or status, nothing for nil.
  [[nodiscard]] std::optional<std::string> text(std::initializer_list<std::string_view> command);

  /// The stored bytes of a key as the server knows it.
  [[nodiscard]] std::optional<std::string> get(std::string_view made_key) { return text({"GET", made_key}); }
  void set(std::string_view made_key, std::string_view bytes) { run({"SET", made_key, bytes}); }
  /// Milliseconds left: -1 no expiry, -2 no such key.
  [[nodiscard]] std::int64_t pttl(std::string_view made_key) { return integer({"PTTL", made_key}); }
  [[nodiscard]] bool exists(std::string_view made_key) { return integer({"EXISTS", made_key}) == 1; }
  /// How many commands of that (lower-case) name the server has executed.
  [[nodiscard]] std::int64_t calls(std::string_view name);

 private:
  [[nodiscard]] std::string line();
  [[nodiscard]] std::string exactly(std::size_t count);
  [[nodiscard]] RawReply reply();
  void receive();

  Descriptor socket_;
  std::string received_;
};

}  // namespace rediscache::test
