// UTF-8, well-formed and not.
#include "base/utf8.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace rediscache::base {
namespace {

std::vector<std::pair<std::uint32_t, std::string>> boundaries() {
  return {{0x00, std::string(1, '\0')},  {0x7f, "\x7f"},           {0x80, "\xc2\x80"},
          {0x7ff, "\xdf\xbf"},           {0x800, "\xe0\xa0\x80"},  {0xd7ff, "\xed\x9f\xbf"},
          {0xe000, "\xee\x80\x80"},      {0xffff, "\xef\xbf\xbf"}, {0x10000, "\xf0\x90\x80\x80"},
          {0x10ffff, "\xf4\x8f\xbf\xbf"}};
}

TEST(Utf8, ReadsAndWritesTheFirstAndLastCharacterOfEachLength) {
  for (const auto& [code, bytes] : boundaries()) {
    const Utf8Character character = next_utf8(bytes);
    EXPECT_EQ(character.code, code);
    EXPECT_EQ(character.length, bytes.size()) << std::hex << code;
    std::string written;
    append_utf8(written, code);
    EXPECT_EQ(written, bytes) << std::hex << code;
    EXPECT_TRUE(is_utf8(bytes)) << std::hex << code;
  }
}

TEST(Utf8, ReadsOnlyTheFirstCharacter) {
  const Utf8Character character = next_utf8("\xc3\xa9tude");
  EXPECT_EQ(character.code, 0xe9U);
  EXPECT_EQ(character.length, 2U);
}

TEST(Utf8, RefusesACharacterCutShort) {
  for (const auto& [code, bytes] : boundaries()) {
    for (std::size_t length = 1; length < bytes.size(); ++length) {
      EXPECT_EQ(next_utf8(bytes.substr(0, length)).length, 0U) << std::hex << code << " at " << length;
      EXPECT_EQ(next_utf8(bytes.substr(0, length) + "a").length, 0U) << std::hex << code << " at " << length;
      EXPECT_FALSE(is_utf8("a" + bytes.substr(0, length))) << std::hex << code << " at " << length;
    }
  }
}

TEST(Utf8, RefusesSpellingsLongerThanNeeded) {
  for (const std::string_view bytes : {"\xc0\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
                                       "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf"}) {
    EXPECT_EQ(next_utf8(bytes).length, 0U) << ::testing::PrintToString(bytes);
    EXPECT_FALSE(is_utf8(bytes)) << ::testing::PrintToString(bytes);
  }
}

TEST(Utf8, RefusesBytesThatBeginNoCharacter) {
  for (const std::string_view bytes : {"\x80", "\xbf", "\xf8\x88\x80\x80\x80", "\xfe", "\xff"}) {
    EXPECT_EQ(next_utf8(bytes).length, 0U) << ::testing::PrintToString(bytes);
    EXPECT_FALSE(is_utf8(bytes)) << ::testing::PrintToString(bytes);
  }
}

TEST(Utf8, RefusesCodesBeyondUnicode) {
  EXPECT_EQ(next_utf8("\xf4\x90\x80\x80").length, 0U);
  EXPECT_EQ(next_utf8("\xf7\xbf\xbf\xbf").length, 0U);
}

TEST(Utf8, LetsSurrogatesThroughAndSaysWhatTheyAre) {
  const Utf8Character first = next_utf8("\xed\xa0\x80");
  EXPECT_EQ(first.code, 0xd800U);
  EXPECT_EQ(first.length, 3U);
  EXPECT_TRUE(is_surrogate(first.code));
  EXPECT_EQ(next_utf8("\xed\xbf\xbf").code, 0xdfffU);
  EXPECT_TRUE(is_surrogate(0xdfff));
  EXPECT_FALSE(is_surrogate(0xd7ff));
  EXPECT_FALSE(is_surrogate(0xe000));
}

TEST(Utf8, IsNotWellFormedWithSurrogates) {
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
  EXPECT_FALSE(is_utf8("ok \xed\xb0\x80 ok"));
}

TEST(Utf8, EmptyTextIsWellFormed) {
  EXPECT_TRUE(is_utf8(""));
}

TEST(Utf8, LooksAtTheWholeText) {
  EXPECT_TRUE(is_utf8("na\xc3\xafve \xf0\x9f\x98\x80"));
  EXPECT_FALSE(is_utf8("all is well until here\xff"));
}

}  // namespace
}  // namespace rediscache::base
