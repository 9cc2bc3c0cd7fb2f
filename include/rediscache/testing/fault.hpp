// What can go wrong between a cache and its server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <rediscache/milliseconds.hpp>

namespace rediscache::testing {

/// How a connection breaks.
enum class Break : std::uint8_t {
  close,       ///< both sides see the end of the connection
  half_close,  ///< the receiver sees the end of what it receives; the other direction goes on
  reset,       ///< both sides see a reset connection; over a unix socket, which has no such thing, the end
  black_hole,  ///< bytes are taken and lost, and nobody is told
  stall,       ///< bytes stop, and nobody is told; what was held back is delivered when the fault is lifted
};

/// What happens to the bytes of one direction of a connection. Bytes are counted from 0, from the moment the
/// fault was set, on a new connection from its first byte. Everything here may be combined. What a fault held
/// back (delay, throttle, stall) is delivered at once when another one is set.
struct FlowFault {
  /// How much later every byte arrives: a true latency, bytes under way overlap. Their order is kept.
  Microseconds delay{0};
  /// So much more at most, at random for each chunk that was read.
  Microseconds jitter{0};
  /// 0: as fast as it goes.
  std::size_t bytes_per_second = 0;
  /// The byte in whose place the connection breaks: those before it arrive, this one and the rest do not. 0
  /// breaks when something is to be forwarded for the first time.
  std::optional<std::uint64_t> break_at{};
  Break breaks = Break::close;
  /// The byte of which every bit is flipped.
  std::optional<std::uint64_t> corrupt_at{};
  /// The chance of each byte to be flipped like that, 0 to 1.
  double corrupt_rate = 0;
  /// The chance of each chunk that was read to be sent twice, 0 to 1.
  double duplicate_rate = 0;
};

/// What happens to connections. The default is nothing.
struct Fault {
  FlowFault requests{};  ///< from the client to the server
  FlowFault replies{};   ///< from the server to the client
  /// Nobody listens: connecting is refused, and live connections are closed, as when the server has ended.
  bool refuse = false;
  /// Happens to live connections at once, and to a new one as soon as it is there. half_close ends the
  /// replies.
  std::optional<Break> at_once{};
};

/// Half of `time` in each direction.
[[nodiscard]] constexpr Fault round_trip(Microseconds time) noexcept {
  Fault fault;
  fault.requests.delay = time / 2;
  fault.replies.delay = time - time / 2;
  return fault;
}

}  // namespace rediscache::testing
