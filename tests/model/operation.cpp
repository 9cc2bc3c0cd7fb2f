#include "model/operation.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace rediscache::test {
namespace {

using namespace std::string_literals;

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

/// Dice that roll the same on every machine, as those of the standard library need not.
class Dice {
 public:
  explicit Dice(std::mt19937_64& random) : random_{random} {}

  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <class Range>
  auto one_of(const Range& range) {
    return range[below(std::size(range))];
  }

 private:
  std::mt19937_64& random_;
};

std::string random_key(Dice& dice) {
  static const std::array keys{"a"s, "b"s,   ""s,      ":"s,           "*"s,           "\0"s,
                               "?"s, "[b]"s, "a:b:c"s, "caf\xc3\xa9"s, "\xff\r\n\\x"s, std::string(130, 'k')};
  return dice.one_of(keys);
}

std::string random_pattern(Dice& dice) {
  static const std::array patterns{"*"s,     "?"s,   "a*"s,      ""s,      "[ab]"s,        "[^a]"s, "\\*"s,
                                   "*:*"s,   "*b*"s, "[[]b]"s,   "k*k"s,   "caf\xc3\xa9"s, "caf?"s, "*\xff*"s,
                                   "[a-z]"s, "[b"s,  "no-such"s, "a:?:?"s, "\\"s};
  return dice.one_of(patterns);
}

Datum random_value(Dice& dice) {
  static const std::array<std::int64_t, 8> numbers{0, 1, -1, 41, 1'000'000, largest, smallest, largest - 1};
  static const std::array texts{"text"s,
                                ""s,
                                "42"s,
                                "007"s,
                                "-0"s,
                                "+5"s,
                                " 5"s,
                                "5 "s,
                                "1.0"s,
                                "null"s,
                                "[1"s,
                                "\0\xff\r\n"s,
                                "9223372036854775808"s,
                                "caf\xc3\xa9 \xe2\x82\xac"s};
  switch (dice.below(8)) {
    case 0:
    case 1:
    case 2:
      return dice.one_of(numbers);
    case 3:
      return std::string(dice.below(40'000), 'v');  // some are sent from where they are
    default:
      return dice.one_of(texts);
  }
}

/// Never near the end of a step, so that it makes no difference how long the test takes.
Timeout random_timeout(Dice& dice) {
  switch (dice.below(8)) {
    case 0:
      return {};
    case 1:
      return never;
    case 2:
      return std::chrono::seconds{0};
    case 3:
      return std::chrono::milliseconds{-1500};
    default:
      return time_step / 2 + time_step * static_cast<int>(dice.below(4));
  }
}

std::int64_t random_delta(Dice& dice) {
  static const std::array<std::int64_t, 10> deltas{1, 1, 1, -1, 5, 0, -40, largest, smallest, smallest + 1};
  return dice.one_of(deltas);
}

std::int64_t random_seconds(Dice& dice) {
  static const std::array<std::int64_t, 6> spans{-1, 0, 500, 1500, 2500, 315'360'500};
  return dice.one_of(spans);
}

/// What happens more often stands here more often.
Action random_action(Dice& dice) {
  using enum Action;
  static const std::array actions{set,         set,         set,          set,          set,
                                  add,         add,         get_text,     get_text,     get_text,
                                  get_integer, get_integer, get_many,     get_many,     get_or_set,
                                  get_or_set,  set_many,    set_many,     del,          del,
                                  delete_many, touch,       touch,        incr,         incr,
                                  incr,        decr,        decr,         has_key,      ttl,
                                  pttl,        pttl,        persist,      persist,      expire,
                                  pexpire,     expire_at,   incr_version, incr_version, decr_version,
                                  keys,        keys,        iter_keys,    iter_keys,    delete_pattern,
                                  pipeline,    pipeline,    pipeline,     pass};
  // Rare, or there would never be much to see.
  return dice.one_in(300) ? clear : dice.one_of(actions);
}

Operation random_call(Dice& dice, Action action, std::size_t cache) {
  Operation operation{.action = action, .cache = cache};
  if (!dice.one_in(3)) {
    operation.version = static_cast<int>(1 + dice.below(3));
  }
  operation.timeout = random_timeout(dice);
  operation.flag = dice.one_in(2);
  std::size_t keys = 1;
  switch (operation.action) {
    case Action::get_many:
    case Action::set_many:
    case Action::delete_many:
      keys = dice.below(6);
      break;
    case Action::set:
      operation.nx = dice.one_in(4);
      operation.xx = dice.one_in(4);
      break;
    case Action::incr:
    case Action::decr:
      operation.number = random_delta(dice);
      break;
    case Action::incr_version:
    case Action::decr_version:
      operation.number = static_cast<std::int64_t>(dice.below(5)) - 2;
      break;
    case Action::expire:
    case Action::pexpire:
    case Action::expire_at:
      operation.number = random_seconds(dice);
      break;
    case Action::iter_keys:
    case Action::keys:
    case Action::delete_pattern:
      operation.number = static_cast<std::int64_t>(dice.below(4));
      operation.keys.push_back(random_pattern(dice));
      return operation;
    case Action::pass:
      operation.number = time_step.count();
      return operation;
    default:
      break;
  }
  for (std::size_t i = 0; i < keys; ++i) {
    operation.keys.push_back(random_key(dice));
    operation.values.push_back(random_value(dice));
  }
  return operation;
}

/// Some calls in one pipeline, which is that of one cache.
Operation random_pipeline(Dice& dice, std::size_t cache) {
  using enum Action;
  static const std::array actions{set, set,   set,  add,  get_text, get_text, get_integer,
                                  del, touch, incr, incr, decr,     has_key,  pttl};
  Operation operation{.action = pipeline, .cache = cache};
  for (std::size_t calls = dice.below(8); calls > 0; --calls) {
    operation.calls.push_back(random_call(dice, dice.one_of(actions), cache));
  }
  return operation;
}

}  // namespace

Operation random_operation(std::mt19937_64& random) {
  Dice dice{random};
  const Action action = random_action(dice);
  const std::size_t cache = dice.one_in(3) ? 0 : dice.below(cache_prefixes.size());
  return action == Action::pipeline ? random_pipeline(dice, cache) : random_call(dice, action, cache);
}

}  // namespace rediscache::test
