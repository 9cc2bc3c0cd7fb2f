// What the tests of operations share: each runs over a unix socket and over TCP, with each serializer.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "support/scripted_server.hpp"
#include "support/server_suite.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {

struct Setup {
  Transport transport = Transport::local;
  std::string serializer{};

  friend std::ostream& operator<<(std::ostream& out, const Setup& setup) {
    return out << (setup.transport == Transport::local ? "unix" : "tcp") << '_' << setup.serializer;
  }
};

class CacheTest : public ServerSuite, public ::testing::WithParamInterface<Setup> {
 protected:
  [[nodiscard]] Options options() const {
    Options options;
    options.location = {GetParam().transport == Transport::local ? server().unix_url() : server().tcp_url()};
    options.serializer = GetParam().serializer;
    return options;
  }
  /// Made on first use, by the test's own thread: others are given the reference.
  [[nodiscard]] RedisCache& cache() {
    if (!cache_) {
      cache_.emplace(options());
    }
    return *cache_;
  }
  [[nodiscard]] static bool is_json() { return GetParam().serializer == "json"; }

 private:
  std::optional<RedisCache> cache_;
};

/// Options of a cache to whose server nobody listens: every call that asks it fails.
[[nodiscard]] inline Options options_to_nobody() {
  Options options;
  options.location = {"unix:///nonexistent/redis.sock"};
  return options;
}

inline auto every_setup() {
  return ::testing::Values(Setup{Transport::local, "plain"}, Setup{Transport::local, "json"},
                           Setup{Transport::tcp, "plain"}, Setup{Transport::tcp, "json"});
}
inline auto every_transport(const std::string& serializer) {
  return ::testing::Values(Setup{Transport::local, serializer}, Setup{Transport::tcp, serializer});
}
inline std::string setup_name(const ::testing::TestParamInfo<Setup>& info) {
  return ::testing::PrintToString(info.param);
}

}  // namespace rediscache::test

/// Runs the tests of `Suite` with every setup.
#define REDISCACHE_TEST_EVERY_SETUP(Suite) \
  INSTANTIATE_TEST_SUITE_P(Each, Suite, ::rediscache::test::every_setup(), ::rediscache::test::setup_name)
/// With one serializer only, for what does not exist with the other.
#define REDISCACHE_TEST_EVERY_TRANSPORT(Suite, serializer)                               \
  INSTANTIATE_TEST_SUITE_P(Each, Suite, ::rediscache::test::every_transport(serializer), \
                           ::rediscache::test::setup_name)
