// One client's connection through the proxy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include <boost/asio/generic/stream_protocol.hpp>

#include <rediscache/testing/fault.hpp>

#include "testing/counters.hpp"
#include "testing/flow.hpp"

namespace rediscache::testing {

/// Two sockets and a flow in each direction. Everything happens in the proxy's thread.
class Relay final : public Flow::Owner, public std::enable_shared_from_this<Relay> {
 public:
  using Endpoint = boost::asio::generic::stream_protocol::endpoint;
  using Closed = std::function<void(Relay& relay)>;

  /// `on_closed` is called once, and not from within start() or set().
  Relay(Socket client, std::uint64_t seed, std::uint64_t number, Counters& counters, Closed on_closed);

  void start(const Endpoint& upstream, const Fault& fault);
  void set(const Fault& fault);
  void break_now(Break how);
  void close_now(bool reset) override;

 private:
  [[nodiscard]] std::shared_ptr<void> keep_alive() override { return shared_from_this(); }
  void has_ended() override;

  Counters& counters_;
  Closed on_closed_;
  Socket client_;
  Socket server_;
  Flow requests_;
  Flow replies_;
  std::size_t ended_ = 0;
  bool closed_ = false;
};

}  // namespace rediscache::testing
