#include "chaos/soak_chaos.hpp"

#include <stdexcept>
#include <thread>

namespace rediscache::test {

using namespace std::chrono_literals;
using testing::Break;
using testing::Fault;

SoakChaos::SoakChaos(RedisServer& server, testing::FaultProxy& proxy, SoakTally& tally, std::uint64_t seed)
    : server_{server}, proxy_{proxy}, tally_{tally}, random_{seed} {}

void SoakChaos::pass_time(std::uint64_t most_ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds{1 + below(most_ms)});
}

void SoakChaos::heal() {
  proxy_.heal();
}

void SoakChaos::bad_line() {
  Fault fault;
  switch (below(3)) {
    case 0:
      ++faults_["delay"];
      fault.requests.delay = fault.replies.delay = std::chrono::microseconds{below(8000)};
      fault.replies.jitter = 3ms;
      break;
    case 1:
      ++faults_["late"];
      fault.replies.delay = 400ms;
      break;
    default:
      ++faults_["throttle"];
      fault.requests.bytes_per_second = 200'000;
      fault.replies.bytes_per_second = 100'000;
      break;
  }
  proxy_.set(fault);
}

void SoakChaos::broken_line() {
  switch (below(6)) {
    case 0: {
      ++faults_["breaks at random"];
      testing::FaultSchedule schedule;
      schedule.seed = random_();
      schedule.close = schedule.half_close = schedule.reset = 0.2;
      schedule.black_hole = schedule.stall = 0.05;
      schedule.within_bytes = 20'000;
      proxy_.schedule(schedule);
      proxy_.break_connections(Break::reset);
      break;
    }
    case 1:
      ++faults_["reset"];
      proxy_.break_connections(Break::reset);
      break;
    case 2:
      ++faults_["refuse"];
      proxy_.set({.refuse = true});
      break;
    case 3:
      ++faults_["black hole"];
      proxy_.set({.at_once = Break::black_hole});
      break;
    case 4:
      ++faults_["stall"];
      proxy_.set({.at_once = Break::stall});
      break;
    default:
      ++faults_["cut in a reply"];
      proxy_.set({.replies = {.break_at = below(300)}});
      break;
  }
}

void SoakChaos::bad_server() {
  try {
    RawClient raw = server_.connect();
    switch (below(4)) {
      case 0:
        ++faults_["CLIENT KILL"];
        raw.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
        break;
      case 1:
        ++faults_["CLIENT PAUSE"];
        raw.run({"CLIENT", "PAUSE", std::to_string(1 + below(300)), "ALL"});
        break;
      case 2:
        ++faults_["DEBUG SLEEP"];
        raw.run({"DEBUG", "SLEEP", "0.2"});
        break;
      default:
        ++faults_["SIGSTOP"];
        server_.stop_process();
        pass_time(400);
        server_.continue_process();
        break;
    }
  } catch (const std::runtime_error&) {
    ++faults_["(server too busy to be told)"];
  }
}

void SoakChaos::restart_server() {
  ++faults_["restart"];
  ++tally_.wipes;
  server_.kill();
  pass_time(200);
  server_.restart();
  ++tally_.wipes;
}

void SoakChaos::step() {
  const std::uint64_t kind = below(20);
  if (kind < 7) {
    bad_line();
  } else if (kind < 14) {
    broken_line();
  } else if (kind < 19) {
    bad_server();
  } else {
    restart_server();
  }
  pass_time(300);
  if (below(4) != 0) {
    heal();
    pass_time(300);
  }
}

}  // namespace rediscache::test
