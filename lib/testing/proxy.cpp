#include "testing/proxy.hpp"

#include <exception>
#include <future>
#include <utility>

#include <boost/asio/post.hpp>

#include "base/quiet_thread.hpp"

namespace rediscache::testing {

Proxy::Proxy(std::string_view upstream, const FaultProxyOptions& options)
    : upstream_{parse_address(upstream)},
      seed_{options.seed},
      listener_{context_, options.unix_socket, [this](Socket socket) { accepted(std::move(socket)); }},
      plan_{[](std::uint64_t) { return Fault{}; }},
      thread_{base::quiet_thread([this] { context_.run(); })} {}

Proxy::~Proxy() {
  in_thread([this] {
    listener_.close();
    // Closing one takes it out of the map, later.
    for (const auto& [relay, owner] : relays_) {
      relay->close_now(false);
    }
  });
  work_.reset();
  thread_.join();
}

void Proxy::in_thread(const std::function<void()>& work) {
  // Shared: the thread may still be busy with the promise when the future is ready.
  const auto done = std::make_shared<std::promise<void>>();
  boost::asio::post(context_, [&work, done] {
    try {
      work();
      done->set_value();
    } catch (...) {
      done->set_exception(std::current_exception());
    }
  });
  done->get_future().get();
}

void Proxy::accepted(Socket socket) {
  const auto relay = std::make_shared<Relay>(std::move(socket), seed_, accepted_++, counters_,
                                             [this](Relay& closed) { relays_.erase(&closed); });
  relays_.emplace(relay.get(), relay);
  relay->start(upstream_.endpoint, plan_(planned_++));
}

void Proxy::follow(Plan plan) {
  plan_ = std::move(plan);
  planned_ = 0;
}

void Proxy::listen(bool yes) {
  if (yes && !listener_.is_open()) {
    listener_.open();
  } else if (!yes && listener_.is_open()) {
    ++counters_.refusals;
    listener_.close();
  }
}

void Proxy::set(const Fault& fault) {
  in_thread([this, &fault] {
    follow([fault](std::uint64_t) { return fault; });
    for (const auto& [relay, owner] : relays_) {
      if (fault.refuse) {
        relay->close_now(false);
      } else {
        relay->set(fault);
      }
    }
    listen(!fault.refuse);
  });
}

void Proxy::script(std::vector<Fault> faults) {
  in_thread([this, &faults] {
    follow([script = std::move(faults)](std::uint64_t connection) {
      return connection < script.size() ? script[connection] : Fault{};
    });
    listen(true);
  });
}

void Proxy::schedule(const FaultSchedule& schedule) {
  in_thread([this, &schedule] {
    follow([schedule](std::uint64_t connection) { return fault_for(schedule, connection); });
    listen(true);
  });
}

void Proxy::break_connections(Break how) {
  in_thread([this, how] {
    for (const auto& [relay, owner] : relays_) {
      relay->break_now(how);
    }
  });
}

}  // namespace rediscache::testing
