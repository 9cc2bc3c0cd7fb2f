#include "stress/trouble.hpp"

#include <stdexcept>
#include <string>

#include "support/wait.hpp"

namespace rediscache::test {

using namespace std::chrono_literals;
using testing::Break;

/// Time passes by what is done in it; not much of it when nothing can be done.
void StressTrouble::let_calls_end(std::uint64_t count) const {
  const std::uint64_t enough = tally_.calls + count;
  static_cast<void>(eventually([&] { return tally_.calls >= enough; }, 150ms));
}

void StressTrouble::trouble_server() {
  const std::uint64_t kind = below(16);
  if (kind == 0) {
    ++counts_["restart"];
    ++tally_.wipes;
    server_.kill();
    let_calls_end(below(200));
    server_.restart();
    ++tally_.wipes;
    return;
  }
  if (kind < 5) {
    ++counts_["SIGSTOP"];
    server_.stop_process();
    let_calls_end(1 + below(300));
    server_.continue_process();
    return;
  }
  try {
    RawClient raw = server_.connect();
    if (kind < 12) {
      ++counts_["CLIENT KILL"];
      raw.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    } else {
      ++counts_["CLIENT PAUSE"];
      raw.run({"CLIENT", "PAUSE", std::to_string(1 + below(100)), below(2) == 0 ? "ALL" : "WRITE"});
    }
  } catch (const std::runtime_error&) {
    ++counts_["(server too busy to be told)"];
  }
}

void StressTrouble::trouble_network() {
  switch (below(7)) {
    case 0:
      ++counts_["cut in replies"];
      proxy_.set({.replies = {.break_at = below(400)}});
      break;
    case 1:
      ++counts_["cut in requests"];
      proxy_.set({.requests = {.break_at = below(400)}});
      break;
    case 2:
      ++counts_["reset"];
      proxy_.break_connections(Break::reset);
      break;
    case 3:
      ++counts_["delay"];
      proxy_.set({.requests = {.delay = std::chrono::microseconds{below(5000)}},
                  .replies = {.delay = std::chrono::microseconds{below(5000)}, .jitter = 2ms}});
      break;
    case 4:
      ++counts_["stall"];
      proxy_.set({.at_once = Break::stall});
      break;
    case 5:
      ++counts_["refuse"];
      proxy_.set({.refuse = true});
      break;
    default:
      ++counts_["throttle"];
      proxy_.set({.requests = {.bytes_per_second = 300'000}, .replies = {.bytes_per_second = 300'000}});
      break;
  }
}

void StressTrouble::step() {
  if (below(3) == 0) {
    trouble_server();
  } else {
    trouble_network();
  }
  let_calls_end(below(2000));
  if (below(3) != 0) {
    proxy_.heal();
    let_calls_end(below(2000));
  }
}

}  // namespace rediscache::test
