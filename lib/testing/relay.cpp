#include "testing/relay.hpp"

#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>

namespace rediscache::testing {

Relay::Relay(Socket client, std::uint64_t seed, std::uint64_t number, Counters& counters, Closed on_closed)
    : counters_{counters},
      on_closed_{std::move(on_closed)},
      client_{std::move(client)},
      server_{client_.get_executor()},
      requests_{*this, client_, server_, Shaper{seed, 2 * number}, counters, counters.request_bytes},
      replies_{*this, server_, client_, Shaper{seed, 2 * number + 1}, counters, counters.reply_bytes} {
  ++counters_.connections;
  ++counters_.connections_open;
}

void Relay::start(const Endpoint& upstream, const Fault& fault) {
  set(fault);
  if (closed_) {
    return;
  }
  server_.async_connect(upstream, [this, keep = keep_alive()](const boost::system::error_code& error) {
    if (closed_) {
      return;
    }
    if (error) {
      close_now(false);
      return;
    }
    boost::system::error_code ignored;  // unix sockets know no such option
    static_cast<void>(server_.set_option(boost::asio::ip::tcp::no_delay{true}, ignored));
    // Whoever does not read must not hold up the others, for all have one thread.
    static_cast<void>(server_.non_blocking(true, ignored));
    static_cast<void>(client_.non_blocking(true, ignored));
    requests_.start();
    replies_.start();
  });
}

void Relay::set(const Fault& fault) {
  const bool whole = requests_.set(fault.requests);
  if (!replies_.set(fault.replies) || !whole) {
    close_now(false);
    return;
  }
  if (fault.at_once) {
    break_now(*fault.at_once);
  }
}

void Relay::break_now(Break how) {
  if (closed_) {
    return;
  }
  replies_.break_now(how);
  // A break in both directions is one break.
  if (how == Break::black_hole || how == Break::stall) {
    requests_.break_now(how);
    --counters_.breaks;
  }
}

void Relay::has_ended() {
  if (++ended_ == 2) {
    close_now(false);
  }
}

void Relay::close_now(bool reset) {
  if (std::exchange(closed_, true)) {
    return;
  }
  boost::system::error_code ignored;
  if (reset) {
    static_cast<void>(client_.set_option(boost::asio::socket_base::linger{true, 0}, ignored));
    static_cast<void>(server_.set_option(boost::asio::socket_base::linger{true, 0}, ignored));
  }
  static_cast<void>(client_.close(ignored));
  static_cast<void>(server_.close(ignored));
  requests_.cancel();
  replies_.cancel();
  --counters_.connections_open;
  boost::asio::post(client_.get_executor(), [this, keep = keep_alive()] { on_closed_(*this); });
}

}  // namespace rediscache::testing
