// A cache that keeps nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/cache.hpp>
#include <rediscache/export.hpp>

namespace rediscache {

/// A cache that keeps nothing, as Django's: for development, for tests, and for services that can be told to
/// do without a cache.
///
///   rediscache::DummyCache cache;
///   cache.set("k", "v");          // true
///   cache.get("k", "fallback");   // "fallback"
///
/// Every call answers as if the entry had been stored and had left at once: storing succeeds, nothing is
/// found, `incr` and `incr_version` throw KeyNotFound, get_or_set gives the fallback. With `xx` nothing is
/// stored. Values are converted, so that a type's conversion fails here as well, but not serialized.
///
/// Thread safety: one object may be used by all threads at once.
/// Errors: KeyNotFound and InvalidArgument as any cache; EncodeError when a type's own conversion throws.
/// Blocking: never.
class REDISCACHE_API DummyCache final : public Cache {
 public:
  DummyCache() = default;
  ~DummyCache() override;
  DummyCache(const DummyCache&) = delete;
  DummyCache& operator=(const DummyCache&) = delete;

 private:
  bool do_set(std::string_view key, const ValueView& value, const SetOptions& options) override;
  bool do_get(std::string_view key, const ValueTarget& target, const KeyOptions& options) override;
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
};

}  // namespace rediscache
