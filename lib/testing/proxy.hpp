// What is behind a FaultProxy: its thread, and what happens there.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <rediscache/testing/fault_proxy.hpp>

#include "testing/address.hpp"
#include "testing/counters.hpp"
#include "testing/listener.hpp"
#include "testing/relay.hpp"

namespace rediscache::testing {

/// Thread-safe: the public functions hand their work to the thread and wait for it.
class Proxy {
 public:
  Proxy(std::string_view upstream, const FaultProxyOptions& options);
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy();

  void set(const Fault& fault);
  void script(std::vector<Fault> faults);
  void schedule(const FaultSchedule& schedule);
  void break_connections(Break how);

  [[nodiscard]] const std::string& scheme() const noexcept { return upstream_.scheme; }
  [[nodiscard]] const std::string& path() const noexcept { return listener_.path(); }
  [[nodiscard]] std::uint16_t port() const noexcept { return listener_.port(); }
  [[nodiscard]] FaultProxyStatistics statistics() const noexcept { return counters_.statistics(); }

 private:
  /// Which fault a new connection gets, given its number since the plan was made.
  using Plan = std::function<Fault(std::uint64_t connection)>;

  void in_thread(const std::function<void()>& work);
  void accepted(Socket socket);
  void follow(Plan plan);
  void listen(bool yes);

  const Address upstream_;
  const std::uint64_t seed_;
  Counters counters_;
  // From here on everything belongs to the thread.
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  Listener listener_;
  std::unordered_map<Relay*, std::shared_ptr<Relay>> relays_;
  Plan plan_;
  std::uint64_t planned_ = 0;  // connections since the plan was made
  std::uint64_t accepted_ = 0;
  std::thread thread_;
};

}  // namespace rediscache::testing
