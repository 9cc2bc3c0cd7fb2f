// Options of the tests in which servers misbehave.
#pragma once

#include <chrono>
#include <string>

#include <rediscache/options.hpp>

namespace rediscache::test {

/// One try and short deadlines, for servers that never answer as they should.
[[nodiscard]] inline Options impatient_options(const std::string& url) {
  using std::chrono::milliseconds;
  Options options;
  options.location = {url};
  options.connect_timeout = milliseconds{100};
  options.socket_timeout = milliseconds{100};
  options.call_timeout = milliseconds{100};
  options.pool_timeout = milliseconds{100};
  options.max_retries = 0;
  return options;
}

/// One try and deadlines that no test should reach.
[[nodiscard]] inline Options patient_options(const std::string& url) {
  using std::chrono::seconds;
  Options options;
  options.location = {url};
  options.connect_timeout = seconds{20};
  options.socket_timeout = seconds{20};
  options.call_timeout = seconds{20};
  options.pool_timeout = seconds{20};
  options.max_retries = 0;
  return options;
}

}  // namespace rediscache::test
