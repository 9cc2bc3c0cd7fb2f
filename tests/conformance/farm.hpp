// The servers that every client of the suite finds: four for shards, the first of which is a primary, and two
// replicas of that one; each over a unix socket, TCP and TLS.
#pragma once

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <rediscache/rediscache.hpp>

#include "support/certificates.hpp"
#include "support/redis_server.hpp"

namespace rediscache::test {

enum class Way { local, tcp, tls };

/// One client, reached one way, storing in one form; or a cache in this process.
struct Conformer {
  std::string client{};  ///< "default", "replicas", "shard", "herd"; "locmem", "failover"
  Way way = Way::local;
  std::string serializer{};

  friend std::ostream& operator<<(std::ostream& out, const Conformer& conformer);
};

/// Every combination with a server.
[[nodiscard]] std::vector<Conformer> every_client();
/// These, and what is no RedisCache.
[[nodiscard]] std::vector<Conformer> every_conformer();

class Farm {
 public:
  Farm();

  [[nodiscard]] Options options_for(const Conformer& conformer) const;
  [[nodiscard]] std::unique_ptr<Cache> make_cache(const Conformer& conformer) const;
  /// Empties all servers.
  void clear();
  /// Returns when the replicas have what the primary has.
  void settle();

 private:
  [[nodiscard]] std::string url(std::size_t server, Way way) const;

  PemFiles files_;
  std::vector<std::unique_ptr<RedisServer>> servers_;
};

}  // namespace rediscache::test
