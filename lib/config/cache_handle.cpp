#include <exception>
#include <utility>

#include <rediscache/cache_handle.hpp>
#include <rediscache/caches.hpp>
#include <rediscache/detail/cache_access.hpp>

#include "config/cache_table.hpp"

namespace rediscache {

using detail::CacheAccess;

CacheHandle::CacheHandle(std::shared_ptr<config::CacheTable> table, config::CacheSlot& slot,
                         bool or_dummy) noexcept
    : table_{std::move(table)}, slot_{&slot}, or_dummy_{or_dummy} {}
CacheHandle::~CacheHandle() = default;
CacheHandle::CacheHandle(const CacheHandle&) = default;
CacheHandle& CacheHandle::operator=(const CacheHandle&) = default;
// What was moved from is as good as a copy: it must not be without a table.
// NOLINTNEXTLINE(performance-move-constructor-init)
CacheHandle::CacheHandle(CacheHandle&& other) noexcept : CacheHandle{std::as_const(other)} {}
CacheHandle& CacheHandle::operator=(CacheHandle&& other) noexcept {
  return *this = std::as_const(other);
}

std::shared_ptr<Cache> CacheHandle::get_cache() const {
  auto cache = table_->cache(*slot_);
  if (cache == nullptr) {
    if (!or_dummy_) {
      throw InvalidCacheBackendError{"The cache '" + slot_->alias +
                                     "' is gone: the settings that were loaded last do not have it"};
    }
    return table_->dummy();
  }
  return cache;
}

std::shared_ptr<RedisCache> CacheHandle::redis() const {
  if (auto redis = std::dynamic_pointer_cast<RedisCache>(get_cache())) {
    return redis;
  }
  throw InvalidCacheBackendError{"The cache '" + slot_->alias + "' is not on Redis: its backend is " +
                                 table_->backend(*slot_)};
}

const std::string& CacheHandle::alias() const noexcept {
  return slot_->alias;
}

bool CacheHandle::do_set(std::string_view key, const ValueView& value, const SetOptions& options) {
  return CacheAccess::set(*get_cache(), key, value, options);
}
bool CacheHandle::do_get(std::string_view key, const ValueTarget& target, const KeyOptions& options) {
  return CacheAccess::get(*get_cache(), key, target, options);
}
bool CacheHandle::do_ignore(const DecodeError& error) noexcept {
  try {
    return CacheAccess::ignore(*get_cache(), error);
  } catch (const std::exception&) {  // it is gone
    return false;
  }
}
void CacheHandle::do_get_many(std::span<const std::string_view> keys, detail::ManyTarget& targets,
                              const KeyOptions& options) {
  CacheAccess::get_many(*get_cache(), keys, targets, options);
}
std::vector<std::string> CacheHandle::do_set_many(std::span<const std::string_view> keys,
                                                  std::span<const ValueView> values,
                                                  const SetManyOptions& options) {
  return CacheAccess::set_many(*get_cache(), keys, values, options);
}
bool CacheHandle::do_delete(std::string_view key, const KeyOptions& options) {
  return get_cache()->del(key, options);
}
std::int64_t CacheHandle::do_delete_many(std::span<const std::string_view> keys, const KeyOptions& options) {
  return CacheAccess::delete_many(*get_cache(), keys, options);
}
std::int64_t CacheHandle::do_delete_pattern(std::string_view pattern, const PatternOptions& options) {
  return get_cache()->delete_pattern(pattern, options);
}
void CacheHandle::do_clear() {
  get_cache()->clear();
}
bool CacheHandle::do_touch(std::string_view key, Timeout timeout, const KeyOptions& options) {
  return get_cache()->touch(key, timeout, options);
}
Counter CacheHandle::do_incr(std::string_view key, std::int64_t delta, const IncrOptions& options) {
  return get_cache()->incr(key, delta, options);
}
bool CacheHandle::do_has_key(std::string_view key, const KeyOptions& options) {
  return get_cache()->has_key(key, options);
}
bool CacheHandle::do_persist(std::string_view key, const KeyOptions& options) {
  return get_cache()->persist(key, options);
}
bool CacheHandle::do_expire(std::string_view key, std::chrono::milliseconds time, const KeyOptions& options) {
  return CacheAccess::expire(*get_cache(), key, time, options);
}
bool CacheHandle::do_expire_at(std::string_view key, std::chrono::sys_time<std::chrono::milliseconds> time,
                               const KeyOptions& options) {
  return CacheAccess::expire_at(*get_cache(), key, time, options);
}
Counter CacheHandle::do_incr_version(std::string_view key, int delta, const KeyOptions& options) {
  return get_cache()->incr_version(key, delta, options);
}
std::vector<std::string> CacheHandle::do_keys(std::string_view pattern, const PatternOptions& options) {
  return get_cache()->keys(pattern, options);
}
KeyScan CacheHandle::do_iter_keys(std::string_view pattern, const PatternOptions& options) {
  return get_cache()->iter_keys(pattern, options);
}
Pttl CacheHandle::do_pttl(std::string_view key, const KeyOptions& options) {
  return get_cache()->pttl(key, options);
}
void CacheHandle::do_close() noexcept {
  try {
    get_cache()->close();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it is gone, and so are its connections
  }
}

}  // namespace rediscache
