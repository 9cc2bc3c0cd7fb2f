#include "chaos/soak_worker.hpp"

#include <map>
#include <utility>

#include "chaos/soak_value.hpp"

namespace rediscache::test {

using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t shared_keys = 32;
constexpr std::size_t own_keys = 8;
// On a machine with more threads than cores a thread waits for its turn; what hangs waits longer.
constexpr auto margin = 4s;

std::string shared_name(std::uint64_t number) {
  return "shared:" + std::to_string(number);
}

}  // namespace

SoakWorker::SoakWorker(SoakCaches caches, SoakTally& tally, std::uint64_t seed, int number)
    : caches_{caches}, tally_{tally}, random_{seed}, number_{number} {
  for (std::size_t i = 0; i < own_keys; ++i) {
    own_.emplace_back(new_name());
  }
}

std::string SoakWorker::new_name() {
  return "own:" + std::to_string(number_) + ":" + std::to_string(names_++);
}

SoakKey& SoakWorker::some_own() {
  SoakKey& key = own_[below(own_.size())];
  if (key.is_worn()) {
    key = SoakKey{new_name()};
  }
  return key;
}

void SoakWorker::begin(std::string_view name, int calls) {
  doing_ = name;
  doing_calls_ = calls;
  began_ = Clock::now();
  began_us_ = std::chrono::duration_cast<std::chrono::microseconds>(began_.time_since_epoch()).count();
}

void SoakWorker::end() {
  const auto taken = Clock::now() - began_;
  began_us_ = 0;
  ++tally_.operations;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(taken).count();
  tally_.took(static_cast<std::uint64_t>(us));
  if (taken > doing_calls_ * caches_.call_timeout + margin) {
    tally_.report_hang(std::string{doing_} + " took " + std::to_string(us / 1000) + " ms");
  }
}

template <class Call>
SoakKey::Told SoakWorker::tell(std::string_view name, Call&& call) {
  begin(name);
  Told told = Told::done;
  try {
    call();
  } catch (const ConnectionInterrupted& error) {
    tally_.count(error);
    told = error.maybe_executed() ? Told::maybe_executed : Told::not_executed;
  } catch (const Error& error) {
    tally_.report_wrong(std::string{name} + " threw: " + error.what());
  }
  end();
  return told;
}

void SoakWorker::judge(const SoakKey& key, const std::optional<std::string>& value) {
  const std::uint64_t wipes = tally_.wipes.load();
  const auto number = value ? soak_number(key.name(), *value) : std::optional<std::int64_t>{0};
  if (!number) {
    tally_.report_wrong(key.name() + " has what belongs elsewhere: " + value->substr(0, 60));
  } else if (!key.may_be(*number, wipes)) {
    tally_.report_wrong(key.name() + " is number " + std::to_string(*number) + ", which it cannot be");
  }
}

void SoakWorker::set_own() {
  SoakKey& key = some_own();
  const std::int64_t number = key.next_number();
  const std::uint64_t wipes = tally_.wipes.load();
  bool stored = false;
  const Told told =
      tell("set", [&] { stored = caches_.strict.set(key.name(), soak_value(key.name(), number)); });
  if (told == Told::done && !stored) {
    tally_.report_wrong("set of " + key.name() + " was not stored");
  }
  key.wrote(number, told, wipes);
}

void SoakWorker::get_own() {
  const SoakKey& key = some_own();
  std::optional<std::string> value;
  if (tell("get", [&] { value = caches_.strict.get<std::string>(key.name()); }) == Told::done) {
    judge(key, value);
  }
}

void SoakWorker::delete_own() {
  SoakKey& key = some_own();
  const std::uint64_t wipes = tally_.wipes.load();
  const Told told = tell("del", [&] { caches_.strict.del(key.name()); });
  key.wrote(0, told, wipes);
}

void SoakWorker::add_own() {
  SoakKey key{new_name()};  // not there before
  const std::uint64_t wipes = tally_.wipes.load();
  bool stored = false;
  const Told told =
      tell("add", [&] { stored = caches_.strict.add(key.name(), soak_value(key.name(), 1), 60s); });
  if (told == Told::done && !stored) {
    tally_.report_wrong("add found the new key " + key.name());
  }
  key.wrote(1, told, wipes);
  std::optional<std::string> value;
  if (tell("get", [&] { value = caches_.strict.get<std::string>(key.name()); }) == Told::done) {
    judge(key, value);
  }
}

void SoakWorker::count_own() {
  const std::string key = new_name();
  const std::uint64_t wipes = tally_.wipes.load();
  std::int64_t least = 0;
  std::int64_t most = 0;
  for (std::uint64_t i = below(6) + 1; i > 0; --i) {
    std::int64_t value = 0;
    const Told told =
        tell("incr", [&] { value = caches_.strict.incr(key, 1, {.ignore_key_check = true}).value(); });
    least += told == Told::done ? 1 : 0;
    most += told == Told::not_executed ? 0 : 1;
    const bool wiped = tally_.wipes.load() != wipes;
    if (told == Told::done && (value > most || (value < least && !wiped))) {
      tally_.report_wrong("incr of " + key + " gave " + std::to_string(value) + ", not " +
                          std::to_string(least) + " to " + std::to_string(most));
    }
  }
  static_cast<void>(tell("expire", [&] { caches_.strict.expire(key, 60s); }));
}

