// Locks against scripted replies, with a timer and messages of the test's own.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/redis_cache.hpp>

#include "client/subscribers.hpp"
#include "support/wait.hpp"
#include "unit/fake_client.hpp"
#include "unit/manual_timer.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

/// Confirms everything, and gives its listeners what the test publishes.
class FakeSubscriber final : public net::Subscriber {
 public:
  void add(const net::Topic&, std::shared_ptr<net::Listener> listener) override {
    const std::scoped_lock lock{mutex_};
    listener_ = std::move(listener);
  }
  void remove(const net::Topic&, const net::Listener* listener) noexcept override {
    const std::scoped_lock lock{mutex_};
    if (listener_.get() == listener) {
      listener_.reset();
    }
  }
  bool wait_confirmed(const net::Topic&, base::Deadline) override { return true; }
  void resume() override {}
  [[nodiscard]] SubscriberStatistics statistics() const override { return {}; }

  void publish(std::string payload) {
    const std::scoped_lock lock{mutex_};
    if (listener_) {
      listener_->message({}, "", payload);
    }
  }
  [[nodiscard]] bool is_listened_to() {
    const std::scoped_lock lock{mutex_};
    return listener_ != nullptr;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<net::Listener> listener_;
};

/// A server with one lock: tells acquire, release and renew apart by the number of their arguments.
class LockServer {
 public:
  enum class Says { yes, no, other, nothing, nothing_but_did };

  Options options() {
    Options options;
    options.client_factory = [this](const Options&) { return std::make_unique<Link>(*this); };
    return options;
  }
  [[nodiscard]] std::vector<std::string> asked() {
    const std::scoped_lock lock{mutex_};
    return asked_;
  }
  [[nodiscard]] int times(const std::string& what) {
    const std::vector<std::string> all = asked();
    return static_cast<int>(std::count(all.begin(), all.end(), what));
  }

  std::atomic<Says> acquire{Says::yes};
  std::atomic<Says> release{Says::yes};
  std::atomic<Says> renew{Says::yes};
  std::shared_ptr<FakeSubscriber> subscriber = std::make_shared<FakeSubscriber>();

 private:
  class Link final : public Client {
   public:
    explicit Link(LockServer& server) : server_{server} {}
    std::optional<Failure> execute(const Commands& commands, std::span<Reply> replies, Deadline) override {
      for (std::size_t i = 0; i < commands.size(); ++i) {
        if (auto failure = server_.answer(commands.arguments(i), replies[i])) {
          return failure;
        }
      }
      return std::nullopt;
    }
    std::vector<std::shared_ptr<net::Subscriber>> subscribers(SubscriberUse,
                                                              std::optional<std::string_view>) override {
      return {server_.subscriber};
    }

   private:
    LockServer& server_;
  };

  std::optional<Failure> answer(const std::vector<std::string_view>& arguments, Reply& reply) {
    // Digest, count of keys, key, token, then: what differs.
    const bool renews = arguments.size() == 6 && arguments[5] == "2";
    const bool acquires = arguments.size() == 6 && arguments[5].ends_with(":fence");
    const Says says = acquires ? acquire : renews ? renew : release;
    {
      const std::scoped_lock lock{mutex_};
      asked_.emplace_back(acquires ? "acquire" : renews ? "renew" : "release");
    }
    if (says == Says::nothing || says == Says::nothing_but_did) {
      Failure failure = failure_with(ErrorCode::timeout);
      failure.maybe_executed = says == Says::nothing_but_did;
      return failure;
    }
    if (!acquires) {
      reply = Reply::integer(says == Says::yes ? 1 : says == Says::no ? 0 : -1);
    } else if (says == Says::yes) {
      reply = Reply::text("9007199254740993");
    } else {
      reply = Reply::array({Reply::integer(0), Reply::integer(-1), Reply::text("rc:another")});
    }
    return std::nullopt;
  }

  std::mutex mutex_;
  std::vector<std::string> asked_;
};
using Says = LockServer::Says;

class LockUnitTest : public ::testing::Test {
 protected:
  LockOptions kept(std::chrono::milliseconds timeout = 1h) {
    return {.timeout = timeout,
            .on_lost =
                [this](const LostLock& lost) {
                  const std::scoped_lock lock{mutex_};
                  lost_.push_back(lost.name + " " + std::string{to_string(lost.reason)});
                },
            .timer = timer_};
  }
  std::vector<std::string> lost() {
    const std::scoped_lock lock{mutex_};
    return lost_;
  }

