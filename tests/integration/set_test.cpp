// set and add: what is stored, when, and what they say.
#include <chrono>

#include "integration/cache_test.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

class SetTest : public CacheTest {};
REDISCACHE_TEST_EVERY_SETUP(SetTest);

TEST_P(SetTest, StoresAValueAndSaysSo) {
  EXPECT_TRUE(cache().set("k", "v"));
  EXPECT_EQ(cache().get<std::string>("k"), "v");
}

TEST_P(SetTest, ReplacesWhatIsThere) {
  cache().set("k", "old", never);
  EXPECT_TRUE(cache().set("k", "new"));
  EXPECT_EQ(cache().get<std::string>("k"), "new");
  EXPECT_GT(raw().pttl(":1:k"), 0);
}

TEST_P(SetTest, ReplacesAValueOfAnotherType) {
  raw().run({"RPUSH", ":1:k", "element"});
  EXPECT_TRUE(cache().set("k", 1));
  EXPECT_EQ(cache().get<int>("k"), 1);
}

TEST_P(SetTest, WithNxStoresWhereNothingIs) {
  EXPECT_TRUE(cache().set("k", "v", {.nx = true}));
  EXPECT_EQ(cache().get<std::string>("k"), "v");
}

TEST_P(SetTest, WithNxKeepsWhatIsThere) {
  cache().set("k", "old", never);
  EXPECT_FALSE(cache().set("k", "new", {.timeout = 10s, .nx = true}));
  EXPECT_EQ(cache().get<std::string>("k"), "old");
  EXPECT_EQ(raw().pttl(":1:k"), -1);
}

TEST_P(SetTest, WithXxReplacesWhatIsThere) {
  cache().set("k", "old");
  EXPECT_TRUE(cache().set("k", "new", {.timeout = never, .xx = true}));
  EXPECT_EQ(cache().get<std::string>("k"), "new");
  EXPECT_EQ(raw().pttl(":1:k"), -1);
}

TEST_P(SetTest, WithXxStoresNothingWhereNothingIs) {
  EXPECT_FALSE(cache().set("k", "v", {.xx = true}));
  EXPECT_FALSE(raw().exists(":1:k"));
}

TEST_P(SetTest, WithNxAndXxIsRefusedAndStoresNothing) {
  cache().set("there", "old");
  for (const char* key : {"there", "absent"}) {
    EXPECT_TRUE(thrown_by<InvalidArgument>([&] { cache().set(key, "new", {.nx = true, .xx = true}); }));
  }
  EXPECT_EQ(cache().get<std::string>("there"), "old");
  EXPECT_FALSE(raw().exists(":1:absent"));
}

TEST_P(SetTest, AddStoresWhereNothingIs) {
  EXPECT_TRUE(cache().add("k", "v", 100s));
  EXPECT_EQ(cache().get<std::string>("k"), "v");
  EXPECT_GT(raw().pttl(":1:k"), 0);
}

TEST_P(SetTest, AddKeepsWhatIsThere) {
  cache().set("k", "old");
  EXPECT_FALSE(cache().add("k", "new"));
  EXPECT_EQ(cache().get<std::string>("k"), "old");
}

TEST_P(SetTest, AddKeepsAnExpiredEntryOnlyUntilItExpires) {
  cache().set("k", "old", 1ms);
  EXPECT_TRUE(eventually([&] { return cache().add("k", "new"); }));
  EXPECT_EQ(cache().get<std::string>("k"), "new");
}

TEST_P(SetTest, WritesTheVersionAskedFor) {
  cache().set("k", "one");
  cache().set("k", "two", {.version = 2});
  EXPECT_TRUE(cache().add("k", "three", {.version = 3}));
  EXPECT_FALSE(cache().add("k", "other", {.version = 3}));
  EXPECT_TRUE(raw().exists(":1:k"));
  EXPECT_TRUE(raw().exists(":2:k"));
  EXPECT_TRUE(raw().exists(":3:k"));
  EXPECT_EQ(cache().get<std::string>("k"), "one");
  EXPECT_EQ(cache().get<std::string>("k", {.version = 2}), "two");
  EXPECT_EQ(cache().get<std::string>("k", {.version = 3}), "three");
}

TEST_P(SetTest, WritesTheDatabaseOfTheUrl) {
  Options other = options();
  other.location = {GetParam().transport == Transport::local ? server().unix_url(3) : server().tcp_url(3)};
  RedisCache in_three{other};
  in_three.set("k", "three");
  EXPECT_EQ(cache().get<std::string>("k"), std::nullopt);
  raw().run({"SELECT", "3"});
  EXPECT_TRUE(raw().exists(":1:k"));
  EXPECT_FALSE(raw().exists(":2:k"));
}

TEST_P(SetTest, IsOneCommand) {
  cache().set("k", "v", {.timeout = 10s, .nx = true});
  cache().set("k", "v", never);
  EXPECT_EQ(raw().calls("set"), 2);
  EXPECT_EQ(raw().calls("expire") + raw().calls("pexpire") + raw().calls("setnx"), 0);
}

}  // namespace
}  // namespace rediscache::test
