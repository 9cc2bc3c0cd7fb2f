// A cache that fails on request, without a network.
//
//   rediscache::testing::FaultyCache cache{real};
//   cache.add_rule({.fault = {.kind = CallFault::Kind::timeout_error}, .rate = 0.1});
//   cache.fail_next(1, {.kind = CallFault::Kind::omit}, {CacheCall::del});
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/cache.hpp>
#include <rediscache/export.hpp>
#include <rediscache/testing/call_fault.hpp>

namespace rediscache::testing {

class CallFaults;

/// What a faulty cache has done so far.
struct FaultyCacheStatistics {
  std::uint64_t calls = 0;
  std::uint64_t faults = 0;
};

/// Passes calls on to another cache, but for those that a rule lets fail. Without rules it does nothing else.
///
/// Rules are asked in the order they were added, and the first that says so decides. Which calls fail depends
/// on the seed and the order of the calls alone.
///
/// Thread safety: as any cache; rules too may be changed from any thread. The other cache must outlive it.
/// Errors: those of the faults, and of the other cache. A walk (`iter_keys`) fails when it begins.
/// Blocking: as the other cache, and as long as the faults say.
class REDISCACHE_API FaultyCache final : public Cache {
 public:
  explicit FaultyCache(Cache& next, std::uint64_t seed = 1);
  FaultyCache(const FaultyCache&) = delete;
  FaultyCache& operator=(const FaultyCache&) = delete;
  ~FaultyCache() override;

  void add_rule(CallRule rule);
  /// The next `times` calls (of these kinds, or any) have this fault; comes before all rules there are.
  void fail_next(std::uint64_t times, const CallFault& fault, std::vector<CacheCall> calls = {});
  /// No rules any more.
  void heal();

  [[nodiscard]] FaultyCacheStatistics statistics() const;

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

  Cache& next_;
  std::unique_ptr<CallFaults> faults_;
};

}  // namespace rediscache::testing
