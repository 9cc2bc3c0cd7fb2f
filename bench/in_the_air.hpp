// One thread and one connection with always as many requests in the air: a bound, not a client.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <hiredis/hiredis.h>

#include "connection.hpp"
#include "data.hpp"

namespace bench {

/// The bytes of a connection, plain or over TLS.
class Bytes {
 public:
  Bytes() = default;
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  virtual ~Bytes() = default;
  virtual void send(std::string_view text) = 0;
  /// 0 when there is nothing yet and the connection does not wait.
  [[nodiscard]] virtual std::size_t receive(std::span<char> place) = 0;
};

/// Gets values with hiredis' reader. Requests are made beforehand; whoever has an answer asks again at once,
/// so requests leave in one send for all answers that one receive brought.
class InTheAir {
 public:
  /// How it waits for answers: asleep in the kernel, or awake, asking again and again and never letting its
  /// CPU go.
  enum class Wait { asleep, awake };

  InTheAir(const Endpoint& endpoint, const Data& data, std::size_t in_the_air, Wait wait);

  void run(std::size_t operations);

 private:
  void ask(std::size_t count);
  /// How many answers there were.
  [[nodiscard]] std::size_t take();

  struct FreeReader {
    void operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }
  };

  std::unique_ptr<Bytes> bytes_;
  std::unique_ptr<redisReader, FreeReader> reader_;
  std::vector<std::string> requests_;
  std::size_t next_ = 0;
  std::size_t value_bytes_;
  std::size_t in_the_air_;
  std::string out_;
};

}  // namespace bench
