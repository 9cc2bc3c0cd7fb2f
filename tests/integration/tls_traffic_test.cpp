// A cache at work over TLS: large values, many commands, forks, servers that die or stall.
#include <atomic>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "integration/tls_test.hpp"
#include "support/child.hpp"
#include "support/scripted_server.hpp"
#include "support/tls_proxy.hpp"

namespace rediscache::test {
namespace {

using ::testing::HasSubstr;

class TlsTrafficTest : public TlsTest {
 protected:
  void SetUp() override { server_ = serve("server"); }

  [[nodiscard]] RedisServer& server() { return *server_; }
  [[nodiscard]] Options options() { return options_for(server_->tls_url()); }

  static bool work_as(RedisCache& cache, const std::string& name) {
    for (int i = 0; i < 100; ++i) {
      const std::string key = name + std::to_string(i % 7);
      const std::string value = key + " turn " + std::to_string(i);
      if (!cache.set(key, value) || cache.get<std::string>(key) != value) {
        return false;
      }
    }
    return true;
  }

 private:
  std::unique_ptr<RedisServer> server_;
};

std::string text_of(std::size_t size) {
  std::string out(size, '\0');
  unsigned state = 1;
  for (char& c : out) {
    state = state * 1'103'515'245U + 12'345U;
    c = static_cast<char>(0x21 + (state >> 16U) % 90);
  }
  return out;
}

TEST_F(TlsTrafficTest, ACallToSeveralShardsReadsWhatWasDecryptedAlready) {
  const auto other = serve("server");
  Options own = options();
  own.location.push_back(other->tls_url());
  own.client_class = "ShardClient";
  RedisCache cache{own};
  // The end of a large reply is received into its place, and the rest of its record, with the replies that
  // follow, waits where no poll() sees it.
  std::vector<std::string> values;
  for (std::size_t i = 0; i < 60; ++i) {
    values.push_back(text_of(i % 2 == 0 ? 17'000 + i * 977 : i));
    ASSERT_TRUE(cache.set("k" + std::to_string(i), values.back()));
  }
  for (int round = 0; round < 3; ++round) {
    auto pipeline = cache.pipeline();
    std::vector<Pending<std::optional<std::string>>> found;
    for (std::size_t i = 0; i < values.size(); ++i) {
      found.push_back(pipeline.get<std::string>("k" + std::to_string(i)));
    }
    ASSERT_TRUE(pipeline.execute());
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(found[i].value(), values[i]) << i;
    }
  }
  EXPECT_GT(server().connect().integer({"DBSIZE"}), 0);
  EXPECT_GT(other->connect().integer({"DBSIZE"}), 0);
}

TEST_F(TlsTrafficTest, PassesValuesOfEverySizeBothWays) {
  RedisCache cache{options()};
  // About the sizes of records, of our staging, and far beyond what a socket takes at once.
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16'000}, std::size_t{16'383},
                                 std::size_t{16'384}, std::size_t{16'385}, std::size_t{32'768},
                                 std::size_t{100'000}, std::size_t{1} << 20U, std::size_t{20} << 20U}) {
    const std::string value = text_of(size);
    ASSERT_TRUE(cache.set("k", value)) << size;
    const auto back = cache.get<std::string>("k");
    ASSERT_TRUE(back) << size;
    ASSERT_TRUE(*back == value) << size;
  }
  EXPECT_LE(cache.statistics().client.connections_opened, 2) << "one of its own for what is large";
  EXPECT_EQ(cache.statistics().client.connections_lost, 0);
}

TEST_F(TlsTrafficTest, PassesManyCommandsAtOnce) {
  RedisCache cache{options()};
  for (const std::size_t size : {std::size_t{10}, std::size_t{3000}}) {
    constexpr int count = 10'000;
    const std::string value(size, 'v');
    auto writing = cache.pipeline();
    for (int i = 0; i < count; ++i) {
      (void)writing.set("k" + std::to_string(i), value + std::to_string(i));
    }
    writing.execute();
    auto reading = cache.pipeline();
    std::vector<Pending<std::optional<std::string>>> got;
    for (int i = 0; i < count; ++i) {
      got.push_back(reading.get<std::string>("k" + std::to_string(i)));
    }
    reading.execute();
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(got[static_cast<std::size_t>(i)].value(), value + std::to_string(i)) << i;
    }
  }
  EXPECT_EQ(cache.statistics().client.connections_opened, 1);
}

TEST_F(TlsTrafficTest, SignsInAndChoosesADatabase) {
  RedisServer::Settings settings{.config = {"requirepass s3cret"}, .tls = tls_of("server")};
  RedisServer guarded{settings};
  const std::string url = guarded.tls_url("localhost", 3);
  RedisCache cache{options_for("rediss://:s3cret@" + url.substr(url.find("://") + 3))};
  expect_works(cache);
  EXPECT_THROW((void)RedisCache{options_for(url)}.get<std::string>("k"), AuthenticationError);
}

TEST_F(TlsTrafficTest, IsSharedByThreads) {
  RedisCache cache{options()};
  std::atomic<int> failures{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] { failures += work_as(cache, "thread" + std::to_string(t)) ? 0 : 1; });
    }
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(cache.statistics().client.connections_lost, 0);
}

