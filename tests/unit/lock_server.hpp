// A server that knows locks only, scripted by the test.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/client.hpp>
#include <rediscache/options.hpp>

#include "client/subscribers.hpp"
#include "unit/fake_client.hpp"

namespace rediscache::test {

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

  /// Called with the key before an answer to a renewal: may throw, and takes as long as it likes.
  std::function<void(std::string_view key)> on_renew{};
  /// Keys with different last letters are on different servers.
  bool is_sharded = false;
  std::atomic<int> links{0};  ///< of caches that are there, threads of theirs included
  std::atomic<Says> acquire{Says::yes};
  std::atomic<Says> release{Says::yes};
  std::atomic<Says> renew{Says::yes};
  std::shared_ptr<FakeSubscriber> subscriber = std::make_shared<FakeSubscriber>();

 private:
  class Link final : public Client {
   public:
    explicit Link(LockServer& server) : server_{server} { ++server_.links; }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link() override { --server_.links; }
    std::optional<Failure> execute(const Commands& commands, std::span<Reply> replies, Deadline) override {
      for (std::size_t i = 0; i < commands.size(); ++i) {
        if (auto failure = server_.answer(commands.arguments(i), replies[i])) {
          return failure;
        }
      }
      return std::nullopt;
    }
    [[nodiscard]] bool same_server(std::string_view key, std::string_view other) const override {
      return !server_.is_sharded || key.back() == other.back();
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
    if (renews && on_renew) {
      on_renew(arguments[2]);
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

}  // namespace rediscache::test
