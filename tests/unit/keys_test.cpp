// Keys and patterns as the server sees them.
#include "cache/keys.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "unit/bytes_of.hpp"

namespace rediscache::test {
namespace {

using namespace std::string_literals;
using cache::glob_escape;
using cache::KeyMaker;

std::string made(const KeyMaker& maker, std::string_view key, std::optional<int> version = {}) {
  const cache::MadeKey result = maker.make(key, version);
  Commands commands;
  commands.begin("GET", CommandKind::read, 1);
  maker.add_to(commands, key, version);
  EXPECT_EQ(commands.first_key(0), result.view()) << "added to a command it is the same";
  return std::string{result.view()};
}

TEST(Keys, AreMadeOfPrefixVersionAndKey) {
  EXPECT_EQ(made({"shop", 1, {}, {}}, "k"), "shop:1:k");
  EXPECT_EQ(made({"", 1, {}, {}}, "k"), ":1:k");
  EXPECT_EQ(made({"", 1, {}, {}}, ""), ":1:");
  EXPECT_EQ(made({"a:b", -7, {}, {}}, "c:d"), "a:b:-7:c:d");
}

TEST(Keys, TakeTheVersionOfTheCall) {
  const KeyMaker maker{"p", 3, {}, {}};
  EXPECT_EQ(made(maker, "k"), "p:3:k");
  EXPECT_EQ(made(maker, "k", 3), "p:3:k");
  EXPECT_EQ(made(maker, "k", 12), "p:12:k");
  EXPECT_EQ(made(maker, "k", 0), "p:0:k");
}

TEST(Keys, MayHoldAnyBytes) {
  EXPECT_EQ(made({"p\0q"s, 1, {}, {}}, "\r\n\0\xff"s), "p\0q:1:\r\n\0\xff"s);
}

TEST(Keys, MayBeOfAnyLength) {
  const KeyMaker maker{"p", 1, {}, {}};
  for (std::size_t length = 100; length < 140; ++length) {
    const std::string key(length, 'k');
    EXPECT_EQ(made(maker, key), "p:1:" + key) << length;
  }
  const std::string huge(1 << 20, 'k');
  EXPECT_EQ(made(maker, huge), "p:1:" + huge);
}

TEST(Keys, AreMadeByAFunctionOfOnesOwn) {
  const KeyMaker maker{"p",
                       3,
                       [](std::string_view key, std::string_view prefix, int version) {
                         return std::string{key} + "/" + std::string{prefix} + "/" + std::to_string(version);
                       },
                       {}};
  EXPECT_EQ(made(maker, "k"), "k/p/3");
  EXPECT_EQ(made(maker, "k", 9), "k/p/9");
  EXPECT_EQ(made(maker, std::string(200, 'x')), std::string(200, 'x') + "/p/3");
}

TEST(Keys, MayBeMadeEmptyByAFunctionOfOnesOwn) {
  const KeyMaker maker{"p", 1, [](std::string_view, std::string_view, int) { return std::string{}; }, {}};
  EXPECT_EQ(made(maker, "k"), "");
}

TEST(Keys, AreReversedByWhatFollowsTheSecondColon) {
  const KeyMaker maker{"p", 1, {}, {}};
  EXPECT_EQ(maker.reverse("p:1:k"), "k");
  EXPECT_EQ(maker.reverse(":1:a:b:c"), "a:b:c");
  EXPECT_EQ(maker.reverse("p:1:"), "");
  EXPECT_EQ(maker.reverse("p:1:\0x"s), "\0x"s);
}

TEST(Keys, AreReversedUnderAPrefixWithColons) {
  const KeyMaker maker{"a:b", 3, {}, {}};
  for (const std::string_view key : {"", "k", "c:d", ":", "1:k", "a:b:3:k"}) {
    for (const int version : {3, 1, 12, 0, -7}) {
      EXPECT_EQ(maker.reverse(made(maker, key, version)), key) << version;
    }
  }
  EXPECT_EQ(maker.reverse("x:1:k"), "k") << "another cache's";
  EXPECT_EQ(maker.reverse("a:b"), "a:b");
  EXPECT_EQ(maker.reverse("a:b:c:d"), "c:d") << "no version there";
  EXPECT_EQ(maker.reverse("a:bc:1:k"), "1:k");
  EXPECT_EQ(maker.reverse("x:y:z:1:c:k", "x:y:z"), "c:k") << "another prefix was asked for";
  const KeyMaker numbers{"1:2", 3, {}, {}};
  EXPECT_EQ(numbers.reverse("1:2:3:4:k"), "4:k");
  EXPECT_EQ((KeyMaker{"", 1, {}, {}}.reverse(":1:2:k")), "2:k");
}

TEST(Keys, ThatNobodyMadeAreReversedToThemselves) {
  const KeyMaker maker{"p", 1, {}, {}};
  EXPECT_EQ(maker.reverse(""), "");
  EXPECT_EQ(maker.reverse("plain"), "plain");
  EXPECT_EQ(maker.reverse("one:colon"), "one:colon");
}

TEST(Keys, AreReversedByAFunctionOfOnesOwn) {
  const KeyMaker maker{"p", 1, {}, [](std::string_view key) { return "<" + std::string{key} + ">"; }};
  EXPECT_EQ(maker.reverse("p:1:k"), "<p:1:k>");
}

TEST(GlobEscape, WrapsWhatGlobsGiveAMeaning) {
  EXPECT_EQ(glob_escape("plain:1"), "plain:1");
  EXPECT_EQ(glob_escape("*"), "[*]");
  EXPECT_EQ(glob_escape("?"), "[?]");
  EXPECT_EQ(glob_escape("["), "[[]");
  EXPECT_EQ(glob_escape("]"), "]");
  EXPECT_EQ(glob_escape("\\"), "\\\\");
  EXPECT_EQ(glob_escape("a*b?c[d]e\\f^-"), "a[*]b[?]c[[]d]e\\\\f^-");
  EXPECT_EQ(glob_escape(""), "");
  EXPECT_EQ(glob_escape("\0*"s), "\0[*]"s);
}

TEST(Patterns, KeepTheCallersGlobAndTakeTheRestLiterally) {
  const KeyMaker maker{"a*\\", 2, {}, {}};
  EXPECT_EQ(maker.pattern("user:*", {}, {}), "a[*]\\\\:2:user:*");
  EXPECT_EQ(maker.pattern("[ab]?\\*", 7, {}), "a[*]\\\\:7:[ab]?\\*");
  EXPECT_EQ(maker.pattern("", {}, {}), "a[*]\\\\:2:");
}

TEST(Patterns, TakeAPrefixOfTheCall) {
  const KeyMaker maker{"p", 2, {}, {}};
  EXPECT_EQ(maker.pattern("*", {}, "other?"), "other[?]:2:*");
  EXPECT_EQ(maker.pattern("*", {}, ""), ":2:*") << "an empty one too";
}

TEST(Patterns, GoThroughAKeyFunctionOfOnesOwnWithTheRestEscaped) {
  const KeyMaker maker{"p*",
                       2,
                       [](std::string_view key, std::string_view prefix, int version) {
                         return std::string{prefix} + "/" + std::to_string(version) + "/" + std::string{key};
                       },
                       {}};
  EXPECT_EQ(maker.pattern("user:*", {}, {}), "p[*]/2/user:*");
  EXPECT_EQ(maker.pattern("*", 5, "q[1]"), "q[[]1]/5/*");
}

}  // namespace
}  // namespace rediscache::test
