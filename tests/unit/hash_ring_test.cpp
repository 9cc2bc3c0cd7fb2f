// What of a key decides where it lives. Which shard that is, is compared with django-redis in tests/golden.
#include "proto/hash_ring.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

using proto::tag_of;

TEST(TagOf, AKeyWithoutBracesIsAllOfIt) {
  EXPECT_EQ(tag_of(":1:k"), ":1:k");
  EXPECT_EQ(tag_of(""), "");
  EXPECT_EQ(tag_of(":1:{k"), ":1:{k");
  EXPECT_EQ(tag_of(":1:k}"), ":1:k}");
  EXPECT_EQ(tag_of("}{"), "}{");
  EXPECT_EQ(tag_of("}"), "}");
}

TEST(TagOf, IsWhatTheBracesHold) {
  EXPECT_EQ(tag_of(":1:{user}:name"), "user");
  EXPECT_EQ(tag_of("{}"), "");
  EXPECT_EQ(tag_of(":1:a{}b"), "");
}

TEST(TagOf, GoesFromTheLastThatOpensToTheLastThatCloses) {
  EXPECT_EQ(tag_of("{a}{b}"), "b");
  EXPECT_EQ(tag_of("{a{b}c}"), "b}c");
  EXPECT_EQ(tag_of("{a}b}"), "a}b");
  EXPECT_EQ(tag_of("{a}{"), "a");
  EXPECT_EQ(tag_of("{{}}"), "}");
}

TEST(TagOf, IsInTheFirstLineOrNowhere) {
  EXPECT_EQ(tag_of("x\n{a}"), "x\n{a}");
  EXPECT_EQ(tag_of("{a\n}"), "{a\n}");
  EXPECT_EQ(tag_of("{a}\n{b}"), "a");
  EXPECT_EQ(tag_of("\n"), "\n");
}

TEST(HashRingTest, HasRoomForEveryShardAndForOne) {
  const std::vector<std::string> locations{"redis://a", "redis://b", "redis://c"};
  const proto::HashRing ring{locations};
  std::set<std::size_t> used;
  for (int i = 0; i < 200; ++i) {
    used.insert(ring.shard_of(":1:" + std::to_string(i)));
  }
  EXPECT_EQ(used, (std::set<std::size_t>{0, 1, 2}));
  const proto::HashRing alone{std::span{locations}.first(1)};
  EXPECT_EQ(alone.shard_of("k"), 0U);
}

TEST(HashRingTest, AKeyOnAPointBelongsToIt) {
  const std::vector<std::string> locations{"redis://a", "redis://b", "redis://c"};
  const proto::HashRing ring{locations};
  for (std::size_t shard = 0; shard < locations.size(); ++shard) {
    for (int point = 0; point < 128; ++point) {
      EXPECT_EQ(ring.shard_of(locations[shard] + ':' + std::to_string(point)), shard) << point;
    }
  }
}

TEST(HashRingTest, PlacesManyAsItPlacesEach) {
  const std::vector<std::string> locations{"redis://a", "redis://b", "redis://c"};
  const proto::HashRing ring{locations};
  std::vector<std::string> keys{"", "{tag}", std::string(200, 'k'), "redis://b:7"};
  for (int i = 0; i < 997; ++i) {
    keys.push_back(":1:" + std::to_string(i));
  }
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  for (const std::size_t count : {views.size(), views.size() - 1, std::size_t{1}, std::size_t{0}}) {
    std::vector<std::uint32_t> together(count);
    ring.shards_of(std::span{views}.first(count), together);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(together[i], ring.shard_of(views[i])) << i << " of " << count;
    }
  }
}

TEST(HashRingTest, KeepsATagTogether) {
  const std::vector<std::string> locations{"redis://a", "redis://b", "redis://c"};
  const proto::HashRing ring{locations};
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(ring.shard_of(":1:{user}:" + std::to_string(i)), ring.shard_of("user"));
  }
}

}  // namespace
}  // namespace rediscache::test
