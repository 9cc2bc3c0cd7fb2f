// How one cache passes calls on to another: past the templates, which are behind both already.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/cache.hpp>

namespace rediscache::detail {

/// The private functions of a Cache, for decorators.
struct CacheAccess {
  static bool set(Cache& cache, std::string_view key, const ValueView& value, const SetOptions& options) {
    return cache.do_set(key, value, options);
  }
  static bool get(Cache& cache, std::string_view key, const ValueTarget& target, const KeyOptions& options) {
    return cache.do_get(key, target, options);
  }
  static bool ignore(Cache& cache, const DecodeError& error) noexcept { return cache.do_ignore(error); }
  static void get_many(Cache& cache, std::span<const std::string_view> keys, ManyTarget& targets,
                       const KeyOptions& options) {
    cache.do_get_many(keys, targets, options);
  }
  static std::vector<std::string> set_many(Cache& cache, std::span<const std::string_view> keys,
                                           std::span<const ValueView> values, const SetManyOptions& options) {
    return cache.do_set_many(keys, values, options);
  }
  static std::int64_t delete_many(Cache& cache, std::span<const std::string_view> keys,
                                  const KeyOptions& options) {
    return cache.do_delete_many(keys, options);
  }
  static bool expire(Cache& cache, std::string_view key, std::chrono::milliseconds time,
                     const KeyOptions& options) {
    return cache.do_expire(key, time, options);
  }
  static bool expire_at(Cache& cache, std::string_view key,
                        std::chrono::sys_time<std::chrono::milliseconds> time, const KeyOptions& options) {
    return cache.do_expire_at(key, time, options);
  }
};

}  // namespace rediscache::detail