  std::shared_ptr<ManualTimer> timer_ = std::make_shared<ManualTimer>();
  LockServer server_;
  RedisCache cache_{server_.options()};
  std::mutex mutex_;
  std::vector<std::string> lost_;
};

TEST_F(LockUnitTest, KnowsWhatItHoldsWithoutAsking) {
  auto lock = cache_.lock("job", kept(10s));
  EXPECT_FALSE(lock.held());
  EXPECT_THROW(static_cast<void>(lock.fencing_token()), LockNotOwnedError);
  EXPECT_EQ(lock.valid_until(), std::chrono::steady_clock::time_point::min());
  ASSERT_TRUE(lock.acquire());
  EXPECT_TRUE(lock.held());
  EXPECT_EQ(lock.fencing_token(), 9007199254740993U);
  EXPECT_LE(lock.valid_until(), std::chrono::steady_clock::now() + 10s);
  lock.release();
  EXPECT_FALSE(lock.held());
  EXPECT_EQ(cache_.statistics().locks.acquired, 1U);
  EXPECT_EQ(cache_.statistics().locks.released, 1U);
  auto for_ever = cache_.lock("job");
  ASSERT_TRUE(for_ever.acquire());
  EXPECT_EQ(for_ever.valid_until(), std::chrono::steady_clock::time_point::max());
}

TEST_F(LockUnitTest, IsRenewedByTheCallersTimerUntilItIsReleased) {
  auto lock = cache_.lock("job", kept());
  ASSERT_TRUE(lock.acquire());
  ASSERT_EQ(timer_->waiting(), 1U);
  EXPECT_LE(timer_->next(), std::chrono::steady_clock::now() + 20min);
  timer_->run();
  EXPECT_EQ(server_.times("renew"), 0) << "it is early: nothing is due";
  EXPECT_EQ(timer_->waiting(), 1U);
  lock.release();
  timer_->run();
  EXPECT_EQ(timer_->waiting(), 0U);
  EXPECT_TRUE(lost().empty());
}

/// Runs the timer until the server was asked to renew.
#define RUN_UNTIL_RENEWED(count)              \
  ASSERT_TRUE(eventually([&] {                \
    timer_->run();                            \
    return server_.times("renew") >= (count); \
  }))

TEST_F(LockUnitTest, TellsOnceThatItIsGone) {
  server_.renew = Says::no;
  auto lock = cache_.lock("job", kept(60ms));
  ASSERT_TRUE(lock.acquire());
  RUN_UNTIL_RENEWED(1);
  EXPECT_THAT(lost(), ElementsAre(":1:job gone"));
  EXPECT_FALSE(lock.held());
  EXPECT_THROW(static_cast<void>(lock.fencing_token()), LockNotOwnedError);
  EXPECT_THROW(lock.release(), LockNotOwnedError);
  EXPECT_THROW(lock.extend(1s), LockNotOwnedError);
  lock.unlock();
  timer_->run();
  EXPECT_THAT(lost(), ElementsAre(":1:job gone"));
  EXPECT_EQ(server_.times("release"), 0);
  EXPECT_EQ(cache_.statistics().locks.lost, 1U);
  EXPECT_TRUE(lock.try_lock()) << "it is free to be acquired anew";
}

TEST_F(LockUnitTest, TellsThatItIsTaken) {
  server_.renew = Says::other;
  auto lock = cache_.lock("job", kept(60ms));
  ASSERT_TRUE(lock.acquire());
  RUN_UNTIL_RENEWED(1);
  EXPECT_THAT(lost(), ElementsAre(":1:job taken"));
}

TEST_F(LockUnitTest, IsTriedAgainWhileThereIsTimeAndThenUnreachable) {
  server_.renew = Says::nothing;
  auto lock = cache_.lock("job", kept(300ms));
  ASSERT_TRUE(lock.acquire());
  RUN_UNTIL_RENEWED(2);
  EXPECT_TRUE(lost().empty());
  ASSERT_TRUE(eventually([&] {
    timer_->run();
    return !lost().empty();
  }));
  EXPECT_THAT(lost(), ElementsAre(":1:job unreachable"));
  EXPECT_FALSE(lock.held());
  EXPECT_GE(cache_.statistics().locks.renewals_failed, 2U);
}

TEST_F(LockUnitTest, SurvivesAFailedRenewal) {
  server_.renew = Says::nothing;
  auto lock = cache_.lock("job", kept(10s));
  ASSERT_TRUE(lock.acquire());
  ASSERT_TRUE(lock.extend(300ms, true));  // so that it is due soon
  RUN_UNTIL_RENEWED(1);
  server_.renew = Says::yes;
  const auto before = lock.valid_until();
  RUN_UNTIL_RENEWED(2);
  EXPECT_GT(lock.valid_until(), before + 5s);
  EXPECT_TRUE(lost().empty());
}

TEST_F(LockUnitTest, WithoutRenewalIsFoundToHaveRunOut) {
  LockOptions options = kept(20ms);
  options.renew = false;
  auto lock = cache_.lock("job", options);
  ASSERT_TRUE(lock.acquire());
  ASSERT_TRUE(eventually([&] {
    timer_->run();
    return !lost().empty();
  }));
  EXPECT_THAT(lost(), ElementsAre(":1:job gone"));
  EXPECT_EQ(server_.times("renew"), 0);
}

TEST_F(LockUnitTest, UnlockTellsOfALossThatItFinds) {
  server_.release = Says::other;
  auto lock = cache_.lock("job", kept());
  ASSERT_TRUE(lock.acquire());
  lock.unlock();
  EXPECT_THAT(lost(), ElementsAre(":1:job taken"));
}

TEST_F(LockUnitTest, MovesWhileItIsRenewed) {
  server_.renew = Says::no;
  auto first = cache_.lock("job", kept(60ms));
  ASSERT_TRUE(first.acquire());
  auto second = std::move(first);
  EXPECT_TRUE(second.held());
  RUN_UNTIL_RENEWED(1);
  EXPECT_FALSE(second.held());
  EXPECT_THAT(lost(), ElementsAre(":1:job gone"));
}

TEST_F(LockUnitTest, OnLostMayUseTheLock) {
  server_.renew = Says::no;
  std::optional<Lock> lock;
  LockOptions options = kept(60ms);
  bool threw = false;
  options.on_lost = [&](const LostLock&) {
    try {
      lock->release();
    } catch (const LockNotOwnedError&) {
      threw = true;
    }
  };
  lock.emplace(cache_.lock("job", options));
  ASSERT_TRUE(lock->acquire());
  RUN_UNTIL_RENEWED(1);
  EXPECT_TRUE(threw);
}

TEST_F(LockUnitTest, ReleaseWaitsForOnLostThatIsRunning) {
  server_.renew = Says::no;
  std::atomic<bool> begun{false};
  std::atomic<bool> may_end{false};
  std::atomic<bool> ended{false};
  std::atomic<bool> releasing{false};
  LockOptions options = kept(60ms);
  options.on_lost = [&](const LostLock&) {
    begun = true;
    EXPECT_TRUE(eventually([&] { return may_end.load(); }));
    ended = true;
  };
  auto lock = cache_.lock("job", options);
  ASSERT_TRUE(lock.acquire());
  std::thread renews{[&] { EXPECT_TRUE(eventually([&] { return timer_->run(), begun.load(); })); }};
  ASSERT_TRUE(eventually([&] { return begun.load(); }));
  std::thread lets_end{[&] {
    EXPECT_TRUE(eventually([&] { return releasing.load(); }));
    may_end = true;
  }};
  releasing = true;
  EXPECT_THROW(lock.release(), LockNotOwnedError);
  EXPECT_TRUE(ended);
  renews.join();
  lets_end.join();
}

TEST_F(LockUnitTest, ATryOfUnknownOutcomeIsUndoneInTheBackground) {
  server_.acquire = Says::nothing_but_did;
  auto lock = cache_.lock("job", {.timer = timer_});
  EXPECT_THROW(static_cast<void>(lock.try_lock()), TimeoutError);
  EXPECT_EQ(server_.times("release"), 0);
  server_.release = Says::nothing;
  EXPECT_EQ(timer_->run(), 1U);
  EXPECT_EQ(server_.times("release"), 1);
  server_.release = Says::no;  // it may still come
  EXPECT_EQ(timer_->run(), 1U);
  EXPECT_EQ(timer_->run(), 1U);
  server_.release = Says::yes;
  EXPECT_EQ(timer_->run(), 1U);
  EXPECT_EQ(timer_->run(), 0U);
  EXPECT_EQ(server_.times("release"), 4);
}

TEST_F(LockUnitTest, ATryThatWasCertainlyNotMadeIsNotUndone) {
  server_.acquire = Says::nothing;
  auto lock = cache_.lock("job", {.timer = timer_});
  EXPECT_THROW(static_cast<void>(lock.try_lock()), TimeoutError);
  EXPECT_EQ(timer_->waiting(), 0U);
}

TEST_F(LockUnitTest, AReleaseThatDidNotReachTheServerIsRepeatedInTheBackground) {
  auto lock = cache_.lock("job", {.timer = timer_});
  ASSERT_TRUE(lock.acquire());
  server_.release = Says::nothing;
  EXPECT_THROW(lock.release(), TimeoutError);
  server_.release = Says::yes;
  EXPECT_EQ(timer_->run(), 1U);
  EXPECT_EQ(server_.times("release"), 2);
}

TEST_F(LockUnitTest, IsWokenByAMessageAndNotByTime) {
  server_.acquire = Says::no;
  std::atomic<bool> acquired{false};
  std::thread waiter{[&] {
    auto lock = cache_.lock("job", {.sleep = 1ms});
    acquired = lock.acquire();
  }};
  ASSERT_TRUE(eventually([&] { return server_.times("acquire") == 2; })) << "before and after subscribing";
  server_.acquire = Says::yes;
  server_.subscriber->publish("");
  ASSERT_TRUE(eventually([&] { return acquired.load(); }));
  waiter.join();
  EXPECT_FALSE(server_.subscriber->is_listened_to());
  const LockStatistics locks = cache_.statistics().locks;
  EXPECT_EQ(locks.contended, 1U);
  EXPECT_EQ(locks.woken, 1U);
  EXPECT_EQ(locks.polls, 0U);
}

TEST_F(LockUnitTest, GivesUpInTimeAndCountsIt) {
  server_.acquire = Says::no;
  auto lock = cache_.lock("job", {.blocking_timeout = 20ms});
  EXPECT_FALSE(lock.acquire());
  EXPECT_EQ(server_.times("acquire"), 2);
  EXPECT_EQ(cache_.statistics().locks.timed_out, 1U);
}

}  // namespace
}  // namespace rediscache::test
