// Which arguments of raw commands are keys.
#include "proto/key_places.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

/// The arguments that are keys, with blanks between them.
std::string keys_of(std::string_view name, const std::vector<std::string_view>& arguments) {
  const proto::KeyPlaces places = proto::key_places(name, arguments);
  std::string keys;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (places.contains(i)) {
      keys.append(keys.empty() ? "" : " ").append(arguments[i]);
    }
  }
  return keys;
}

TEST(KeyPlaces, OfMostCommandsIsTheFirst) {
  EXPECT_EQ(keys_of("GET", {"k"}), "k");
  EXPECT_EQ(keys_of("hset", {"k", "f", "v"}), "k");
  EXPECT_EQ(keys_of("NEWCOMMAND", {"k", "x"}), "k");
}

TEST(KeyPlaces, OfSomeAreAllOrTwoOrPairs) {
  EXPECT_EQ(keys_of("mget", {"a", "b", "c"}), "a b c");
  EXPECT_EQ(keys_of("SUNIONSTORE", {"to", "a", "b"}), "to a b");
  EXPECT_EQ(keys_of("SMOVE", {"a", "b", "member"}), "a b");
  EXPECT_EQ(keys_of("RENAME", {"a"}), "a");
  EXPECT_EQ(keys_of("MSET", {"a", "1", "b", "2"}), "a b");
}

TEST(KeyPlaces, AreCountedWhereTheCommandCountsThem) {
  EXPECT_EQ(keys_of("EVAL", {"text", "2", "a", "b", "x"}), "a b");
  EXPECT_EQ(keys_of("EVALSHA", {"digest", "0", "x"}), "");
  EXPECT_EQ(keys_of("ZUNION", {"2", "a", "b", "WEIGHTS", "1", "2"}), "a b");
  EXPECT_EQ(keys_of("EVAL", {"text", "99", "a"}), "a") << "no further than there are arguments";
  EXPECT_EQ(keys_of("EVAL", {"text", "x", "a"}), "");
  EXPECT_EQ(keys_of("EVAL", {"text"}), "");
}

TEST(KeyPlaces, OfSomeIsBehindTheSubcommand) {
  EXPECT_EQ(keys_of("OBJECT", {"ENCODING", "k"}), "k");
  EXPECT_EQ(keys_of("OBJECT", {"HELP"}), "");
}

TEST(KeyPlaces, OfOthersIsNone) {
  EXPECT_EQ(keys_of("PING", {}), "");
  EXPECT_EQ(keys_of("INFO", {"memory"}), "");
  EXPECT_EQ(keys_of("scan", {"0", "MATCH", "*"}), "");
}

}  // namespace
}  // namespace rediscache::test
