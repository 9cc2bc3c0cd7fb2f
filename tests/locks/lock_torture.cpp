#include "locks/lock_torture.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <numeric>
#include <stdexcept>

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::uint64_t kinds = 9;
// Far beyond what is allowed, for a busy machine and sanitizers: a waiter that was forgotten waits for ever.
constexpr auto margin = 15s;
constexpr auto longest_standstill = 40s;

std::string path_in(const TemporaryDirectory& directory) {
  return directory.path() + "/state";
}

}  // namespace

LockTorture::LockTorture(const TortureSettings& settings)
    : settings_{settings},
      random_{settings.seed},
      state_{path_in(directory_), SharedFile<TortureState>::Way::make},
      server_{{.config = {"appendonly yes", "appendfsync always"}}},
      processes_(settings.processes),
      generation_(settings.processes) {
  if (settings.processes * settings.threads * generations > FencedResource::most_holders) {
    throw std::invalid_argument{"more processes and threads than the torture has places for"};
  }
  state_->resource.set_room(room_of(settings.kind));
}

std::size_t LockTorture::first_holder(std::size_t process) const {
  return (process * generations + generation_[process] % generations) * settings_.threads;
}

void LockTorture::start(std::size_t process) {
  processes_[process] =
      WorkerProcess{{"--worker", path_in(directory_), server_.unix_url(), std::to_string(process),
                     std::to_string(first_holder(process)), std::to_string(settings_.threads),
                     std::to_string(static_cast<int>(settings_.kind)), std::to_string(random_())}};
}

void LockTorture::replace(std::size_t process) {
  processes_[process].kill();
  for (std::size_t i = 0; i < settings_.threads; ++i) {
    state_->due[first_holder(process) + i] = 0;
  }
  ++generation_[process];
  start(process);
}

bool LockTorture::run() {
  progress_ = steady_clock::now();
  const auto end = progress_ + settings_.time;
  for (std::size_t i = 0; i < settings_.processes; ++i) {
    start(i);
  }
  std::array<std::uint64_t, kinds> order{};
  std::iota(order.begin(), order.end(), 0);
  // Everything once, whatever the time; then by chance. A queue only has its first die: it takes seconds each
  // time until those who died or were stopped are known to be gone.
  const std::size_t surely = settings_.kind == TortureKind::fair ? 1 : kinds;
  if (settings_.kind != TortureKind::fair) {
    std::shuffle(order.begin(), order.end(), random_);
  }
  for (std::size_t i = 0; !stuck_ && (i < surely || steady_clock::now() < end); ++i) {
    step(i < surely ? order[i] : below(kinds));
    let_some_in(50);
  }
  drain();
  check_tokens();
  check_permits();
  check_leftovers();
  print();
  return state_->counts.violations == 0 && state_->resource.overlaps() == 0;
}

void LockTorture::step(std::uint64_t kind) {
  switch (kind) {
    case 0:
      return kill_holder();
    case 1:
      return stop_holder();
    case 2:
      return outlive_timeout();
    case 3:
      return restart_under_holder();
    case 4:
      return kill_any();
    case 5:
      return stop_any();
    case 6:
      return restart_server();
    case 7:
      return stop_server();
    default:
      return cut_connections();
  }
}

std::uint64_t LockTorture::ask_to_stay() {
  Stay& stay = state_->stay;
  stay.token = 0;
  stay.may_go = false;
  stay.outcome = Stay::Outcome::pending;
  stay.asked = true;
  if (!watched([&] { return stay.token != 0; })) {
    violation("nobody came in to stay");
  }
  return stay.token;
}

void LockTorture::let_go() {
  state_->stay.may_go = true;
  if (!watched([&] { return state_->stay.outcome != Stay::Outcome::pending; })) {
    violation("who stayed inside does not come out");
  }
}

