// Keys are on the shards where django-redis has them: shard_places.py makes keys and asks the real one, and
// shard_places.tsv is what it said of the first of them.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <istream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "proto/hash_ring.hpp"

namespace rediscache::test {
namespace {

/// Those of shard_places.py.
const std::vector<std::string> locations{"redis://127.0.0.1:6379/0", "redis://127.0.0.1:6380/0",
                                         "unix:///run/redis.sock?db=1",
                                         "rediss://user:pass@cache.internal:6379/2"};

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

/// Compares every line; how many there were.
std::size_t compare(std::istream& lines) {
  const proto::HashRing ring{locations};
  std::size_t count = 0;
  std::string line;
  while (std::getline(lines, line)) {
    const std::size_t tab = line.find('\t');
    const std::string key = from_hex(line.substr(0, tab));
    EXPECT_EQ(ring.shard_of(key), std::stoul(line.substr(tab + 1))) << line;
    ++count;
  }
  return count;
}

TEST(ShardPlaces, AreThoseInTheFile) {
  const char* const path = std::getenv("SHARD_PLACES_GOLDEN");
  ASSERT_NE(path, nullptr) << "meson test says where shard_places.tsv is";
  std::ifstream file{path};
  EXPECT_EQ(compare(file), 2000U) << "shard_places.py --write makes it";
}

TEST(ShardPlaces, AreThoseOfDjangoRedisWhereThereIsOne) {
  if (std::getenv("SHARD_PLACES") == nullptr) {
    SUCCEED() << "no django-redis here; the file stands for it";
    return;
  }
  struct Close {
    void operator()(std::FILE* pipe) const noexcept { ::pclose(pipe); }
  };
  const std::unique_ptr<std::FILE, Close> pipe{::popen(R"("$PYTHON3" "$SHARD_PLACES" print 10000)", "r")};
  ASSERT_TRUE(pipe);
  std::string output;
  char buffer[4096];  // NOLINT(modernize-avoid-c-arrays): fread wants one
  while (const std::size_t read = std::fread(buffer, 1, sizeof buffer, pipe.get())) {
    output.append(buffer, read);
  }
  std::istringstream lines{output};
  EXPECT_EQ(compare(lines), 10'000U);
}

}  // namespace
}  // namespace rediscache::test
