#include <optional>
#include <utility>

#include <rediscache/detail/cache_access.hpp>
#include <rediscache/failover_cache.hpp>

#include "local/outage.hpp"

namespace rediscache {
namespace {

using detail::CacheAccess;

/// A walk through the cache that answers when it begins.
class FailoverPages final : public detail::KeyPages {
 public:
  FailoverPages(std::shared_ptr<local::Outage> outage, std::string_view pattern,
                const PatternOptions& options)
      : outage_{std::move(outage)}, pattern_{pattern}, options_{options} {
    if (options.prefix) {
      prefix_ = *options.prefix;
      options_.prefix = prefix_;
    }
  }

  /// A page is a key: where those of the other cache's walk end does not show.
  [[nodiscard]] bool next(std::vector<std::string>& page) override {
    if (scan_) {
      ++at_;
    } else {
      outage_->run([&](Cache& cache) {
        scan_.emplace(cache.iter_keys(pattern_, options_));
        at_ = scan_->begin();
        return true;
      });
    }
    if (at_ == scan_->end()) {
      return false;
    }
    page.push_back(*at_);
    return true;
  }
  [[nodiscard]] bool complete() const noexcept override { return scan_ && scan_->complete(); }

 private:
  std::shared_ptr<local::Outage> outage_;
  std::string pattern_;
  std::string prefix_;
  PatternOptions options_;
  std::optional<KeyScan> scan_;
  KeyScan::Iterator at_;
};

}  // namespace

FailoverCache::FailoverCache(const RedisCache& redis, std::shared_ptr<Cache> local, FailoverOptions options)
    : FailoverCache{std::make_shared<RedisCache>(redis.strict()), std::move(local), std::move(options)} {}
FailoverCache::FailoverCache(std::shared_ptr<Cache> first, std::shared_ptr<Cache> local,
                             FailoverOptions options)
    : outage_{std::make_shared<local::Outage>(std::move(first), std::move(local), std::move(options))} {}
FailoverCache::~FailoverCache() = default;

FailoverStatistics FailoverCache::statistics() const {
  return outage_->statistics();
}

bool FailoverCache::do_set(std::string_view key, const ValueView& value, const SetOptions& options) {
  return outage_->run([&](Cache& cache) { return CacheAccess::set(cache, key, value, options); });
}

bool FailoverCache::do_get(std::string_view key, const ValueTarget& target, const KeyOptions& options) {
  return outage_->run([&](Cache& cache) { return CacheAccess::get(cache, key, target, options); });
}

bool FailoverCache::do_ignore(const DecodeError& error) noexcept {
  return CacheAccess::ignore(outage_->first(), error);
}

void FailoverCache::do_get_many(std::span<const std::string_view> keys, detail::ManyTarget& targets,
                                const KeyOptions& options) {
  outage_->run([&](Cache& cache) {
    CacheAccess::get_many(cache, keys, targets, options);
    return true;
  });
}

std::vector<std::string> FailoverCache::do_set_many(std::span<const std::string_view> keys,
                                                    std::span<const ValueView> values,
                                                    const SetManyOptions& options) {
  if (keys.empty()) {
    return {};  // nobody is asked, so nobody's answer tells that the outage is over
  }
  return outage_->run([&](Cache& cache) { return CacheAccess::set_many(cache, keys, values, options); });
}

bool FailoverCache::do_delete(std::string_view key, const KeyOptions& options) {
  return outage_->run([&](Cache& cache) { return cache.del(key, options); });
}

std::int64_t FailoverCache::do_delete_many(std::span<const std::string_view> keys,
                                           const KeyOptions& options) {
  if (keys.empty()) {
    return 0;
  }
  return outage_->run([&](Cache& cache) { return CacheAccess::delete_many(cache, keys, options); });
}

std::int64_t FailoverCache::do_delete_pattern(std::string_view pattern, const PatternOptions& options) {
  return outage_->run([&](Cache& cache) { return cache.delete_pattern(pattern, options); });
}

void FailoverCache::do_clear() {
  outage_->run([](Cache& cache) {
    cache.clear();
    return true;
  });
}

bool FailoverCache::do_touch(std::string_view key, Timeout timeout, const KeyOptions& options) {
  return outage_->run([&](Cache& cache) { return cache.touch(key, timeout, options); });
}

Counter FailoverCache::do_incr(std::string_view key, std::int64_t delta, const IncrOptions& options) {
  return outage_->run([&](Cache& cache) { return cache.incr(key, delta, options); });
}

bool FailoverCache::do_has_key(std::string_view key, const KeyOptions& options) {
  return outage_->run([&](Cache& cache) { return cache.has_key(key, options); });
}

bool FailoverCache::do_persist(std::string_view key, const KeyOptions& options) {
  return outage_->run([&](Cache& cache) { return cache.persist(key, options); });
}

bool FailoverCache::do_expire(std::string_view key, std::chrono::milliseconds time,
                              const KeyOptions& options) {
  return outage_->run([&](Cache& cache) { return CacheAccess::expire(cache, key, time, options); });
}

bool FailoverCache::do_expire_at(std::string_view key, std::chrono::sys_time<std::chrono::milliseconds> time,
                                 const KeyOptions& options) {
  return outage_->run([&](Cache& cache) { return CacheAccess::expire_at(cache, key, time, options); });
}

Counter FailoverCache::do_incr_version(std::string_view key, int delta, const KeyOptions& options) {
  return outage_->run([&](Cache& cache) { return cache.incr_version(key, delta, options); });
}

std::vector<std::string> FailoverCache::do_keys(std::string_view pattern, const PatternOptions& options) {
  return outage_->run([&](Cache& cache) { return cache.keys(pattern, options); });
}

KeyScan FailoverCache::do_iter_keys(std::string_view pattern, const PatternOptions& options) {
  return KeyScan{std::make_unique<FailoverPages>(outage_, pattern, options)};
}

Pttl FailoverCache::do_pttl(std::string_view key, const KeyOptions& options) {
  return outage_->run([&](Cache& cache) { return cache.pttl(key, options); });
}

void FailoverCache::do_close() noexcept {
  outage_->close();
}

}  // namespace rediscache
