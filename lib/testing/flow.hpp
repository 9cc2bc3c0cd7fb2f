// One direction of a connection through the proxy.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <rediscache/testing/fault.hpp>

#include "testing/counters.hpp"
#include "testing/shaper.hpp"

namespace rediscache::testing {

using Socket = boost::asio::generic::stream_protocol::socket;

/// Reads from one socket and writes to the other what the shaper makes of it, when it is due. Belongs to a
/// relay, which outlives it, and to the proxy's thread.
class Flow {
 public:
  /// Who is told.
  class Owner {
   public:
    virtual ~Owner();
    /// What its handlers hold on to.
    [[nodiscard]] virtual std::shared_ptr<void> keep_alive() = 0;
    /// The connection is to be closed, or reset, now.
    virtual void close_now(bool reset) = 0;
    /// This direction has ended as it should.
    virtual void has_ended() = 0;
  };

  Flow(Owner& owner, Socket& from, Socket& to, const Shaper& shaper, Counters& counters,
       Counters::Count& bytes);

  void start();
  /// False when bytes were lost, so that nothing can be made good.
  [[nodiscard]] bool set(const FlowFault& fault);
  void break_now(Break how);
  void cancel();

 private:
  void read();
  void received(const boost::system::error_code& error, std::size_t count);
  void write();
  void wait_until(Shaper::Time due);
  void wait_until_writable();
  void note_faults();
  void drop_queue() noexcept;

  // Beyond so many bytes under way it does not read on, as a full line would not.
  static constexpr std::size_t most_queued = std::size_t{4} << 20U;

  Owner& owner_;
  Socket& from_;
  Socket& to_;
  Shaper shaper_;
  Counters& counters_;
  Counters::Count& bytes_;
  boost::asio::steady_timer timer_;
  std::deque<Piece> queue_;
  std::size_t queued_bytes_ = 0;
  std::size_t sent_of_first_ = 0;
  bool started_ = false;
  bool reading_ = false;
  bool waiting_ = false;  // for the time, or for room to write
  bool stalled_ = false;
  bool swallows_ = false;
  bool has_lost_ = false;
  bool input_ended_ = false;
  std::uint64_t noted_corrupted_ = 0;
  std::uint64_t noted_duplicated_ = 0;
  std::uint64_t noted_delayed_ = 0;
  std::array<char, 64 * 1024> buffer_;
};

}  // namespace rediscache::testing
