// The thread of a subscriber, with servers that misbehave.
#include "net/subscriber_thread.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "support/child.hpp"
#include "support/scripted_server.hpp"
#include "support/wait.hpp"
#include "unit/log_capture.hpp"
#include "unit/net_helpers.hpp"

namespace rediscache::test {
namespace {

using net::SubscriberThread;
using net::Topic;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Topic channel_a{Topic::Kind::channel, "a"};
constexpr std::string_view confirmed = "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n";
constexpr std::string_view a_message = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n";

class Recorder final : public net::Listener {
 public:
  void message(const Topic&, std::string_view, std::string& payload) noexcept override {
    const std::scoped_lock lock{mutex_};
    payloads_.push_back(std::move(payload));
  }
  void gap() noexcept override { ++gaps; }
  void refused(const Topic&, const Failure& failure) noexcept override {
    const std::scoped_lock lock{mutex_};
    refusals_.push_back(failure);
  }
  void flush() noexcept override {
    ++flushes;
    flushed = count();
  }
  [[nodiscard]] bool stalled() const noexcept override { return stall; }

  [[nodiscard]] std::size_t count() const {
    const std::scoped_lock lock{mutex_};
    return payloads_.size();
  }
  [[nodiscard]] std::vector<Failure> refusals() const {
    const std::scoped_lock lock{mutex_};
    return refusals_;
  }

  std::atomic<int> gaps{0};
  std::atomic<int> flushes{0};
  std::atomic<std::size_t> flushed{0};
  std::atomic<bool> stall{false};

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> payloads_;
  std::vector<Failure> refusals_;
};

SubscriberThread::Pace quick() {
  return {.protocol = {.first_pause = milliseconds{1},
                       .longest_pause = milliseconds{20},
                       .quiet_time = milliseconds{20},
                       .answer_time = milliseconds{20}},
          .linger = milliseconds{20},
          .log_interval = milliseconds{30}};
}

TEST(SubscriberThreadTest, AServerThatGivesNoSignOfLifeIsLeft) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().send(confirmed).stay_silent()}};
  SubscriberThread subscriber{settings_for(server), quick()};
  const auto listener = std::make_shared<Recorder>();
  subscriber.add(channel_a, listener);
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
    subscriber.add(channel_a, listener);
    const std::size_t before = cut == all.size() ? 1 : 0;
    EXPECT_TRUE(eventually([&] { return listener->count() == before + 1; })) << "cut at " << cut;
    EXPECT_EQ(listener->gaps, cut >= confirmed.size() ? 1 : 0) << "cut at " << cut;
    EXPECT_GT(listener->flushes, 0);
  }
}

TEST(SubscriberThreadTest, WhatCameBeforeNonsenseIsHandedOverAtOnce) {
  ScriptedServer server{
      Transport::local,
      {Script{}.expect_command().send(std::string{confirmed} + std::string{a_message} + "!\r\n"),
       Script{}.stay_silent()}};
  SubscriberThread subscriber{settings_for(server)};
  const auto listener = std::make_shared<Recorder>();
  subscriber.add(channel_a, listener);
  EXPECT_TRUE(eventually([&] { return server.connection_count() == 2; }));
  EXPECT_EQ(listener->flushed, 1U);
}

TEST(SubscriberThreadTest, ARefusalIsNoGapButItsEndIs) {
  ScriptedServer server{Transport::local,
                        {Script{}.expect_command().send(confirmed).close(),
                         Script{}.expect_command().send("-NOPERM no\r\n").pause().close(),
                         Script{}.expect_command().send(std::string{confirmed} + std::string{a_message})}};
  SubscriberThread subscriber{settings_for(server)};
  const auto listener = std::make_shared<Recorder>();
  const auto second = std::make_shared<Recorder>();
  subscriber.add(channel_a, listener);
  EXPECT_TRUE(eventually([&] { return listener->refusals().size() == 1; }));
  subscriber.add(channel_a, second);
  EXPECT_EQ(listener->gaps, 0) << "nothing is restored";
  ASSERT_EQ(second->refusals().size(), 1U) << "whoever comes later is told too";
  EXPECT_EQ(second->refusals().front().text(), listener->refusals().front().text());
  EXPECT_NE(second->refusals().front().server, "");
  server.resume();
  EXPECT_TRUE(eventually([&] { return listener->flushed == 1; }));
  EXPECT_EQ(listener->gaps, 1);
}

