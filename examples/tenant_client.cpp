// A client of one's own that routes by tenant: the key prefix "acme" or "globex" decides which server a call
// goes to, and each tenant's server is a client of the usual kind.
//
//   tenant_client redis://127.0.0.1:6379/1 redis://127.0.0.1:6379/2
#include <algorithm>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/rediscache.hpp>

using rediscache::Client;
using rediscache::Options;

namespace {

/// Keys look like "tenant:version:key"; every command of a call must be of one tenant.
class TenantClient final : public Client {
 public:
  explicit TenantClient(std::map<std::string, std::unique_ptr<Client>, std::less<>> tenants)
      : tenants_{std::move(tenants)} {}

  std::optional<rediscache::Failure> execute(const rediscache::Commands& commands,
                                             std::span<rediscache::Reply> replies,
                                             Deadline deadline) override {
    const std::string_view tenant = tenant_of(commands.first_key(0));
    for (std::size_t i = 0; i < commands.size(); ++i) {
      commands.each_key(i, [&](std::string_view key) {
        if (tenant_of(key) != tenant) {
          throw rediscache::InvalidArgument{"one call is for one tenant"};
        }
      });
    }
    const auto found = tenants_.find(tenant);
    if (found == tenants_.end()) {
      throw rediscache::InvalidArgument{"no tenant is called '" + std::string{tenant} + "'"};
    }
    return found->second->execute(commands, replies, deadline);
  }
  void close() noexcept override {
    for (const auto& [name, client] : tenants_) {
      client->close();
    }
  }
  [[nodiscard]] bool same_server(std::string_view key, std::string_view other) const override {
    return tenant_of(key) == tenant_of(other);
  }
  [[nodiscard]] std::vector<std::shared_ptr<rediscache::net::Subscriber>> subscribers(
      rediscache::SubscriberUse use, std::optional<std::string_view> channel) override {
    std::vector<std::shared_ptr<rediscache::net::Subscriber>> found;
    for (const auto& [name, client] : tenants_) {
      if (!channel || tenant_of(*channel) == name) {
        std::ranges::move(client->subscribers(use, channel), std::back_inserter(found));
      }
    }
    return found;
  }

 private:
  static std::string_view tenant_of(std::string_view key) { return key.substr(0, key.find(':')); }

  std::map<std::string, std::unique_ptr<Client>, std::less<>> tenants_;
};

/// Two tenants, on the two servers of `location`.
std::unique_ptr<Client> make_tenant_client(const Options& options) {
  std::map<std::string, std::unique_ptr<Client>, std::less<>> tenants;
  const char* const names[] = {"acme", "globex"};
  for (std::size_t i = 0; i < 2; ++i) {
    Options own = options;
    own.location = {options.location.at(i)};
    tenants.emplace(names[i], rediscache::make_client("DefaultClient", own));
  }
  return std::make_unique<TenantClient>(std::move(tenants));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: tenant_client ACME_URL GLOBEX_URL\n";
    return 2;
  }
  rediscache::register_client("TenantClient", make_tenant_client);
  try {
    for (const char* const tenant : {"acme", "globex"}) {
      rediscache::RedisCache cache{
          {.location = {argv[1], argv[2]}, .key_prefix = tenant, .client_class = "TenantClient"}};
      cache.set("greeting", std::string{"hello from "} + tenant);
      std::cout << cache.get("greeting", "nothing") << '\n';
    }
  } catch (const rediscache::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
