// Random calls on a real server do what a simple model says they do.
//
// MODEL_STEPS=100000 runs more of them, MODEL_SEED=7 other ones.
#include "model/model.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/comparison.hpp"
#include "model/local_caches.hpp"
#include "model/operation.hpp"
#include "model/shrink.hpp"
#include "support/redis_server.hpp"

namespace rediscache::test {
namespace {

constexpr std::size_t steps_of_a_seed = 2000;

std::vector<Operation> random_operations(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random{seed};
  std::vector<Operation> operations;
  operations.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    operations.push_back(random_operation(random));
  }
  return operations;
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

std::vector<Operation> shrunk_to_a_difference(Comparison& comparison, std::vector<Operation> operations) {
  operations = shrunk(std::move(operations), [&](const std::vector<Operation>& fewer) {
    return comparison.play(fewer).has_value();
  });
  // What is left of pipelines is shrunk call by call.
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const std::vector<Operation> calls = operations[i].calls;
    operations[i].calls = shrunk(calls, [&](const std::vector<Operation>& fewer) {
      std::vector<Operation> tried = operations;
      tried[i].calls = fewer;
      return comparison.play(tried).has_value();
    });
  }
  return operations;
}

/// The calls, a line each, and what was different after the last one.
std::string story(Comparison& comparison, const std::vector<Operation>& operations) {
  std::string out;
  for (const Operation& operation : operations) {
    out += "  " + to_string(operation) + "\n";
  }
  const auto difference = comparison.play(operations);
  return out + "  here " + (difference ? difference->what : "all is well now: it does not come every time");
}

TEST(ModelTest, RandomCallsDoWhatTheModelSays) {
  const RedisServer server;
  Comparison comparison{server};
  const std::uint64_t steps = from_environment("MODEL_STEPS", 20'000);
  const std::uint64_t first_seed = from_environment("MODEL_SEED", 1);
  for (std::uint64_t done = 0; done < steps; done += steps_of_a_seed) {
    const std::uint64_t seed = first_seed + done / steps_of_a_seed;
    std::vector<Operation> operations =
        random_operations(seed, std::min<std::uint64_t>(steps_of_a_seed, steps - done));
    const auto difference = comparison.play(operations);
    if (!difference) {
      continue;
    }
    const std::string call = to_string(operations[difference->step]);
    operations.resize(difference->step + 1);
    const auto few = shrunk_to_a_difference(comparison, operations);
    FAIL() << "MODEL_SEED=" << seed << ", step " << difference->step << ": " << call << "\n  "
           << difference->what << "\nThe " << few.size() << " calls that it takes:\n"
           << story(comparison, few);
  }
}

TEST(ModelTest, RandomCallsOnCachesInTheProcessDoWhatTheModelSays) {
  const std::uint64_t steps = from_environment("MODEL_STEPS", 20'000);
  const std::uint64_t first_seed = from_environment("MODEL_SEED", 1);
  for (std::uint64_t done = 0; done < steps; done += steps_of_a_seed) {
    const std::uint64_t seed = first_seed + done / steps_of_a_seed;
    const auto differ = [](const std::vector<Operation>& operations) {
      LocalCaches caches;
      Model model;
      return std::ranges::any_of(operations, [&](const Operation& operation) {
        return caches.apply(operation) != model.apply(operation);
      });
    };
    const auto operations = random_operations(seed, std::min<std::uint64_t>(steps_of_a_seed, steps - done));
    if (differ(operations)) {
      std::string calls;
      for (const Operation& operation : shrunk(operations, differ)) {
        calls += "  " + to_string(operation) + "\n";
      }
      FAIL() << "MODEL_SEED=" << seed << ", the calls that it takes, the last of which differs:\n" << calls;
    }
  }
}

TEST(ModelTest, ADifferenceIsShrunkToTheCallsThatItTakes) {
  const RedisServer server;
  // As if RENAME lost the expiry.
  Comparison comparison{server, [](const Operation& operation, RawClient& raw) {
                          if (operation.action == Action::incr_version) {
                            const auto version = operation.version.value_or(1) + operation.number;
                            const std::string key = std::string{cache_prefixes.at(operation.cache)} + ":" +
                                                    std::to_string(version) + ":" + operation.key();
                            raw.run({"PERSIST", key});
                          }
                        }};
  std::vector<Operation> operations = random_operations(1, steps_of_a_seed);
  const auto difference = comparison.play(operations);
  ASSERT_TRUE(difference.has_value());
  operations.resize(difference->step + 1);
  const auto few = shrunk_to_a_difference(comparison, operations);
  EXPECT_EQ(few.size(), 2U) << story(comparison, few);
  EXPECT_EQ(few.back().action, Action::incr_version) << story(comparison, few);
  EXPECT_TRUE(comparison.play(few).has_value());
}

TEST(ModelTest, ADifferenceInAPipelineIsShrunkToTheCallThatItTakes) {
  const RedisServer server;
  // As if a pipeline touched keys that its calls do not name.
  Comparison comparison{server, [](const Operation& operation, RawClient& raw) {
                          for (const Operation& call : operation.calls) {
                            if (call.action == Action::incr && call.number == 5) {
                              raw.run({"SET", "shop:1:strange", "1"});
                            }
                          }
                        }};
  std::vector<Operation> operations = random_operations(1, steps_of_a_seed);
  const auto difference = comparison.play(operations);
  ASSERT_TRUE(difference.has_value());
  operations.resize(difference->step + 1);
  const auto few = shrunk_to_a_difference(comparison, operations);
  ASSERT_EQ(few.size(), 1U) << story(comparison, few);
  ASSERT_EQ(few[0].calls.size(), 1U) << story(comparison, few);
  EXPECT_EQ(few[0].calls[0].action, Action::incr);
}

TEST(ShrinkTest, LeavesOutWhatAFailureDoesNotNeed) {
  std::vector<int> steps(1000);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i] = static_cast<int>(i);
  }
  const auto holds = [](const std::vector<int>& some, int step) {
    return std::ranges::find(some, step) != some.end();
  };
  const auto few = shrunk(steps, [&](const std::vector<int>& some) {
    return holds(some, 3) && holds(some, 500) && holds(some, 999);
  });
  EXPECT_EQ(few, (std::vector{3, 500, 999}));
}

}  // namespace
}  // namespace rediscache::test