TEST(SubscriberThreadTest, AnOutageSoonAfterAnotherIsLoggedToo) {
  LogCapture log{"subscriber-thread-test"};
  ScriptedServer server{Transport::local,
                        {Script{}.expect_command().send(confirmed).close(),
                         Script{}.expect_command().send(confirmed).close(), Script{}.close()}};
  auto settings = settings_for(server);
  settings.logger = log.name();
  {
    SubscriberThread subscriber{settings, quick()};
    subscriber.add(channel_a, std::make_shared<Recorder>());
    EXPECT_TRUE(eventually([&] { return subscriber.statistics().failed >= 20; }));  // each after some ms
  }
  EXPECT_EQ(log.messages().size(), 2U) << "once for each outage";
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
  subscriber.add(channel_a, listener);
  EXPECT_FALSE(subscriber.wait_confirmed(channel_a, base::Deadline::in(milliseconds{50})))
      << "nothing is read";
  EXPECT_EQ(listener->count(), 0U);
  listener->stall = false;
  subscriber.resume();
  EXPECT_TRUE(subscriber.wait_confirmed(channel_a, late()));
  EXPECT_TRUE(eventually([&] { return listener->count() == 1; }));
  server.resume();
  EXPECT_TRUE(eventually([&] { return listener->count() == 2; }));
}

/// How many descriptors this process has that are connected to the unix socket.
int connected_to(const std::string& path) {
  constexpr int most_descriptors = 1024;
  int count = 0;
  for (int fd = 0; fd < most_descriptors; ++fd) {
    sockaddr_un peer{};
    socklen_t size = sizeof(peer);
    const bool has_peer = ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
    count += has_peer && peer.sun_family == AF_UNIX && path == peer.sun_path ? 1 : 0;
  }
  return count;
}

TEST(SubscriberThreadTest, AForkLeavesTheChildNoConnectionThatIsBeingMade) {
  std::optional<ScriptedServer> server{std::in_place, Transport::local,
                                       std::vector{Script{}.expect_bytes(1).stay_silent()}};
  const std::string path = server->address().path;
  SubscriberThread subscriber{settings_for(*server)};
  subscriber.add(channel_a, std::make_shared<Recorder>());
  EXPECT_TRUE(eventually([&] { return server->connection_count() == 1; }));
  EXPECT_EQ(connected_to(path), 1) << "it waits for the answer to its greeting";
  EXPECT_TRUE(holds_in_child([&] { return connected_to(path) == 0; }));
  EXPECT_EQ(connected_to(path), 1);
  server.reset();  // and the attempt ends
}

TEST(SubscriberThreadTest, EndsSomeTimeAfterTheLastTopicAndStartsAgain) {
  ScriptedServer server{Transport::local, {Script{}.expect_command().send(confirmed).stay_silent()}};
  SubscriberThread subscriber{settings_for(server), {.protocol = {}, .linger = milliseconds{1}}};
  const auto listener = std::make_shared<Recorder>();
  for (std::uint64_t turn = 1; turn <= 3; ++turn) {
    subscriber.add(channel_a, listener);
    ASSERT_TRUE(subscriber.wait_confirmed(channel_a, late()));
    EXPECT_EQ(subscriber.statistics().connected, turn);
    subscriber.remove(channel_a, listener.get());
    EXPECT_FALSE(subscriber.wait_confirmed(channel_a, late())) << "nobody wants it any more";
    EXPECT_TRUE(eventually([&] { return !subscriber.running(); }));
  }
  EXPECT_EQ(listener->gaps, 0);
}

TEST(SubscriberThreadTest, EndsAtOnceWhateverItWaitsFor) {
  ScriptedServer silent{Transport::local, {Script{}.expect_command().stay_silent()}};
  {
    SubscriberThread subscriber{settings_for(silent)};
    subscriber.add(channel_a, std::make_shared<Recorder>());
    EXPECT_TRUE(eventually([&] { return subscriber.statistics().connected == 1; }));
  }
  net::ServerSettings nobody;
  nobody.endpoint = {.transport = net::Endpoint::Transport::unix_socket, .path = "/nonexistent/redis.sock"};
  SubscriberThread subscriber{nobody};
  subscriber.add(channel_a, std::make_shared<Recorder>());
  EXPECT_TRUE(eventually([&] { return subscriber.statistics().failed > 2; }));
}

}  // namespace
}  // namespace rediscache::test