void SoakWorker::many_own() {
  std::map<std::string, std::string> entries;
  std::vector<std::pair<SoakKey*, std::int64_t>> written;
  for (SoakKey& key : own_) {
    if (below(2) == 0) {
      const std::int64_t number = key.next_number();
      entries.emplace(key.name(), soak_value(key.name(), number));
      written.emplace_back(&key, number);
    }
  }
  const std::uint64_t wipes = tally_.wipes.load();
  const Told told = tell("set_many", [&] { caches_.strict.set_many(entries, {.atomic = below(2) == 0}); });
  for (const auto& [key, number] : written) {
    key->wrote(number, told, wipes);
  }
  std::vector<std::string> names;
  names.reserve(own_.size());
  for (const SoakKey& key : own_) {
    names.push_back(key.name());
  }
  KeyedValues<std::string> found;
  if (tell("get_many", [&] { found = caches_.strict.get_many<std::string>(names); }) == Told::done) {
    for (const SoakKey& key : own_) {
      const auto at = found.find(key.name());
      judge(key, at == found.end() ? std::nullopt : std::optional{at->second});
    }
  }
}

void SoakWorker::pipeline_own() {
  SoakKey& key = some_own();
  const std::int64_t number = key.next_number();
  const std::uint64_t wipes = tally_.wipes.load();
  auto pipeline = caches_.strict.pipeline();
  const auto stored = pipeline.set(key.name(), soak_value(key.name(), number));
  const auto read = pipeline.get<std::string>(key.name());
  const auto left = pipeline.pttl(key.name());
  const Told told = tell("pipeline", [&] { pipeline.execute(); });
  key.wrote(number, told, wipes);
  if (told == Told::done) {
    if (!stored.value()) {
      tally_.report_wrong("a pipeline did not store " + key.name());
    }
    judge(key, read.value());
    if (const Pttl life = left.value(); !life.is_missing() && life.remaining().value_or(1h) > 300s) {
      tally_.report_wrong("the time to live of " + key.name() + " is another key's");
    }
  }
}

void SoakWorker::judge_shared(std::string_view key, const std::optional<std::string>& value) {
  if (value && !soak_number(key, *value)) {
    tally_.report_wrong(std::string{key} + " has what belongs elsewhere: " + value->substr(0, 60));
  }
}

void SoakWorker::use_shared() {
  const std::string key = shared_name(below(shared_keys));
  const auto value = [&] { return soak_value(key, static_cast<std::int64_t>(below(1'000'000))); };
  RedisCache& cache = caches_.forgiving;
  begin("shared", 3);
  try {
    switch (below(8)) {
      case 0:
        cache.set(key, value());
        break;
      case 1:
        cache.del(key);
        break;
      case 2:
        judge_shared(key, cache.get_or_set(key, value));
        break;
      case 3:
        static_cast<void>(cache.touch(key, 100s));
        break;
      case 4:
        if (const Pttl left = cache.pttl(key); !left.omitted() && left.remaining().value_or(1s) > 300s) {
          tally_.report_wrong("the time to live of " + key + " is another key's");
        }
        break;
      case 5:
        if (const Counter hits = cache.incr("hits", 1, {.ignore_key_check = true});
            !hits.omitted() && hits.value() < 1) {
          tally_.report_wrong("hits are " + std::to_string(hits.value()));
        }
        break;
      default:
        judge_shared(key, cache.get<std::string>(key));
        break;
    }
  } catch (const Error& error) {
    tally_.report_wrong(std::string{"a cache that ignores exceptions threw: "} + error.what());
  }
  end();
}

void SoakWorker::walk_shared() {
  begin("iter_keys", 4);
  try {
    auto scan = caches_.forgiving.iter_keys("shared:*", {.itersize = 1000});
    for (const std::string& key : scan) {
      if (!key.starts_with("shared:")) {
        tally_.report_wrong("a walk came to " + key);
      }
    }
  } catch (const Error& error) {
    tally_.report_wrong(std::string{"a walk that ignores exceptions threw: "} + error.what());
  }
  end();
}

void SoakWorker::lock_shared() {
  begin("lock", 4);
  try {
    auto lock = caches_.forgiving.lock("lock", {.timeout = 500ms, .blocking = false});
    if (lock.acquire()) {
      lock.unlock();
    }
  } catch (const Error& error) {
    tally_.report_wrong(std::string{"a lock that ignores exceptions threw: "} + error.what());
  }
  end();
}

void SoakWorker::step() {
  switch (below(20)) {
    case 0:
    case 1:
    case 2:
      set_own();
      break;
    case 3:
    case 4:
    case 5:
    case 6:
      get_own();
      break;
    case 7:
      delete_own();
      break;
    case 8:
      add_own();
      break;
    case 9:
    case 10:
      count_own();
      break;
    case 11:
      many_own();
      break;
    case 12:
      pipeline_own();
      break;
    case 13:
      walk_shared();
      break;
    case 14:
      lock_shared();
      break;
    default:
      use_shared();
      break;
  }
}

}  // namespace rediscache::test
