// A bad network between a cache and its server, on request.
//
//   rediscache::testing::FaultProxy proxy{"redis://127.0.0.1:6379"};
//   rediscache::RedisCache cache{{.location = {proxy.url()}, .ignore_exceptions = true}};
//
//   proxy.set({.replies = {.break_at = 3}});          // every reply is cut after three bytes
//   EXPECT_EQ(render_page(cache), rendered_without);  // the service works without its cache
//   proxy.heal();
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/export.hpp>
#include <rediscache/testing/fault.hpp>
#include <rediscache/testing/fault_schedule.hpp>

namespace rediscache::testing {

class Proxy;

struct FaultProxyOptions {
  /// Where to listen: this unix socket, or, when it is empty, a free port of 127.0.0.1. "auto" is a socket in
  /// a temporary directory that goes with the proxy.
  std::string unix_socket{};
  /// For jitter, flipped bytes and duplicates at random: the same for the same seed, connections and bytes.
  std::uint64_t seed = 1;
};

/// What a proxy has done so far.
struct FaultProxyStatistics {
  std::uint64_t connections = 0;       ///< accepted
  std::uint64_t connections_open = 0;  ///< of them, now
  std::uint64_t request_bytes = 0;     ///< given to the server
  std::uint64_t reply_bytes = 0;       ///< given to clients
  std::uint64_t breaks = 0;            ///< connections and directions that were broken
  std::uint64_t refusals = 0;          ///< times that listening was given up
  std::uint64_t corrupted_bytes = 0;
  std::uint64_t duplicated_chunks = 0;
  std::uint64_t delayed_chunks = 0;
};

/// Forwards bytes between clients and a server, unchanged but for the fault it was given; TLS passes through
/// like anything else. Works in a thread of its own, on this machine.
///
/// Thread safety: every function may be called from any thread at any time.
/// Errors: InvalidOptions for an upstream that cannot be used, ConnectionError when it cannot listen. A
/// server that cannot be reached closes the client's connection. Blocking: changes wait until the proxy's
/// thread has made them, which takes it no time worth speaking of. Does not survive fork(): the child must
/// not touch it.
class REDISCACHE_API FaultProxy {
 public:
  /// `upstream` is where the server is: `redis://127.0.0.1:6379`, `rediss://[::1]:6380` or
  /// `unix:///path/to/socket`. A literal address or localhost; whatever follows it is left alone.
  explicit FaultProxy(std::string_view upstream, const FaultProxyOptions& options = {});
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;
  /// Closes all connections and ends the thread, at once.
  ~FaultProxy();

  /// Where it listens, for `Options::location`: the upstream's scheme, no credentials, this database.
  [[nodiscard]] std::string url(int database = 0) const;
  /// The port of 127.0.0.1, 0 for a unix socket.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// From now on all connections, live and new ones, have this fault instead of any other. In effect when it
  /// returns. Connections from which bytes were lost cannot be mended and are closed.
  void set(const Fault& fault);
  /// No faults any more: set({}). What was stalled is delivered.
  void heal() { set({}); }
  /// The next connections have these faults, one each, and those after them none. Live ones stay as they are.
  void script(std::vector<Fault> faults);
  /// Every new connection has a fault at random; the first one is number 0. Live ones stay as they are.
  void schedule(const FaultSchedule& schedule);
  /// Breaks all live connections now, and leaves new ones alone.
  void break_connections(Break how = Break::reset);

  [[nodiscard]] FaultProxyStatistics statistics() const;

 private:
  std::unique_ptr<Proxy> proxy_;
};

}  // namespace rediscache::testing
