// A client of one's own that counts the commands of each name and passes everything on to another client.
//
//   REDIS_URL=redis://127.0.0.1:6379 counting_client
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/rediscache.hpp>

using rediscache::Client;
using rediscache::Options;

namespace {

/// What all clients of this program have sent.
class Counts {
 public:
  void add(const rediscache::Commands& commands) {
    const std::scoped_lock lock{mutex_};
    for (std::size_t i = 0; i < commands.size(); ++i) {
      ++counts_[std::string{commands.name(i)}];
    }
  }
  [[nodiscard]] std::map<std::string, int> all() const {
    const std::scoped_lock lock{mutex_};
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
};

class CountingClient final : public Client {
 public:
  CountingClient(std::unique_ptr<Client> next, std::shared_ptr<Counts> counts)
      : next_{std::move(next)}, counts_{std::move(counts)} {}

  std::optional<rediscache::Failure> execute(const rediscache::Commands& commands,
                                             std::span<rediscache::Reply> replies,
                                             Deadline deadline) override {
    counts_->add(commands);
    return next_->execute(commands, replies, deadline);
  }
  void close() noexcept override { next_->close(); }
  [[nodiscard]] rediscache::ClientStatistics statistics() const override { return next_->statistics(); }
  [[nodiscard]] std::string server() const override { return next_->server(); }
  [[nodiscard]] bool same_server(std::string_view key, std::string_view other) const override {
    return next_->same_server(key, other);
  }
  [[nodiscard]] std::vector<std::shared_ptr<rediscache::net::Subscriber>> subscribers(
      rediscache::SubscriberUse use, std::optional<std::string_view> channel) override {
    return next_->subscribers(use, channel);
  }

 private:
  std::unique_ptr<Client> next_;
  std::shared_ptr<Counts> counts_;
};

}  // namespace

int main() {
  const auto counts = std::make_shared<Counts>();
  rediscache::register_client("CountingClient", [counts](const Options& options) {
    return std::make_unique<CountingClient>(rediscache::make_client("DefaultClient", options), counts);
  });

  const char* const url = std::getenv("REDIS_URL");
  rediscache::RedisCache cache{{.location = {url != nullptr ? url : "redis://127.0.0.1:6379/0"},
                                .key_prefix = "counting-example",
                                .client_class = "CountingClient"}};
  try {
    cache.set("name", "Ada");
    for (int i = 0; i < 3; ++i) {
      (void)cache.get<std::string>("name");
    }
    cache.del("name");
  } catch (const rediscache::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  for (const auto& [name, count] : counts->all()) {
    std::cout << name << ' ' << count << '\n';
  }
  return 0;
}
