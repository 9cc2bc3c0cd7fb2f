// Clients and serializers of a program's own.
#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

/// What a Counting client has seen, shared with the test.
struct Seen {
  std::atomic<std::size_t> commands{0};
  std::atomic<std::size_t> closed{0};
  std::vector<std::string> names{};
  std::vector<std::string> keys{};
};

/// Counts and passes on.
class Counting final : public Client {
 public:
  Counting(std::unique_ptr<Client> next, std::shared_ptr<Seen> seen)
      : next_{std::move(next)}, seen_{std::move(seen)} {}

  std::optional<Failure> execute(const Commands& commands, std::span<Reply> replies,
                                 Deadline deadline) override {
    seen_->commands += commands.size();
    for (std::size_t i = 0; i < commands.size(); ++i) {
      seen_->names.emplace_back(commands.name(i));
      seen_->keys.emplace_back(commands.first_key(i));
    }
    return next_->execute(commands, replies, deadline);
  }
  void close() noexcept override {
    ++seen_->closed;
    next_->close();
  }
  [[nodiscard]] ClientStatistics statistics() const override { return next_->statistics(); }
  [[nodiscard]] std::vector<std::shared_ptr<net::Subscriber>> subscribers(
      SubscriberUse use, std::optional<std::string_view> channel) override {
    return next_->subscribers(use, channel);
  }

 private:
  std::unique_ptr<Client> next_;
  std::shared_ptr<Seen> seen_;
};

/// Answers every call itself.
class Canned final : public Client {
 public:
  explicit Canned(std::optional<Failure> failure) : failure_{std::move(failure)} {}
  std::optional<Failure> execute(const Commands&, std::span<Reply> replies, Deadline) override {
    for (Reply& reply : replies) {
      reply = Reply::text("canned");
    }
    return failure_;
  }

 private:
  std::optional<Failure> failure_;
};

/// Stores text in upper case, and nothing else.
class Shouting final : public Serializer {
 public:
  std::string_view encode(const ValueView& value, std::string& scratch) const override {
    if (value.kind() != ValueView::Kind::text) {
      throw ValueError{"shouting takes text only"};
    }
    scratch = value.text();
    std::ranges::transform(scratch, scratch.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return scratch;
  }
  void decode(std::string&& bytes, const ValueTarget& target) const override {
    target.put_text(std::move(bytes));
  }
};

class PluginTest : public CacheTest {};
INSTANTIATE_TEST_SUITE_P(Unix, PluginTest, ::testing::Values(Setup{Transport::local, "plain"}), setup_name);

TEST_P(PluginTest, AClientByFactoryCarriesEveryCommand) {
  const auto seen = std::make_shared<Seen>();
  Options own = options();
  own.close_connection = true;
  own.client_factory = [seen](const Options& given) {
    return std::make_unique<Counting>(make_client("DefaultClient", given), seen);
  };
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", "v"));
  EXPECT_EQ(cache.get<std::string>("k"), "v");
  EXPECT_EQ(cache.get_many<std::string>({"k", "l"}).size(), 1);
  EXPECT_EQ(seen->commands, 3);
  EXPECT_EQ(seen->names, (std::vector<std::string>{"SET", "GET", "MGET"}));
  EXPECT_EQ(seen->keys, (std::vector<std::string>{":1:k", ":1:k", ":1:k"}));
  EXPECT_EQ(cache.statistics().client.connections_opened, 1) << "statistics of the client show through";
  cache.close();
  EXPECT_EQ(seen->closed, 1);
}

TEST_P(PluginTest, AClientByNameCarriesEveryCommand) {
  static const auto seen = std::make_shared<Seen>();
  register_client("Counting", [](const Options& given) {
    return std::make_unique<Counting>(make_client("DefaultClient", given), seen);
  });
  Options own = options();
  own.client_class = "Counting";
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", "v"));
  EXPECT_EQ(seen->commands, 1);

  Options misspelled = options();
  misspelled.client_class = "Conuting";
  const auto error = thrown_by<InvalidOptions>([&] { const RedisCache unknown{misspelled}; });
  ASSERT_TRUE(error);
  EXPECT_NE(std::string{error->what()}.find("Counting"), std::string::npos) << error->what();
}

TEST_P(PluginTest, ARegisteredClientMayBeReplaced) {
  register_client("Replaced", [](const Options&) {
    return std::make_unique<Canned>(
        Failure{.code = ErrorCode::timeout, .message = "first", .server = "", .command = ""});
  });
  register_client("Replaced", [](const Options&) { return std::make_unique<Canned>(std::nullopt); });
  Options own = options();
  own.client_class = "Replaced";
  RedisCache cache{own};
  EXPECT_EQ(cache.get<std::string>("k"), "canned");
}

TEST_P(PluginTest, AClientSpeaksForItsServerWhenItFails) {
  Options own = options();
  own.client_factory = [](const Options&) {
    return std::make_unique<Canned>(
        Failure{.code = ErrorCode::timeout, .message = "too slow", .server = "moon:1", .command = "GET"});
  };
  {
    RedisCache cache{own};
    const auto error = thrown_by<TimeoutError>([&] { (void)cache.get<std::string>("k"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->server(), "moon:1");
    EXPECT_EQ(error->cause(), "too slow");
    EXPECT_TRUE(std::string{error->what()}.starts_with("Redis TimeoutError: too slow")) << error->what();
  }
  own.ignore_exceptions = true;
  RedisCache cache{own};
  EXPECT_EQ(cache.get("k", "fallback"), "fallback");
  EXPECT_EQ(cache.statistics().omitted, 1);
}

TEST_P(PluginTest, ASerializerByObjectWritesAndReads) {
  Options own = options();
  own.serializer_object = std::make_shared<Shouting>();
  own.serializer = "not looked at";
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", "hello"));
  EXPECT_EQ(raw().get(":1:k"), "HELLO");
  EXPECT_EQ(cache.get<std::string>("k"), "HELLO");
  const auto error = thrown_by<EncodeError>([&] { (void)cache.set("k", 1.5); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "k");
  EXPECT_NE(std::string{error->what()}.find("shouting takes text only"), std::string::npos) << error->what();
}

TEST_P(PluginTest, ASerializerByNameWritesAndReads) {
  register_serializer("shouting", [] { return std::make_shared<Shouting>(); });
  Options own = options();
  own.serializer = "shouting";
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", "hello"));
  EXPECT_EQ(raw().get(":1:k"), "HELLO");
  EXPECT_TRUE(make_serializer("shouting")->self_describing());
}

TEST_P(PluginTest, ASerializerNeverSeesIntegers) {
  Options own = options();
  own.serializer_object = std::make_shared<Shouting>();
  RedisCache cache{own};
  EXPECT_TRUE(cache.set("k", 41));
  EXPECT_EQ(cache.incr("k"), 42);
  EXPECT_EQ(raw().get(":1:k"), "42");
  EXPECT_EQ(cache.get<int>("k"), 42);
}

}  // namespace
}  // namespace rediscache::test
