// The thread of a subscriber, with servers that misbehave.
#include "net/subscriber_thread.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/scripted_server.hpp"
#include "support/wait.hpp"
#include "unit/net_helpers.hpp"

namespace rediscache::test {
namespace {

using net::SubscriberThread;
using net::Topic;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Topic a{Topic::Kind::channel, "a"};
constexpr std::string_view confirmed = "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n";
constexpr std::string_view a_message = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n";

class Recorder final : public net::Listener {
 public:
  void message(const Topic&, std::string_view, std::string& payload) noexcept override {
    const std::scoped_lock lock{mutex_};
    payloads_.push_back(std::move(payload));
  }
  void gap() noexcept override { ++gaps; }
  void flush() noexcept override { ++flushes; }
  [[nodiscard]] bool stalled() const noexcept override { return stall; }

  [[nodiscard]] std::size_t count() const {
    const std::scoped_lock lock{mutex_};
    return payloads_.size();
  }

  std::atomic<int> gaps{0};
  std::atomic<int> flushes{0};
  std::atomic<bool> stall{false};

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> payloads_;
};

SubscriberThread::Pace quick() {
  return {.protocol = {.first_pause = milliseconds{1},
                       .longest_pause = milliseconds{20},
                       .quiet_time = milliseconds{20},
                       .answer_time = milliseconds{20}},
          .linger = milliseconds{20}};
}

TEST(SubscriberThreadTest, AServerThatGivesNoSignOfLifeIsLeft) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().send(confirmed).stay_silent()}};
  SubscriberThread subscriber{settings_for(server), quick()};
  const auto listener = std::make_shared<Recorder>();
  subscriber.add(a, listener);
  EXPECT_TRUE(eventually([&] { return listener->gaps >= 2; })) << "it is silent again and again";
  EXPECT_NE(subscriber.statistics().last_failure.find("no sign of life"), std::string::npos);
}

TEST(SubscriberThreadTest, AServerThatEndsWhereverItIsIsConnectedToAgain) {
  const std::string all = std::string{confirmed} + std::string{a_message};
  for (std::size_t cut = 0; cut <= all.size(); cut += 3) {
    ScriptedServer server{Transport::local,
                          {Script{}.expect_command().send(std::string_view{all}.substr(0, cut)).close(),
                           Script{}.expect_command().send(all).pause()}};
    SubscriberThread subscriber{settings_for(server)};
    const auto listener = std::make_shared<Recorder>();
    subscriber.add(a, listener);
    const std::size_t before = cut == all.size() ? 1 : 0;
    EXPECT_TRUE(eventually([&] { return listener->count() == before + 1; })) << "cut at " << cut;
    EXPECT_EQ(listener->gaps, cut >= confirmed.size() ? 1 : 0) << "cut at " << cut;
    EXPECT_GT(listener->flushes, 0);
  }
}

TEST(SubscriberThreadTest, WhoIsStalledIsSpared) {
  ScriptedServer server{Transport::local,
                        {Script{}
                             .expect_command()
                             .send(std::string{confirmed} + std::string{a_message})
                             .pause()
                             .send(a_message)
                             .stay_silent()}};
  auto settings = settings_for(server);
  SubscriberThread subscriber{settings};
  const auto listener = std::make_shared<Recorder>();
  listener->stall = true;
  subscriber.add(a, listener);
  EXPECT_FALSE(subscriber.wait_confirmed(a, base::Deadline::in(milliseconds{50}))) << "nothing is read";
  EXPECT_EQ(listener->count(), 0U);
  listener->stall = false;
  subscriber.resume();
  EXPECT_TRUE(subscriber.wait_confirmed(a, late()));
  EXPECT_TRUE(eventually([&] { return listener->count() == 1; }));
  server.resume();
  EXPECT_TRUE(eventually([&] { return listener->count() == 2; }));
}

TEST(SubscriberThreadTest, EndsSomeTimeAfterTheLastTopicAndStartsAgain) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().send(confirmed).stay_silent()}};
  SubscriberThread subscriber{settings_for(server), {.protocol = {}, .linger = milliseconds{1}}};
  const auto listener = std::make_shared<Recorder>();
  for (std::uint64_t turn = 1; turn <= 3; ++turn) {
    subscriber.add(a, listener);
    ASSERT_TRUE(subscriber.wait_confirmed(a, late()));
    EXPECT_EQ(subscriber.statistics().connected, turn);
    subscriber.remove(a, listener.get());
    EXPECT_FALSE(subscriber.wait_confirmed(a, late())) << "nobody wants it any more";
    EXPECT_TRUE(eventually([&] { return !subscriber.running(); }));
  }
  EXPECT_EQ(listener->gaps, 0);
}

TEST(SubscriberThreadTest, EndsAtOnceWhateverItWaitsFor) {
  ScriptedServer silent{Transport::local, {Script{}.expect_command().stay_silent()}};
  {
    SubscriberThread subscriber{settings_for(silent)};
    subscriber.add(a, std::make_shared<Recorder>());
    EXPECT_TRUE(eventually([&] { return subscriber.statistics().connected == 1; }));
  }
  net::ServerSettings nobody;
  nobody.endpoint = {.transport = net::Endpoint::Transport::unix_socket, .path = "/nonexistent/redis.sock"};
  SubscriberThread subscriber{nobody};
  subscriber.add(a, std::make_shared<Recorder>());
  EXPECT_TRUE(eventually([&] { return subscriber.statistics().failed > 2; }));
}

}  // namespace
}  // namespace rediscache::test