TEST_F(TlsTrafficTest, ReplacesAConnectionThatTheServerClosedWithoutASignal) {
  // The suite would end if a write raised SIGPIPE: nobody has blocked or handled it.
  struct sigaction action{};
  ASSERT_EQ(::sigaction(SIGPIPE, nullptr, &action), 0);
  ASSERT_EQ(action.sa_handler, SIG_DFL);
  Options options = this->options();
  options.max_retries = 2;
  RedisCache cache{options};
  for (int i = 0; i < 5; ++i) {
    expect_works(cache);
    server().connect().run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  }
  server().kill();
  EXPECT_THROW((void)cache.set("k", std::string(1 << 20U, 'x')), ConnectionError);
  ASSERT_EQ(::sigaction(SIGPIPE, nullptr, &action), 0);
  EXPECT_EQ(action.sa_handler, SIG_DFL) << "and it was left alone";
}

TEST_F(TlsTrafficTest, ForksIntoProcessesThatLeaveEachOthersConnectionsAlone) {
  RedisCache cache{options()};
  ASSERT_TRUE(cache.set("k", "before"));
  for (int i = 0; i < 4; ++i) {
    const pid_t child = in_child([&, i] { return work_as(cache, "child" + std::to_string(i)); });
    EXPECT_TRUE(work_as(cache, "parent"));
    EXPECT_TRUE(ended_well(child));
  }
  EXPECT_EQ(cache.statistics().client.connections_opened, 1) << "the parent keeps its connection";
  EXPECT_EQ(cache.statistics().client.connections_lost, 0);
}

TEST_F(TlsTrafficTest, ForksWithAPoolOfConnectionsWhichTheChildLetsGo) {
  Options options = this->options();
  options.combine = false;
  RedisCache cache{options};
  ASSERT_TRUE(cache.set("k", "before"));
  EXPECT_TRUE(holds_in_child([&] { return work_as(cache, "child"); }));
  EXPECT_TRUE(work_as(cache, "parent"));
  EXPECT_EQ(cache.statistics().client.connections_opened, 1) << "the parent keeps its connection";
}

TEST_F(TlsTrafficTest, OfAChildThatEndsItsCopyLeavesTheParentsConnectionsAlone) {
  auto cache = std::make_unique<RedisCache>(options());
  ASSERT_TRUE(cache->set("k", "before"));
  EXPECT_TRUE(holds_in_child([&] {
    cache->close();
    cache.reset();
    return true;
  }));
  EXPECT_TRUE(work_as(*cache, "parent"));
  EXPECT_EQ(cache->statistics().client.connections_opened, 1);
}