void LockTorture::expect_follower(std::uint64_t token, const char* of_whom) {
  // Others may share what it has; who wants to be alone has to wait until it has it no more.
  const bool shared = settings_.kind == TortureKind::shared && !state_->stay.alone;
  const bool followed = watched(
      [&] { return (shared ? state_->resource.highest_alone() : state_->resource.highest()) > token; });
  if (!followed) {
    violation(std::string{"nobody came after a holder that was "} + of_whom);
  }
}

void LockTorture::kill_holder() {
  ++done_["holder killed"];
  if (const std::uint64_t token = ask_to_stay()) {
    replace(state_->stay.process);
    expect_follower(token, "killed");
  }
}

void LockTorture::stop_holder() {
  ++done_["holder stopped beyond its timeout"];
  const std::uint64_t token = ask_to_stay();
  if (token == 0) {
    return;
  }
  WorkerProcess& process = processes_[state_->stay.process];
  process.stop();
  expect_follower(token, "stopped");
  process.resume();
  let_go();
  // Nobody comes after the holder of a permit, so there is nobody for whose sake it would be refused.
  if (settings_.kind != TortureKind::semaphore && state_->stay.outcome != Stay::Outcome::refused) {
    violation("a holder whose time had passed was let in by the resource");
  }
}

void LockTorture::outlive_timeout() {
  ++done_["holder stayed longer than its timeout"];
  if (ask_to_stay() == 0) {
    return;
  }
  const auto until = steady_clock::now() + TortureState::lock_timeout * 3 / 2;
  static_cast<void>(watched([&] { return steady_clock::now() > until; }));
  let_go();
  outlived_ += state_->stay.outcome == Stay::Outcome::left ? 1U : 0U;
}

void LockTorture::restart_under_holder() {
  ++done_["server restarted under a holder"];
  if (ask_to_stay() != 0) {
    server_.restart();
    let_some_in(1);  // if the server has forgotten who holds the lock
    let_go();
  }
}

void LockTorture::kill_any() {
  ++done_["process killed"];
  replace(below(settings_.processes));
}

void LockTorture::stop_any() {
  ++done_["process stopped"];
  WorkerProcess& process = processes_[below(settings_.processes)];
  process.stop();
  let_some_in(below(200));
  process.resume();
}

void LockTorture::restart_server() {
  ++done_["server restarted"];
  server_.kill();
  if (below(4) == 0) {  // long enough for a holder to lose its lock
    const auto until = steady_clock::now() + TortureState::lock_timeout;
    static_cast<void>(watched([&] { return steady_clock::now() > until; }));
  }
  server_.restart();
}

void LockTorture::stop_server() {
  ++done_["server stopped"];
  server_.stop_process();
  const auto until = steady_clock::now() + std::chrono::milliseconds{below(300)};
  static_cast<void>(watched([&] { return steady_clock::now() > until; }));
  server_.continue_process();
}

void LockTorture::cut_connections() {
  ++done_["connections cut"];
  RawClient raw = server_.connect();
  raw.run({"CLIENT", "KILL", "TYPE", below(2) == 0 ? "pubsub" : "normal", "SKIPME", "yes"});
  if (below(2) == 0) {
    raw.run({"SCRIPT", "FLUSH"});
  }
}

/// Time passes by what is done in it; not much of it when nothing can be done.
void LockTorture::let_some_in(std::uint64_t most) {
  const std::uint64_t enough = state_->resource.entries() + 1 + below(most);
  static_cast<void>(watched([&] { return state_->resource.entries() >= enough; }, 300ms));
}

void LockTorture::drain() {
  state_->draining = true;
  const bool all = watched(
      [&] {
        return std::all_of(processes_.begin(), processes_.end(), [](auto& one) { return one.has_ended(); });
      },
      60s);
  if (!all) {
    violation("not every waiter came in, though nothing was in its way");
  }
  for (std::size_t i = 0; i < settings_.processes; ++i) {
    processes_[i].kill();
    if (processes_[i].wait_status() != 0) {
      violation("a process ended badly, with status " + std::to_string(processes_[i].wait_status()));
    }
  }
}

