// Everything that can be chosen about a cache. Every member has a default that is right for a cache on this
// machine.
//
//   rediscache::Options options{.location = {"redis://cache.internal:6379/1"},
//                               .key_prefix = "shop",
//                               .ignore_exceptions = true};
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/breaker.hpp>
#include <rediscache/client.hpp>
#include <rediscache/credentials.hpp>
#include <rediscache/export.hpp>
#include <rediscache/log.hpp>
#include <rediscache/milliseconds.hpp>
#include <rediscache/replicas.hpp>
#include <rediscache/timeout.hpp>
#include <rediscache/tls.hpp>

namespace rediscache {

class Compressor;
class Serializer;

/// Makes the key that the server sees.
using KeyFunction = std::function<std::string(std::string_view key, std::string_view prefix, int version)>;
/// Makes the caller's key out of the one that the server sees.
using ReverseKeyFunction = std::function<std::string(std::string_view made_key)>;
/// Is told of every failure that `ignore_exceptions` swallowed, in the thread of the call. What it throws is
/// caught and dropped.
using FailureObserver = std::function<void(const Failure& failure)>;

/// What happens to `get`, `get_many` and `get_or_set` when an entry is there and does not read as what was
/// asked for: damaged, of another type, or by another serializer.
enum class OnDecodeError : std::uint8_t {
  error,  ///< DecodeError
  /// As if the entry were missing, for sites that change a type while old entries live: get_or_set replaces
  /// it, and get_many leaves it out. Counted in the statistics, and logged at warning level once for each
  /// kind.
  miss
};

/// The settings of one cache. A RedisCache copies them and checks them when it is made: what cannot be used
/// throws InvalidOptions, naming the option and what would be right.
///
/// Thread safety: a value like std::string.
// In the order in which they are looked for, not in that of their sizes.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct Options {
  /// Where the server is, as a URL: `redis://[user:password@]host[:port][/db]`, IPv6 addresses in brackets,
  /// the same with `rediss://` for TLS, or `unix:///path/to/socket[?db=n]`. User and password are
  /// percent-encoded. Options behind a `?`: `db`, `username`, `password`, `socket_timeout`,
  /// `socket_connect_timeout` (seconds), `client_name`, and for TLS `ssl_cert_reqs` (none, optional,
  /// required), `ssl_check_hostname` (true, false), `ssl_ca_certs`, `ssl_ca_path`, `ssl_certfile`,
  /// `ssl_keyfile`, `ssl_keyfile_password`, `ssl_min_version` (TLSv1.2, TLSv1.3), `ssl_ciphers`; they beat
  /// the members below. Several servers are several strings, or one with commas between the URLs: for
  /// DefaultClient the primary and then its replicas, for ShardClient the shards.
  std::vector<std::string> location{"redis://127.0.0.1:6379/0"};

  // Keys. The default key of "k" is ":1:k".
  std::string key_prefix{};
  int version = 1;
  KeyFunction key_function{};  ///< default: prefix:version:key
  /// Default: takes the cache's own prefix:version: off, and of other keys all up to the second colon.
  ReverseKeyFunction reverse_key_function{};

  /// How long entries live when a call does not say.
  Timeout timeout = std::chrono::seconds{300};

  /// "plain", "json", "pickle" (protocol 4, what django-redis does by default), "pickle5", "msgpack" or a
  /// registered name. `serializer_object` is used instead when it is set.
  std::string serializer = "plain";
  std::shared_ptr<const Serializer> serializer_object{};

  /// "zlib", "gzip", "lzma", "lz4", "zstd" or a registered name; empty: nothing is compressed.
  /// `compressor_object` is used instead when it is set.
  std::string compressor{};
  std::shared_ptr<const Compressor> compressor_object{};
  /// A stored value that would inflate to more is a DecodeError.
  std::size_t max_decompressed_bytes = std::size_t{64} << 20U;

  /// When an entry does not read as what was asked for.
  OnDecodeError on_decode_error = OnDecodeError::error;

  /// "DefaultClient", "ShardClient", "HerdClient" (the first with `herd`), the same as Python spells them
  /// (`django_redis.client.ShardClient`), or a registered name. `client_factory` is used instead when it is
  /// set.
  std::string client_class = "DefaultClient";
  ClientFactory client_factory{};

  // Replicas, with DefaultClient.
  ReplicaReads replica_reads = ReplicaReads::random;  ///< where reads go
  /// Off: a write that the primary does not take, and certainly did not carry out, is tried on the others.
  /// One of them may have been promoted.
  bool replica_read_only = true;
  Milliseconds replica_pause{1000};  ///< how long a server that failed is left out

