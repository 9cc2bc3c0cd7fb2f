// System calls on sockets that do less than they could: transfers of a few bytes, EINTR, EAGAIN.
//
// The program that links bad_weather.cpp has its own send, sendmsg, recv and poll, which do as the system's
// unless a BadWeather is there, in the same thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace rediscache::test {

class BadWeather {
 public:
  struct Forecast {
    unsigned interrupted = 12;  ///< of 100 calls, so many end with EINTR
    unsigned would_block = 12;  ///< with EAGAIN
    unsigned one_byte = 20;     ///< transfer a single byte
    unsigned few_bytes = 20;    ///< transfer less than asked for
  };
  struct Toll {
    std::size_t calls = 0;
    std::size_t interrupted = 0;
    std::size_t would_block = 0;
    std::size_t cut_short = 0;
  };

  BadWeather(std::uint64_t seed, const Forecast& forecast);
  BadWeather(const BadWeather&) = delete;
  BadWeather& operator=(const BadWeather&) = delete;
  ~BadWeather();

  /// That of this thread, or nullptr.
  [[nodiscard]] static BadWeather* here() noexcept;

  /// An errno to fail with, or 0.
  [[nodiscard]] int error_now(bool may_block);
  /// How many bytes of so many to transfer.
  [[nodiscard]] std::size_t cut(std::size_t bytes);
  [[nodiscard]] const Toll& toll() const noexcept { return toll_; }

 private:
  std::mt19937_64 random_;
  Forecast forecast_;
  Toll toll_;
};

}  // namespace rediscache::test
