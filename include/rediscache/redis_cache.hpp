// A cache on a Redis server.
//
//   rediscache::RedisCache cache{{.location = {"redis://127.0.0.1:6379/1"}, .key_prefix = "shop"}};
//   cache.set("greeting", "hello", 5min);
#pragma once

#include <memory>

#include <rediscache/cache.hpp>
#include <rediscache/export.hpp>
#include <rediscache/metrics.hpp>
#include <rediscache/options.hpp>

namespace rediscache {

namespace cache {
class Core;
}  // namespace cache

/// A cache on a Redis server, with django-redis's keys, values and semantics.
///
/// Making one checks the options and connects to nothing; the first call connects. With `ignore_exceptions`
/// every failure of the server or the way to it (ConnectionInterrupted) is swallowed, counted and shown to
/// the observer, and the call returns what stands as "omitted" with it in Cache.
///
/// Thread safety: one object may be used by all threads at once. After fork() the child's first call opens
/// connections of its own.
/// Errors: InvalidOptions from the constructor; ConnectionInterrupted and its kinds from every call, unless
/// ignored; see Cache for the others.
/// Blocking: a call takes at most `Options::call_timeout`, delete_pattern that long for each of its round
/// trips.
class REDISCACHE_API RedisCache final : public Cache {
 public:
  explicit RedisCache(const Options& options = {});
  ~RedisCache() override;
  RedisCache(const RedisCache&) = delete;
  RedisCache& operator=(const RedisCache&) = delete;
  RedisCache(RedisCache&&) noexcept;
  RedisCache& operator=(RedisCache&&) noexcept;

  /// The same cache, sharing everything, but it never omits: for the calls where silence is dangerous. A
  /// `del` that did not happen leaves old data to be read.
  [[nodiscard]] RedisCache strict() const;

  /// What has been counted so far, also through strict().
  [[nodiscard]] Statistics statistics() const;

  /// The key that the server sees for `key`.
  [[nodiscard]] std::string make_key(std::string_view key, const KeyOptions& options = {}) const;
  /// The caller's key of a key that the server sees.
  [[nodiscard]] std::string reverse_key(std::string_view made_key) const;

 private:
  RedisCache(std::shared_ptr<cache::Core> core, bool strict) noexcept;

  bool do_set(std::string_view key, const ValueView& value, const SetOptions& options) override;
  bool do_get(std::string_view key, const ValueTarget& target, const KeyOptions& options) override;
  void do_get_many(std::span<const std::string_view> keys, detail::ManyTarget& targets,
                   const KeyOptions& options) override;
  std::vector<std::string> do_set_many(std::span<const std::string_view> keys,
                                       std::span<const ValueView> values,
                                       const WriteOptions& options) override;
  bool do_delete(std::string_view key, const KeyOptions& options) override;
  std::int64_t do_delete_many(std::span<const std::string_view> keys, const KeyOptions& options) override;
  std::int64_t do_delete_pattern(std::string_view pattern, const PatternOptions& options) override;
  void do_clear() override;
  bool do_touch(std::string_view key, Timeout timeout, const KeyOptions& options) override;
  Counter do_incr(std::string_view key, std::int64_t delta, const IncrOptions& options) override;
  bool do_has_key(std::string_view key, const KeyOptions& options) override;
  Pttl do_pttl(std::string_view key, const KeyOptions& options) override;
  void do_close() noexcept override;

  std::shared_ptr<cache::Core> core_;
  bool strict_ = false;
};

}  // namespace rediscache