TEST_F(TlsTrafficTest, ForksWhileOtherThreadsShakeHands) {
  std::atomic<bool> done{false};
  std::atomic<int> failures{0};
  RedisCache shared{options()};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      while (!done) {
        RedisCache fresh{options()};
        failures += fresh.set("thread" + std::to_string(t), "v") ? 0 : 1;
        failures += shared.set("shared", "v") ? 0 : 1;
      }
    });
  }
  for (int i = 0; i < 30; ++i) {
    EXPECT_TRUE(holds_in_child([&, i] {
      RedisCache fresh{options()};
      return fresh.set("child", "v") && shared.set("child" + std::to_string(i), "v");
    }));
  }
  done = true;
  threads.clear();
  EXPECT_EQ(failures, 0);
}

TEST_F(TlsTrafficTest, OfAServerThatDiesInTheMiddleOfAReplyIsAConnectionError) {
  for (const bool says_farewell : {false, true}) {
    const ScriptedServer plain{Transport::local, {Script{}.expect_command().send("$100\r\nhalf").close()}};
    const TlsProxy proxy{{.certificate = authority().issue({}), .says_farewell = says_farewell},
                         plain.address()};
    RedisCache cache{options_for(proxy.url())};
    const auto error = thrown_by<ConnectionError>([&] { (void)cache.get<std::string>("k"); });
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what(), HasSubstr("the server closed the connection"));
    EXPECT_TRUE(error->maybe_executed());
  }
}

TEST_F(TlsTrafficTest, OfAServerThatStallsEndsInTime) {
  const ScriptedServer plain{Transport::local, {Script{}.expect_command().send("$1\r\nv\r\n")}};
  // In the handshake, early and late; in the first record behind it, its header too.
  for (const auto& [handshake, after] :
       std::vector<std::pair<std::size_t, std::size_t>>{{0, 0},
                                                        {3, 0},
                                                        {200, 0},
                                                        {TlsProxy::unlimited, 0},
                                                        {TlsProxy::unlimited, 3},
                                                        {TlsProxy::unlimited, 10}}) {
    const TlsProxy proxy{{.certificate = authority().issue({}), .handshake_bytes = handshake, .bytes = after},
                         plain.address()};
    Options options = impatient_options(proxy.url());
    options.tls.ca_file = path("ca.pem");
    RedisCache cache{options};
    const auto error = thrown_by<TimeoutError>([&] { (void)cache.get<std::string>("k"); });
    ASSERT_TRUE(error) << handshake << " " << after;
  }
}

TEST_F(TlsTrafficTest, OfAFrozenServerEndsInTimeWhileSendingMuch) {
  RedisCache cache{[&] {
    Options options = this->options();
    options.call_timeout = std::chrono::milliseconds{200};
    return options;
  }()};
  expect_works(cache);
  server().stop_process();
  EXPECT_THROW((void)cache.set("k", std::string(20U << 20U, 'x')), TimeoutError);
  EXPECT_THROW((void)cache.get<std::string>("k"), TimeoutError);
  server().continue_process();
}

TEST_F(TlsTrafficTest, MessagesComeToo) {
  const auto server = serve("server");
  RedisCache cache{options_for(server->tls_url())};
  auto subscription = cache.subscribe({.channels = {"a"}});
  ASSERT_TRUE(subscription.wait_until_active(std::chrono::seconds{15}));
  const std::string large(300'000, 'x');  // several records
  for (const std::string& payload : {std::string{"small"}, large}) {
    ASSERT_EQ(cache.publish("a", payload), 1);
    const auto message = subscription.next(std::chrono::seconds{15});
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->payload == payload);
  }
  server->connect().run({"CLIENT", "KILL", "TYPE", "pubsub"});
  const auto gap = subscription.next(std::chrono::seconds{15});
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->kind, Message::Kind::gap);
}

}  // namespace
}  // namespace rediscache::test
