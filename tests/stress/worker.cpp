#include "stress/worker.hpp"

#include "base/deadline.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using base::Clock;

// Sanitizers make everything slower, and a machine busy with other things does too.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::chrono::microseconds margin = 5s;
#elif !defined(__has_feature)
constexpr std::chrono::microseconds margin = 1s;
#elif __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
constexpr std::chrono::microseconds margin = 5s;
#else
constexpr std::chrono::microseconds margin = 1s;
#endif

constexpr std::size_t own_keys = 4;
constexpr std::uint64_t shared_keys = 8;

}  // namespace

StressWorker::StressWorker(Servers servers, StressTally& tally, std::uint64_t seed, int number)
    : servers_{servers},
      tally_{tally},
      random_{seed},
      name_{std::to_string(seed) + "w" + std::to_string(number)} {
  own_.reserve(own_keys);
  for (std::size_t i = 0; i < own_keys; ++i) {
    own_.emplace_back(name_ + ":k" + std::to_string(i));
  }
}

/// Mostly enough, sometimes hardly any, sometimes none.
std::chrono::microseconds StressWorker::some_time() {
  switch (below(16)) {
    case 0:
      return std::chrono::microseconds{below(300)};
    case 1:
      return std::chrono::microseconds{below(3000)};
    case 2:
    case 3:
      return std::chrono::microseconds{below(30'000)};
    default:
      return 400ms;
  }
}

std::optional<Failure> StressWorker::call(const Commands& commands, std::span<Reply> replies,
                                          bool must_be_alive) {
  const auto deadline = base::Deadline::in(some_time());
  due_us_ = std::chrono::duration_cast<std::chrono::microseconds>(deadline.at().time_since_epoch()).count();
  auto failure = servers_[below(4) == 0 ? 1 : 0]->exchange(commands, replies, deadline, must_be_alive);
  const auto after = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - deadline.at());
  due_us_ = 0;
  ++tally_.calls;
  tally_.ended(after);
  if (after > margin) {
    tally_.report(tally_.late, std::string{commands.name(0)} + " ended " + std::to_string(after.count()) +
                                   " us after its deadline" + (failure ? ": " + failure->message : ""));
  }
  if (failure) {
    tally_.count(*failure);
  } else {
    ++tally_.answered;
  }
  return failure;
}

/// That nobody else ever says.
std::string StressWorker::next_word() {
  std::string word = name_ + '-' + std::to_string(++words_);
  word.append(below(32) == 0 ? 5000 : 0, 'e');
  return word;
}

void StressWorker::expect_text(const Reply& reply, const std::string& expected) {
  if (reply.is_error() || reply.is_nil() || reply.as_text() != expected) {
    tally_.report(tally_.wrong,
                  "wrong: asked for " + expected.substr(0, 40) + ", got " +
                      (reply.is_nil() ? std::string{"nothing"} : reply.as_text().substr(0, 80)));
  }
}

std::optional<std::string> StressWorker::text_of(const Reply& reply, const std::string& of) {
  if (reply.is_error()) {
    tally_.report(tally_.wrong, "wrong: " + of + " got " + reply.as_text());
  }
  return reply.is_nil() || reply.is_error() ? std::nullopt : std::optional{reply.as_text()};
}

void StressWorker::echo() {
  const std::string word = next_word();
  Commands commands;
  commands.begin("ECHO", CommandKind::read, 1).arg(word);
  Reply reply;
  if (!call(commands, {&reply, 1}, false)) {
    expect_text(reply, word);
  }
}

void StressWorker::set_own() {
  OwnedKey& key = own_[below(own_.size())];
  const std::uint64_t number = key.next_number();
  const std::string value = stress_value(key.name(), number);
  Commands commands;
  commands.begin("SET", CommandKind::idempotent_write, 2).key(key.name()).in_place(value);
  Reply reply;
  const std::uint64_t wipes = tally_.wipes;
  const auto failure = call(commands, {&reply, 1}, false);
  if (!failure) {
    expect_text(reply, "OK");
  }
  key.wrote(number, failure, wipes);
}

void StressWorker::get_own() {
  const OwnedKey& key = own_[below(own_.size())];
  Commands commands;
  commands.begin("GET", CommandKind::read, 1).key(key.name());
  Reply reply;
  if (call(commands, {&reply, 1}, false)) {
    return;
  }
  if (const std::string complaint = key.complaint(text_of(reply, key.name()), tally_.wipes);
      !complaint.empty() && !reply.is_error()) {
    tally_.report(tally_.wrong, "wrong: " + complaint);
  }
}

/// Keys that everybody writes: a value is that of its key, whoever wrote it.
void StressWorker::use_shared() {
  const std::string key = "shared:" + std::to_string(below(shared_keys));
  const std::string value = stress_value(key, below(500));
  Commands commands;
  const bool writes = below(3) == 0;
  if (writes) {
    commands.begin("SET", CommandKind::idempotent_write, 2).key(key).in_place(value);
  } else {
    commands.begin("GET", CommandKind::read, 1).key(key);
  }
  Reply reply;
  if (call(commands, {&reply, 1}, false)) {
    return;
  }
  if (writes) {
    expect_text(reply, "OK");
  } else if (const auto found = text_of(reply, key); found && !stress_number(key, *found)) {
    tally_.report(tally_.wrong, "wrong: " + key + " holds what belongs elsewhere: " + found->substr(0, 60));
  }
}

/// Several commands in one call, whose replies must be in their order.
void StressWorker::many(std::size_t most) {
  const std::size_t count = 2 + below(most - 1);
  Commands commands;
  std::vector<std::string> words(count);
  for (std::string& word : words) {
    word = next_word();
    commands.begin("ECHO", CommandKind::read, 1).arg(word);
  }
  std::vector<Reply> replies(count);
  if (!call(commands, replies, false)) {
    for (std::size_t i = 0; i < count; ++i) {
      expect_text(replies[i], words[i]);
    }
  }
}

/// What was executed once is counted once, and what was not is not.
void StressWorker::count() {
  const std::uint64_t wipes = tally_.wipes;
  if (counter_.empty() || wipes != counter_wipes_) {
    counter_ = name_ + ":counter:" + std::to_string(++counters_);
    counter_wipes_ = wipes;
    counted_ = maybe_counted_ = 0;
  }
  Commands commands;
  commands.begin("INCR", CommandKind::accumulating_write, 1).key(counter_);
  Reply reply;
  if (const auto failure = call(commands, {&reply, 1}, true)) {
    maybe_counted_ += failure->maybe_executed ? 1 : 0;
    return;
  }
  ++counted_;
  if (tally_.wipes != wipes) {
    return;
  }
  const bool is_number = reply.type() == Reply::Type::integer;
  if (!is_number || reply.as_integer() < counted_ || reply.as_integer() > counted_ + maybe_counted_) {
    tally_.report(tally_.wrong,
                  "wrong: " + counter_ + " is " +
                      (is_number ? std::to_string(reply.as_integer()) : std::string{"no number"}) + ", not " +
                      std::to_string(counted_) + " to " + std::to_string(counted_ + maybe_counted_));
  }
}

void StressWorker::step() {
  switch (below(16)) {
    case 0:
    case 1:
    case 2:
      set_own();
      break;
    case 3:
    case 4:
    case 5:
      get_own();
      break;
    case 6:
    case 7:
      use_shared();
      break;
    case 8:
    case 9:
      many(16);
      break;
    case 10:
      many(below(8) == 0 ? 200 : 4);
      break;
    case 11:
      count();
      break;
    case 12:
      if (below(64) == 0) {
        servers_[below(2)]->close_idle();
        break;
      }
      [[fallthrough]];
    default:
      echo();
      break;
  }
}

}  // namespace rediscache::test
