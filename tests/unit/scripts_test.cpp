// Operations that are scripts on the server.
#include "cache/operations/scripts.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/operations/herd.hpp"
#include "cache/operations/herd_pickled.hpp"
#include "cache/operations/locks.hpp"
#include "cache/operations/permits.hpp"
#include "unit/fake_link.hpp"

namespace rediscache::test {
namespace {

using cache::increment_script;
using cache::IncrementBy;
using cache::persist_script;
using Outcome = cache::Increment::Outcome;
using ::testing::ElementsAre;

/// SHA-1 in hexadecimal, by its definition.
std::string sha1(std::string_view text) {
  std::string message{text};
  message += '\x80';
  message.append((120 - message.size() % 64) % 64, '\0');
  for (int shift = 56; shift >= 0; shift -= 8) {
    message += static_cast<char>(static_cast<std::uint64_t>(text.size()) * 8 >> static_cast<unsigned>(shift) &
                                 0xffU);
  }
  std::array<std::uint32_t, 5> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for (std::size_t block = 0; block < message.size(); block += 64) {
    std::array<std::uint32_t, 80> words{};
    for (std::size_t i = 0; i < 64; ++i) {
      words[i / 4] = words[i / 4] << 8U | static_cast<unsigned char>(message[block + i]);
    }
    for (std::size_t i = 16; i < 80; ++i) {
      words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    }
    auto [a, b, c, d, e] = state;
    for (std::size_t i = 0; i < 80; ++i) {
      const std::uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                                  : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                                  : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                                           : (b ^ c ^ d) + 0xca62c1d6;
      const std::uint32_t next = std::rotl(a, 5) + mixed + e + words[i];
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = next;
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
  }
  std::string hex;
  for (const std::uint32_t word : state) {
    for (int shift = 28; shift >= 0; shift -= 4) {
      hex += "0123456789abcdef"[word >> static_cast<unsigned>(shift) & 0xfU];
    }
  }
  return hex;
}

TEST(Scripts, AreNamedByTheirRealDigest) {
  ASSERT_EQ(sha1(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  ASSERT_EQ(sha1("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  ASSERT_EQ(sha1(std::string(1'000'000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  EXPECT_EQ(increment_script.sha1, sha1(increment_script.text));
  EXPECT_EQ(persist_script.sha1, sha1(persist_script.text));
  for (const cache::Script& script :
       {cache::herd_add_script, cache::herd_expire_script, cache::herd_touch_never_script,
        cache::herd_pttl_script, cache::herd_replace_script, cache::herd_look_script,
        cache::acquire_permit_script, cache::release_permit_script, cache::renew_permit_script,
        cache::leave_permit_script, cache::count_permits_script, cache::acquire_lock_script,
        cache::acquire_fair_lock_script, cache::release_lock_script, cache::leave_fair_lock_script,
        cache::renew_lock_script}) {
    EXPECT_EQ(script.sha1, sha1(script.text)) << script.text;
  }
}

std::string evalsha(const cache::Script& script, std::vector<std::string> rest) {
  rest.insert(rest.begin(), {"EVALSHA", std::string{script.sha1}, "1"});
  return wire(rest);
}
std::string eval(const cache::Script& script, std::vector<std::string> rest) {
  rest.insert(rest.begin(), {"EVAL", std::string{script.text}, "1"});
  return wire(rest);
}

const Reply no_script = Reply::error("NOSCRIPT No matching script. Please use EVAL.");

TEST(IncrementTest, RunsItsScriptByDigest) {
  FakeLink link;
  link.answer({Reply::integer(8)});
  IncrementBy operation{"k", -3, false};
  const auto result = cache::drive(link, operation);
  ASSERT_TRUE(result);
  EXPECT_EQ(result.value().outcome, Outcome::counted);
  EXPECT_EQ(result.value().value, 8);
  EXPECT_THAT(link.sent, ElementsAre(evalsha(increment_script, {"k", "-3"})));
  EXPECT_THAT(link.kinds, ElementsAre(CommandKind::accumulating_write));
}

TEST(IncrementTest, SendsTheTextWhenTheServerDoesNotKnowTheScript) {
  FakeLink link;
  link.answer({no_script}).answer({Reply::integer(1)});
  IncrementBy operation{"k", 1, false};
  EXPECT_EQ(cache::drive(link, operation).value().value, 1);
  EXPECT_THAT(link.sent,
              ElementsAre(evalsha(increment_script, {"k", "1"}), eval(increment_script, {"k", "1"})));
  EXPECT_EQ(link.deadlines[0], link.deadlines[1]) << "both are one call";
}

TEST(IncrementTest, TakesTheRangeOfItsDelta) {
  FakeLink link;
  link.answer({Reply::integer(0)});
  IncrementBy operation{"k", std::numeric_limits<std::int64_t>::min(), false};
  EXPECT_TRUE(cache::drive(link, operation));
  EXPECT_THAT(link.sent, ElementsAre(evalsha(increment_script, {"k", "-9223372036854775808"})));
}

TEST(IncrementTest, SaysThatTheKeyIsMissing) {
  FakeLink link;
  link.answer({Reply{}});
  IncrementBy operation{"k", 1, false};
  EXPECT_EQ(cache::drive(link, operation).value().outcome, Outcome::missing);
}

TEST(IncrementTest, SaysThatTheValueIsNoIntegerWithTheServersWords) {
  for (const bool create : {false, true}) {
    for (const std::string_view words :
         {"value is not an integer or out of range", "increment or decrement would overflow"}) {
      FakeLink link;
      link.answer({Reply::error("ERR " + std::string{words})});
      IncrementBy operation{"k", 1, create};
      const auto result = cache::drive(link, operation);
      ASSERT_TRUE(result) << "an answer, and no failure of the server";
      EXPECT_EQ(result.value().outcome, Outcome::not_an_integer);
      EXPECT_EQ(result.value().message, words);
    }
  }
}

TEST(IncrementTest, FailsOnEveryOtherError) {
  for (const bool create : {false, true}) {
    FakeLink link;
    link.answer({Reply::error("WRONGTYPE Operation against a key")});
    IncrementBy operation{"k", 1, create};
    const auto result = cache::drive(link, operation);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.failure().prefix(), "WRONGTYPE");
    EXPECT_EQ(result.failure().command, create ? "INCRBY" : "EVALSHA");
  }
}

TEST(IncrementTest, ThatMayCreateIsAPlainCommand) {
  FakeLink link;
  link.answer({Reply::integer(5)});
  IncrementBy operation{"k", 5, true};
  EXPECT_EQ(cache::drive(link, operation).value().value, 5);
  EXPECT_THAT(link.sent, ElementsAre(wire({"INCRBY", "k", "5"})));
  EXPECT_THAT(link.kinds, ElementsAre(CommandKind::accumulating_write));
}

TEST(IncrementTest, CountsExactlyBeyondWhatLuasNumbersHold) {
  FakeLink link;
  link.answer({Reply::text("9223372036854775807")});
  IncrementBy operation{"k", 1, false};
  EXPECT_EQ(cache::drive(link, operation).value().value, std::numeric_limits<std::int64_t>::max());
}

TEST(IncrementTest, FailsOnRepliesThatNoRedisServerGives) {
  for (const bool create : {false, true}) {
    for (const Reply& answer : {Reply::text("x"), Reply::text(""), Reply::status("OK"), Reply::array({})}) {
      FakeLink link;
      link.answer({answer});
      IncrementBy operation{"k", 1, create};
      const auto result = cache::drive(link, operation);
      ASSERT_FALSE(result);
      EXPECT_EQ(result.failure().code, ErrorCode::response);
      EXPECT_TRUE(result.failure().maybe_executed);
    }
  }
}

TEST(IncrementTest, PassesOnAFailureOfEitherStep) {
  const Failure late{.code = ErrorCode::timeout, .message = "late", .server = {}, .command = "EVAL"};
  FakeLink first;
  first.fail(late);
  IncrementBy once{"k", 1, false};
  EXPECT_EQ(cache::drive(first, once).failure().code, ErrorCode::timeout);
  FakeLink second;
  second.answer({no_script}).fail(late);
  IncrementBy twice{"k", 1, false};
  EXPECT_EQ(cache::drive(second, twice).failure().code, ErrorCode::timeout);
}

TEST(IncrementTest, OmittedIsNeitherCountedNorMissing) {
  EXPECT_EQ(IncrementBy::omitted().outcome, Outcome::omitted);
}

TEST(PersistTest, TellsWhetherTheKeyWasThere) {
  for (const int there : {0, 1}) {
    FakeLink link;
    link.answer({Reply::integer(there)});
    cache::Persist operation{"k"};
    EXPECT_EQ(cache::drive(link, operation).value(), there == 1);
    EXPECT_THAT(link.sent, ElementsAre(evalsha(persist_script, {"k"})));
    EXPECT_THAT(link.kinds, ElementsAre(CommandKind::idempotent_write));
  }
}

TEST(PersistTest, SendsTheTextWhenTheServerDoesNotKnowTheScript) {
  FakeLink link;
  link.answer({no_script}).answer({Reply::integer(1)});
  cache::Persist operation{"k"};
  EXPECT_TRUE(cache::drive(link, operation).value());
  EXPECT_THAT(link.sent, ElementsAre(evalsha(persist_script, {"k"}), eval(persist_script, {"k"})));
}

TEST(PersistTest, FailsWhenTheServerRefuses) {
  FakeLink link;
  link.answer({Reply::error("NOPERM no scripts")});
  cache::Persist operation{"k"};
  const auto result = cache::drive(link, operation);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.failure().code, ErrorCode::authentication);
}

TEST(PersistTest, GivesUpOnAServerThatNeverKnowsTheScript) {
  FakeLink link;
  for (int i = 0; i < 5; ++i) {
    link.answer({no_script});
  }
  link.fail(Failure{});  // so that this test ends at all
  cache::Persist operation{"k"};
  const auto result = cache::drive(link, operation);
  ASSERT_FALSE(result);
  EXPECT_EQ(link.sent.size(), 2U) << "the text was sent: there is nothing left to try";
  EXPECT_EQ(result.failure().prefix(), "NOSCRIPT");
}

}  // namespace
}  // namespace rediscache::test
