// A cache on Redis with another one for the time in which Redis is down.
//
//   auto local = std::make_shared<rediscache::LocMemCache>();
//   rediscache::FailoverCache cache{rediscache::RedisCache{options}, local};
//   cache.set("greeting", "hello");   // in Redis, or, while that is down, in this process
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/cache.hpp>
#include <rediscache/error.hpp>
#include <rediscache/export.hpp>
#include <rediscache/redis_cache.hpp>

namespace rediscache {

namespace local {
class Outage;
}  // namespace local

/// When a FailoverCache turns to its local cache, and who is told.
///
/// Thread safety: a value.
struct FailoverOptions {
  /// Which failures mean that Redis is down for this call. Nothing: all but error replies that will come
  /// again (a wrong type, an unknown command); these are thrown, whatever `ignore_exceptions` says.
  std::function<bool(const Failure& failure)> is_outage{};
  /// Is told when Redis goes down (`failure` says how) and when it is back (`failure` is null), in the thread
  /// of the call that noticed. What it throws is caught and dropped. Must not call the cache.
  std::function<void(const Failure* failure)> on_change{};
};

/// What a FailoverCache counted since it was made.
struct FailoverStatistics {
  bool down = false;              ///< calls were last answered locally
  std::uint64_t outages = 0;      ///< how often Redis went down
  std::uint64_t local_calls = 0;  ///< calls that the local cache answered
};

/// Asks Redis first, at each call. When that fails because Redis is down, the local cache answers, so that a
/// service keeps its cache, if a colder one, through an outage. An open circuit breaker makes the first step
/// fail in less than a microsecond. The first call that Redis answers again ends the outage.
///
/// What is consistent, and what is not:
/// - While Redis answers, this is Redis: nothing is read from the local cache, nothing written to it.
/// - During an outage every process has a cache of its own, which begins empty: what one stores the others do
///   not see, counters begin anew (`incr` throws KeyNotFound unless it may create them), `add` succeeds once
///   in every process. Do not lock or count strictly through this.
/// - What is stored or deleted during an outage never reaches Redis. After it Redis shows what it held
///   before: an entry that was deleted meanwhile may be there again. Timeouts bound for how long.
/// - A write that failed after it was sent may have been carried out by Redis as well.
/// - The local cache is cleared when an outage begins and when it ends, so none shows what another one left.
/// - A call that fails alone, while others succeed, is an outage of one call.
///
/// The local cache should be used for nothing else. With shards a dead one lets the local cache answer for
/// its keys and be cleared by every answer of the others: prefer `ignore_exceptions` there.
///
/// Thread safety: one object may be used by all threads at once.
/// Errors: ConnectionInterrupted for failures that are no outage, even with `ignore_exceptions`; a walk
/// (`iter_keys`) that began in Redis and loses it throws; otherwise those of the cache that answers.
/// Blocking: as the first cache until that gives up, then as the local one.
class REDISCACHE_API FailoverCache final : public Cache {
 public:
  /// Shares everything with `redis`, but sees its failures even with `ignore_exceptions`.
  /// InvalidOptions without a local cache.
  FailoverCache(const RedisCache& redis, std::shared_ptr<Cache> local, FailoverOptions options = {});
  /// Any cache first; one that swallows its failures never lets the other answer.
  FailoverCache(std::shared_ptr<Cache> first, std::shared_ptr<Cache> local, FailoverOptions options = {});
  ~FailoverCache() override;
  FailoverCache(const FailoverCache&) = delete;
  FailoverCache& operator=(const FailoverCache&) = delete;

  [[nodiscard]] FailoverStatistics statistics() const;

 private:
  bool do_set(std::string_view key, const ValueView& value, const SetOptions& options) override;
  bool do_get(std::string_view key, const ValueTarget& target, const KeyOptions& options) override;
  bool do_ignore(const DecodeError& error) noexcept override;
  void do_get_many(std::span<const std::string_view> keys, detail::ManyTarget& targets,
                   const KeyOptions& options) override;
  std::vector<std::string> do_set_many(std::span<const std::string_view> keys,
                                       std::span<const ValueView> values,
                                       const SetManyOptions& options) override;
  bool do_delete(std::string_view key, const KeyOptions& options) override;
  std::int64_t do_delete_many(std::span<const std::string_view> keys, const KeyOptions& options) override;
  std::int64_t do_delete_pattern(std::string_view pattern, const PatternOptions& options) override;
  void do_clear() override;
  bool do_touch(std::string_view key, Timeout timeout, const KeyOptions& options) override;
  Counter do_incr(std::string_view key, std::int64_t delta, const IncrOptions& options) override;
  bool do_has_key(std::string_view key, const KeyOptions& options) override;
  bool do_persist(std::string_view key, const KeyOptions& options) override;
  bool do_expire(std::string_view key, std::chrono::milliseconds time, const KeyOptions& options) override;
  bool do_expire_at(std::string_view key, std::chrono::sys_time<std::chrono::milliseconds> time,
                    const KeyOptions& options) override;
  Counter do_incr_version(std::string_view key, int delta, const KeyOptions& options) override;
  std::vector<std::string> do_keys(std::string_view pattern, const PatternOptions& options) override;
  KeyScan do_iter_keys(std::string_view pattern, const PatternOptions& options) override;
  Pttl do_pttl(std::string_view key, const KeyOptions& options) override;
  void do_close() noexcept override;

  std::shared_ptr<local::Outage> outage_;
};

}  // namespace rediscache
