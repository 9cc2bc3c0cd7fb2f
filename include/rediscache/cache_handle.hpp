// A cache by its alias: what `caches["default"]` gives.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <rediscache/cache.hpp>
#include <rediscache/export.hpp>
#include <rediscache/redis_cache.hpp>

namespace rediscache {

namespace config {
class CacheTable;
struct CacheSlot;
}  // namespace config

/// Passes calls on to the cache that its alias stands for at the time of the call. So it may be kept: after a
/// reload of the settings its next call goes to the new cache, while calls on their way finish on the old
/// one.
///
///   rediscache::CacheHandle cache = rediscache::caches["default"];
///   cache.set("user:1", user, 5min);
///   cache.redis()->pipeline();             // what only RedisCache has
///
/// Thread safety: as any cache. Copies are the same cache. It keeps what it needs of its `Caches` alive.
/// Errors: those of the cache; InvalidCacheBackendError when the alias was taken out by a reload, and what
/// making the cache throws.
class REDISCACHE_API CacheHandle final : public Cache {
 public:
  ~CacheHandle() override;
  CacheHandle(const CacheHandle&);
  CacheHandle& operator=(const CacheHandle&);
  CacheHandle(CacheHandle&&) noexcept;
  CacheHandle& operator=(CacheHandle&&) noexcept;

  /// The cache itself, as it is now, for as long as the pointer lives.
  [[nodiscard]] std::shared_ptr<Cache> get_cache() const;
  /// The same for a cache on Redis: pipelines, locks, sets, hashes, `strict()`, `statistics()`.
  /// InvalidCacheBackendError when it is another one.
  [[nodiscard]] std::shared_ptr<RedisCache> redis() const;
  [[nodiscard]] const std::string& alias() const noexcept;

 private:
  friend class Caches;
  CacheHandle(std::shared_ptr<config::CacheTable> table, config::CacheSlot& slot, bool or_dummy) noexcept;

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

  std::shared_ptr<config::CacheTable> table_;
  config::CacheSlot* slot_;
  bool or_dummy_;
};

}  // namespace rediscache
