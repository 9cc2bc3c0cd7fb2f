// A cache in the memory of this process.
//
//   rediscache::LocMemCache cache{{.timeout = 1min, .max_bytes = 256 << 20}};
//   cache.set("greeting", "hello");
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/cache.hpp>
#include <rediscache/export.hpp>
#include <rediscache/options.hpp>
#include <rediscache/timeout.hpp>

namespace rediscache {

namespace local {
class LocMem;
}  // namespace local

/// Tells the time. Must not call the cache that asks it.
using WallClock = std::function<std::chrono::sys_time<std::chrono::milliseconds>()>;

/// The settings of one LocMemCache; those of the same names mean what they mean in Options. What cannot be
/// used throws InvalidOptions, naming the option.
///
/// Thread safety: a value like std::string.
struct LocMemOptions {
  std::string key_prefix{};
  int version = 1;
  KeyFunction key_function{};  ///< default: prefix:version:key
  /// Default: takes the cache's own prefix:version: off, and of other keys all up to the second colon.
  ReverseKeyFunction reverse_key_function{};

  /// How long entries live when a call does not say.
  Timeout timeout = std::chrono::seconds{300};

  std::string serializer = "plain";
  std::shared_ptr<const Serializer> serializer_object{};
  std::string compressor{};
  std::shared_ptr<const Compressor> compressor_object{};
  std::size_t max_decompressed_bytes = std::size_t{64} << 20U;
  OnDecodeError on_decode_error = OnDecodeError::error;

  /// So many entries at most: beyond them the least recently used leave, to an approximation: one that was
  /// read since it was stored is spared once when it is its turn. Django's `MAX_ENTRIES`, which is 300
  /// there.
  std::size_t max_entries = 100'000;
  /// So many bytes at most, of keys, values and what it takes to keep them. An entry that is larger than this
  /// alone is not stored, and what was under its key is gone.
  std::size_t max_bytes = std::size_t{64} << 20U;
  /// Nothing: entries leave one at a time, as room is needed. A number as Django's `CULL_FREQUENCY`: whenever
  /// the cache is full, one in so many of a shard's entries leave at once, the least recently used; with 0
  /// all that are in the cache.
  std::optional<std::size_t> cull_frequency{};

  /// Parts with a lock of their own, so that threads seldom meet; fewer when `max_entries` leaves less than
  /// 16 entries to each. Which entry is the least recently used is known of each shard, not of all of them
  /// together.
  /// A fork takes all their locks, of which ThreadSanitizer counts 64 at most: choose fewer where a program
  /// forks under it.
  std::size_t shards = 64;

  /// For tests. Nothing: the clock of the system, whose being set does not change how long entries live.
  WallClock clock{};
};

/// A snapshot of what a LocMemCache holds, and of what it counted since it was made.
struct LocMemStatistics {
  std::size_t entries = 0;  ///< those that are over and not yet found to be so included
  std::size_t bytes = 0;    ///< of keys, values, and what it takes to keep them
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t evicted = 0;     ///< entries that left to make room
  std::uint64_t expired = 0;     ///< entries found to be over
  std::uint64_t unreadable = 0;  ///< of the hits: counted as missing by `on_decode_error`
};

/// A cache in the memory of this process: as RedisCache, without a server. Other processes see nothing of it,
/// and it ends with the object.
///
/// Values are stored as a RedisCache stores them, by the same serializers and compressors: what was read is a
/// copy, and what cannot be stored in Redis cannot be stored here. Entries leave when their timeout is over,
/// or the least recently used when the cache is full: see LocMemOptions. While several threads store, both
/// bounds may be exceeded for a moment, by what these threads store. `clear` removes everything, other
/// prefixes included.
///
/// Thread safety: one object may be used by all threads at once, and is usable in the child of a fork.
/// Errors: InvalidOptions from the constructor; never ConnectionInterrupted, and nothing is ever omitted; see
/// Cache for the others.
/// Blocking: only on other threads that use the same shard at this moment.
class REDISCACHE_API LocMemCache final : public Cache {
 public:
  explicit LocMemCache(const LocMemOptions& options = {});
  ~LocMemCache() override;
  LocMemCache(const LocMemCache&) = delete;
  LocMemCache& operator=(const LocMemCache&) = delete;

  [[nodiscard]] LocMemStatistics statistics() const;

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

  std::shared_ptr<local::LocMem> locmem_;
};

}  // namespace rediscache