  /// Spare the database a herd of readers that all find an entry missing at once: entries live longer than
  /// their timeout by `herd_timeout`, and meanwhile a growing random share of readers is told that they are
  /// missing, so that few write them anew while the others get the old value. Changes what is stored; see
  /// docs/clients.md. Integers and entries without a timeout are as ever.
  bool herd = false;
  Milliseconds herd_timeout{60'000};

  // Credentials; those in the URL beat these. A user name alone makes no sense and is refused.
  std::string username{};
  std::string password{};
  /// Asked at each connect, for passwords that change; beats all others.
  CredentialsProvider credentials{};
  /// Shown by CLIENT LIST. Empty: none.
  std::string client_name = "rediscache";
  /// Whether new connections tell the server that name and this library's (CLIENT SETNAME, CLIENT SETINFO).
  /// Some proxies close at any CLIENT; the cache finds out and connects without, at the price of one more
  /// attempt.
  bool client_info = true;

  /// Whom to trust and who we are, for `rediss://`. Without effect for other URLs.
  TlsOptions tls{};

  // When the server does not answer: swallow the error and act as if the entry were not there.
  /// Nothing: as `Defaults` say.
  std::optional<bool> ignore_exceptions{};
  /// Log swallowed errors at error level: at most 10 lines a second, which say how many were left out.
  /// Nothing: as `Defaults` say. An outage is logged in any case, by two lines: when calls to a server begin
  /// to be refused, and when it answers again.
  std::optional<bool> log_ignored_exceptions{};
  /// Name of the spdlog logger. One registered under that name is used, else the sinks of spdlog's default
  /// logger if the program configured that, else stderr. Nothing: as `Defaults` say.
  std::optional<std::string> logger{};
  /// Is given the log messages in place of spdlog and stderr. Empty: as `Defaults` say.
  LogSink log_sink{};
  FailureObserver failure_observer{};

  // Deadlines. Nothing waits for ever: a longer time than 100 years counts as 100 years. The default of
  // call_timeout is shorter than any default failover (Sentinel 30 s, Cluster 15 s): see
  // docs/outages.md.
  /// Resolving and connecting, over all addresses of the host. TLS and signing in may take as long again.
  Milliseconds connect_timeout{1000};
  /// One try of one call. While another try is possible it also gets at most half of what is left of the
  /// call.
  Milliseconds socket_timeout{2000};
  Milliseconds call_timeout{2000};  ///< one call over all its tries
  /// The same for `clear`, which takes the server as long as there are keys. Nothing: ten times call_timeout.
  std::optional<Milliseconds> clear_timeout{};
  Milliseconds pool_timeout{1000};  ///< waiting for a free connection

  /// Let threads share connections: whoever sends takes along what others have queued. Off: every call has a
  /// connection of its own for as long as it takes.
  bool combine = true;
  std::size_t shared_connections = 2;  ///< that all threads share
  /// Sends that may be unanswered at once on a shared connection. 0: what measured round trips advise: any
  /// number over a network; one where they are tiny and calls many, for that makes batches larger.
  int shared_depth = 0;
  /// How often a waiting thread gives way to others before it sleeps: less or more often where measured round
  /// trips advise it; 0: never.
  int shared_yields = 16;
  /// A larger request, and whatever is large by nature (long pipelines, KEYS), has a connection of its own.
  std::size_t shared_request_bytes = 16 * 1024;
  /// Connections that are not shared, at most.
  std::size_t max_connections = 64;
  /// Connections unused for so long are closed when the pool is next used.
  Milliseconds max_idle_time{240'000};
  /// A connection unused for so long is tried out with a PING before a call gets it, for a firewall on the
  /// way may have forgotten it. 0: never.
  Milliseconds health_check_interval{30'000};
  /// How often a call is sent again after its connection broke or the server was not ready: at once the first
  /// time, then after a random share of a delay that doubles.
  int max_retries = 2;
  /// For a service that starts before its server: until that has answered once, calls that cannot be sent try
  /// again, so long from the first call on (even beyond `call_timeout`), before they fail. 0: they fail like
  /// later ones.
  Milliseconds retry_on_startup{0};
  /// When the server is not asked any more, and when again.
  BreakerOptions breaker{};

  // What may be under way at once; a call beyond it fails without being sent.
  std::size_t max_calls_in_flight = 10'000;
  std::size_t max_bytes_in_flight = std::size_t{1} << 30U;  ///< of all requests; a lone call may be larger
  /// A reply that needs more memory than this is an error of the call that asked for it.
  std::size_t max_reply_bytes = std::size_t{1} << 30U;
  /// Keys asked for at once by scans. 0: as `Defaults` say.
  std::size_t scan_itersize = 0;
  /// Whether close() closes connections. Nothing: as `Defaults` say.
  std::optional<bool> close_connection{};
};

/// What caches do whose own options leave it open.
struct Defaults {
  bool ignore_exceptions = false;
  bool log_ignored_exceptions = false;
  std::string logger = "rediscache";
  LogSink log_sink{};
  std::size_t scan_itersize = 1000;
  bool close_connection = false;
};

/// The defaults for caches made from now on. Thread-safe.
REDISCACHE_API void set_defaults(Defaults defaults);
[[nodiscard]] REDISCACHE_API Defaults defaults();

}  // namespace rediscache