void LockTorture::check_tokens() {
  const std::size_t count = std::min(state_->token_count.load(), TortureState::most_tokens);
  std::vector<std::uint64_t> tokens(state_->tokens.begin(),
                                    state_->tokens.begin() + static_cast<std::ptrdiff_t>(count));
  std::sort(tokens.begin(), tokens.end());
  if (const auto twice = std::adjacent_find(tokens.begin(), tokens.end()); twice != tokens.end()) {
    violation("token " + std::to_string(*twice) + " was given out twice");
  }
  if (done_["holder stayed longer than its timeout"] > 0 && outlived_ == 0) {
    violation("not one of what was held was renewed");
  }
}

/// All permits are there again, those of the dead too, once their time is over.
void LockTorture::check_permits() {
  if (settings_.kind != TortureKind::semaphore) {
    return;
  }
  if (state_->resource.most_at_once() < torture_permits) {
    violation("not all permits were ever held at once");
  }
  Options options;
  options.location = {server_.unix_url()};
  RedisCache cache{options};
  std::vector<std::unique_ptr<Taken>> all;
  for (std::size_t i = 0; i < torture_permits; ++i) {
    all.push_back(to_take(cache, settings_.kind, {.timeout = TortureState::lock_timeout}, false));
    if (!all.back()->acquire()) {
      violation("a permit was not given back");
    }
  }
}

void LockTorture::check_leftovers() {
  RawClient raw = server_.connect();
  for (const RawReply& key : raw.ask({"KEYS", "*"}).elements) {
    if (raw.pttl(key.text) == -1) {
      violation("a key that never expires was left behind: " + key.text);
    }
  }
}

void LockTorture::watch() {
  const auto now = steady_clock::now();
  if (const std::uint64_t entries = state_->resource.entries(); entries != entries_seen_) {
    entries_seen_ = entries;
    progress_ = now;
  } else if (now - progress_ > longest_standstill && !stuck_ && !state_->draining) {
    stuck_ = true;
    violation("nobody has come in for long");
  }
  for (std::size_t i = 0; i < settings_.processes; ++i) {
    if (!processes_[i].is_stopped()) {
      watch_waiters(i);
    }
    if (!state_->draining && processes_[i].has_ended()) {
      violation("a process ended by itself, with status " + std::to_string(processes_[i].wait_status()));
      ++generation_[i];
      start(i);
    }
  }
}

void LockTorture::watch_waiters(std::size_t process) {
  const std::int64_t since = ticks(processes_[process].running_since());
  for (std::size_t i = 0; i < settings_.threads; ++i) {
    auto& due = state_->due[first_holder(process) + i];
    std::int64_t when = due;
    if (when != 0 && ticks_now() > std::max(when, since) + std::chrono::nanoseconds{margin}.count() &&
        due.compare_exchange_strong(when, 0)) {
      violation("a waiter was forgotten: its time was over " +
                std::to_string((ticks_now() - when) / 1'000'000) + " ms ago");
    }
  }
}

void LockTorture::violation(const std::string& what) {
  ++state_->counts.violations;
  std::fprintf(stderr, "violation: %s\n", what.c_str());
}

void LockTorture::print() const {
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  const TortureCounts& counts = state_->counts;
  const std::string_view name = torture_kind_names.at(static_cast<std::size_t>(settings_.kind));
  std::printf(
      "%.*s: acquired %llu, deadline reported %llu, interrupted %llu, released too late %llu, told of loss "
      "%llu\n",
      static_cast<int>(name.size()), name.data(), number(counts.acquired), number(counts.timed_out),
      number(counts.interrupted), number(counts.not_owned), number(counts.lost));
  std::printf("refused by the fence %llu, outlived the timeout %llu;", number(state_->resource.refused()),
              number(outlived_));
  for (const auto& [what, count] : done_) {
    std::printf(" %.*s %llu,", static_cast<int>(what.size()), what.data(), number(count));
  }
  std::printf("\nat once at most %llu, overlaps %llu, violations %llu\n",
              number(state_->resource.most_at_once()), number(state_->resource.overlaps()),
              number(counts.violations));
}

}  // namespace rediscache::test
