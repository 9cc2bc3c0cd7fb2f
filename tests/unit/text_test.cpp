// Numbers as text, quoting, and the name that was probably meant.
#include "base/text.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rediscache::base {
namespace {

TEST(ParseInteger, ReadsTheWholeRange) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("42"), 42);
  EXPECT_EQ(parse_integer("-42"), -42);
  EXPECT_EQ(parse_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_integer("007"), 7);
}

TEST(ParseInteger, RefusesWhatLeavesTheRange) {
  EXPECT_EQ(parse_integer("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parse_integer("-9223372036854775809"), std::nullopt);
  EXPECT_EQ(parse_integer("99999999999999999999999999"), std::nullopt);
}

TEST(ParseInteger, RefusesWhateverIsNotExactlyAnInteger) {
  for (const std::string_view text :
       {"", "-", "+1", " 1", "1 ", "1.0", "1e3", "0x1f", "--1", "one", "1,000", "- 1", "1\n"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << '"' << text << '"';
  }
  EXPECT_EQ(parse_integer(std::string_view{"1\0", 2}), std::nullopt);
  EXPECT_EQ(parse_integer(std::string_view{}), std::nullopt);
}

TEST(ParseUnsigned, ReadsTheWholeRange) {
  EXPECT_EQ(parse_unsigned("0"), 0U);
  EXPECT_EQ(parse_unsigned("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
}

TEST(ParseUnsigned, RefusesSignsAndWhatLeavesTheRange) {
  for (const std::string_view text : {"", "-1", "-0", "+1", "18446744073709551616", " 1", "1 ", "ff"}) {
    EXPECT_EQ(parse_unsigned(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(Quoted, LeavesPrintableTextAsItIs) {
  EXPECT_EQ(base::quoted("user:1 ~"), "\"user:1 ~\"");
  EXPECT_EQ(base::quoted(""), "\"\"");
}

TEST(Quoted, EscapesQuotesAndBackslashes) {
  EXPECT_EQ(base::quoted(R"(a"b\c)"), R"("a\"b\\c")");
}

TEST(Quoted, ShowsUnprintableBytesInHexadecimal) {
  EXPECT_EQ(base::quoted(std::string_view{"\0\n\x1f\x7f\x80\xff", 6}), R"("\x00\x0a\x1f\x7f\x80\xff")");
}

TEST(Quoted, CutsLongTextAndTellsItsLength) {
  const std::string longest(64, 'a');
  EXPECT_EQ(base::quoted(longest), '"' + longest + '"');
  EXPECT_EQ(base::quoted(longest + 'b'), '"' + longest + "\"... (65 bytes)");
  EXPECT_EQ(base::quoted(std::string(1'000'000, 'a')), '"' + longest + "\"... (1000000 bytes)");
}

TEST(Nearest, FindsTheNameWithTheFewestMistakes) {
  const std::vector<std::string> names{"password", "username", "db"};
  EXPECT_EQ(nearest("pasword", names), "password");
  EXPECT_EQ(nearest("passwrod", names), "password");
  EXPECT_EQ(nearest("user_name", names), "username");
  EXPECT_EQ(nearest("d", names), "db");
}

TEST(Nearest, TakesNoNoticeOfLetterCase) {
  const std::vector<std::string> names{"DefaultClient", "ShardClient"};
  EXPECT_EQ(nearest("defaultclient", names), "DefaultClient");
  EXPECT_EQ(nearest("SHARDCLIENT", names), "ShardClient");
}

TEST(Nearest, PrefersAnExactNameOverSimilarOnes) {
  const std::vector<std::string> names{"plains", "plain", "plan"};
  EXPECT_EQ(nearest("plain", names), "plain");
}

TEST(Nearest, GivesNothingWhenAllAreFarAway) {
  const std::vector<std::string> names{"password", "username"};
  EXPECT_EQ(nearest("ssl_ca_certs", names), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
}

TEST(UnknownName, ListsWhatIsKnown) {
  const std::vector<std::string> names{"plain", "json"};
  EXPECT_EQ(unknown_name("serializer", "msgpackx", names),
            "\"msgpackx\" is not a known serializer. Known: plain, json.");
}

TEST(UnknownName, SuggestsTheNearest) {
  const std::vector<std::string> names{"plain", "json"};
  EXPECT_EQ(unknown_name("serializer", "jsn", names),
            "\"jsn\" is not a known serializer. Known: plain, json. Did you mean \"json\"?");
}

TEST(UnknownName, MakesTheNamePrintable) {
  EXPECT_THAT(unknown_name("scheme", "a\n\"", {}), ::testing::StartsWith(R"("a\x0a\"" is not)"));
}

}  // namespace
}  // namespace rediscache::base
