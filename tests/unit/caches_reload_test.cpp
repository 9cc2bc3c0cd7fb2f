// Settings that are read again: by request, and by watching their file.
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rediscache/caches.hpp>

#include "support/thrown.hpp"
#include "support/wait.hpp"
#include "unit/log_capture.hpp"
#include "unit/settings_sources.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Files that change while others read them.
class Files {
 public:
  void write(const std::string& path, std::string text) {
    const std::scoped_lock lock{mutex_};
    texts_[path] = std::move(text);
  }
  [[nodiscard]] int reads() const { return reads_; }
  [[nodiscard]] SettingsSources sources() {
    return {.variable = [](const std::string&) { return std::nullopt; },
            .read_file =
                [this](const std::string& path) {
                  const std::scoped_lock lock{mutex_};
                  ++reads_;
                  const auto found = texts_.find(path);
                  return found == texts_.end() ? throw std::runtime_error{"not there"} : found->second;
                }};
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> texts_;
  std::atomic<int> reads_{0};
};

std::string with_prefix(const std::string& prefix, const std::string& options = {}) {
  return one_cache(options, R"("KEY_PREFIX": ")" + prefix + '"');
}
std::string prefix_of(const Caches& registry) {
  return registry.settings().options("default").key_prefix;
}

class CachesReloadTest : public ::testing::Test {
 protected:
  CachesReloadTest() { files.write("/c.json", with_prefix("one")); }

  Files files;
  Caches registry;
};

TEST_F(CachesReloadTest, TakesWhatChanged) {
  EXPECT_THAT(registry.reload("/c.json", files.sources()), ElementsAre("default"));
  EXPECT_EQ(registry["default"].redis()->make_key("k"), "one:1:k");
  files.write("/c.json", with_prefix("two"));
  EXPECT_THAT(registry.reload(), ElementsAre("default"));
  EXPECT_EQ(registry["default"].redis()->make_key("k"), "two:1:k");
  EXPECT_THAT(registry.reload(), IsEmpty()) << "nothing changed since";
}

TEST_F(CachesReloadTest, TakesAnotherSecretForTheCacheThatHasIt) {
  files.write("/c.json",
              R"({"a": {"BACKEND": "redis", "LOCATION": "redis://a", "OPTIONS": {"PASSWORD_FILE": "/a"}},
                  "b": {"BACKEND": "redis", "LOCATION": "redis://b", "OPTIONS": {"PASSWORD_FILE": "/b"}},
                  "c": {"BACKEND": "redis", "LOCATION": "redis://c"}})");
  files.write("/a", "old");
  files.write("/b", "old");
  registry.reload("/c.json", files.sources());
  files.write("/a", "new");
  EXPECT_THAT(registry.reload(), ElementsAre("a"));
  EXPECT_EQ(registry.settings().options("a").password, "new");
}

TEST_F(CachesReloadTest, OfABadFileChangesNothingAndSaysWhy) {
  registry.reload("/c.json", files.sources());
  const auto before = registry["default"].get_cache();
  for (const std::string& text : {std::string{"{"}, one_cache(R"("SOCKET_TIMEOUT": [])")}) {
    files.write("/c.json", text);
    const auto error = thrown_by<InvalidOptions>([&] { (void)registry.reload(); });
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what(), HasSubstr("/c.json: "));
    EXPECT_EQ(registry["default"].get_cache().get(), before.get());
    EXPECT_EQ(prefix_of(registry), "one");
  }
}

TEST_F(CachesReloadTest, NeedsAFile) {
  registry.configure(Settings::from_json(one_cache(), sources_of()));
  const auto error = thrown_by<InvalidOptions>([&] { (void)registry.reload(); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("from no file; reload(path) takes one"));
}

TEST_F(CachesReloadTest, ByWatchingSeesChangesOfTheFileAndItsSecrets) {
  const LogCapture log{"rediscache"};
  files.write("/c.json", with_prefix("one", R"("PASSWORD_FILE": "/secret")"));
  files.write("/secret", "old");
  registry.watch("/c.json", 1ms, files.sources());
  EXPECT_EQ(prefix_of(registry), "one") << "it is read at once";
  files.write("/secret", "new");
  EXPECT_TRUE(eventually([&] { return registry.settings().options("default").password == "new"; }));
  files.write("/c.json", with_prefix("two"));
  EXPECT_TRUE(eventually([&] { return prefix_of(registry) == "two"; }));
  registry.stop_watching();
  ASSERT_EQ(log.messages().size(), 2U);
  EXPECT_THAT(log.messages().back().text, HasSubstr("reloaded /c.json; changed: default"));
}

TEST_F(CachesReloadTest, ByWatchingSurvivesABadFileAndSaysItOnce) {
  const LogCapture log{"rediscache"};
  registry.watch("/c.json", 1ms, files.sources());
  files.write("/c.json", "{");
  const int reads = files.reads();
  EXPECT_TRUE(eventually([&] { return files.reads() > reads + 20; }));
  EXPECT_EQ(prefix_of(registry), "one");
  files.write("/c.json", with_prefix("two"));
  EXPECT_TRUE(eventually([&] { return prefix_of(registry) == "two"; }));
  registry.stop_watching();
  ASSERT_EQ(log.messages().size(), 2U);
  EXPECT_THAT(log.messages().front().text,
              HasSubstr("the caches stay as they are: /c.json: line 1, column 2: not JSON"));
}

TEST_F(CachesReloadTest, ByWatchingEndsWhenItIsAskedTo) {
  registry.watch("/c.json", 1h, files.sources());
  registry.watch("/c.json", 1ms, files.sources());  // in place of the first, without waiting an hour
  registry.stop_watching();
  const int reads = files.reads();
  files.write("/c.json", with_prefix("two"));
  registry.stop_watching();
  EXPECT_EQ(files.reads(), reads);
  EXPECT_EQ(prefix_of(registry), "one");
  EXPECT_THROW(registry.watch("/c.json", 0ms, files.sources()), InvalidArgument);
  EXPECT_THROW(registry.watch("/other.json", 1ms, files.sources()), InvalidOptions);
}

TEST_F(CachesReloadTest, ByWatchingLeavesTheChildOfAForkAlone) {
  registry.watch("/c.json", 1h, files.sources());
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // Neither waits for the parent's thread, nor for a lock that it had.
    registry.stop_watching();
    const bool good = registry["default"].redis()->make_key("k") == "one:1:k" &&
                      registry.configure(Settings::from_json(with_prefix("two"), sources_of())).size() == 1;
    _exit(good ? 0 : 1);
  }
  int status = -1;
  EXPECT_TRUE(eventually([&] { return waitpid(child, &status, WNOHANG) == child; }));
  EXPECT_EQ(status, 0);
  registry.watch("/c.json", 1ms, files.sources());
  files.write("/c.json", with_prefix("two"));
  EXPECT_TRUE(eventually([&] { return prefix_of(registry) == "two"; })) << "the parent goes on";
}

}  // namespace
}  // namespace rediscache::test
