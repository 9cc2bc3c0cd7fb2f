// What a FlowFault makes of bytes: the rules of one direction, without sockets or a clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include <rediscache/testing/fault.hpp>

#include "testing/dice.hpp"

namespace rediscache::testing {

/// Something that happens in its turn, not before `due`: bytes to send, a break, or the end.
struct Piece {
  std::chrono::steady_clock::time_point due{};
  std::string bytes{};
  std::optional<Break> breaks{};
  bool ends = false;
};

class Shaper {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Shaper(std::uint64_t seed, std::uint64_t stream) noexcept : dice_{seed, stream} {}

  /// Bytes are counted from 0 again.
  void set(const FlowFault& fault) noexcept;

  /// Appends what becomes of bytes that were read at that time.
  void shape(std::string_view bytes, Time now, std::deque<Piece>& out);
  /// Appends the end, which is as late as bytes would be.
  void end(Time now, std::deque<Piece>& out);

  // Counted since it was made.
  [[nodiscard]] std::uint64_t corrupted() const noexcept { return corrupted_; }
  [[nodiscard]] std::uint64_t duplicated() const noexcept { return duplicated_; }
  [[nodiscard]] std::uint64_t delayed() const noexcept { return delayed_; }
  /// Whether bytes came that will never be sent.
  [[nodiscard]] bool has_lost() const noexcept { return has_lost_; }

 private:
  void corrupt(std::string& bytes);
  void send(std::string bytes, Time now, std::deque<Piece>& out);
  [[nodiscard]] Time due(Time now) noexcept;

  Dice dice_;
  FlowFault fault_;
  std::uint64_t seen_ = 0;
  bool swallows_ = false;
  bool has_lost_ = false;
  Time latest_{};  // when the last piece is due: none may overtake it
  Time free_{};    // when a throttled line has sent what it was given
  std::uint64_t corrupted_ = 0;
  std::uint64_t duplicated_ = 0;
  std::uint64_t delayed_ = 0;
};

}  // namespace rediscache::testing
