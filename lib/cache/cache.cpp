#include <limits>
#include <string>

#include <rediscache/cache.hpp>
#include <rediscache/detail/cache_access.hpp>

#include "cache/operations/scripts.hpp"

namespace rediscache {

Cache::~Cache() = default;

bool Cache::do_ignore(const DecodeError& /*error*/) noexcept {
  return false;
}

Cache::Load Cache::load(std::string_view key, const ValueTarget& target, const KeyOptions& options,
                        void (*convert)(void*), void* context) {
  try {
    if (!do_get(key, target, options)) {
      return Load::missing;
    }
    if (convert != nullptr) {
      convert(context);
    }
    return Load::found;
  } catch (const DecodeError& error) {
    if (!do_ignore(error)) {
      throw;
    }
    return Load::unreadable;
  }
}

std::int64_t Cache::delete_many(std::initializer_list<std::string_view> keys, const KeyOptions& options) {
  return do_delete_many(detail::views_in(keys), options);
}

std::vector<std::string> Cache::keys(std::string_view pattern, const PatternOptions& options) {
  return do_keys(pattern, options);
}

KeyScan Cache::iter_keys(std::string_view pattern, const PatternOptions& options) {
  return do_iter_keys(pattern, options);
}

Counter Cache::decr(std::string_view key, std::int64_t delta, const IncrOptions& options) {
  return do_incr(key, cache::negated(delta), options);
}

Counter Cache::decr_version(std::string_view key, int delta, const KeyOptions& options) {
  if (delta == std::numeric_limits<int>::min()) {
    throw InvalidArgument{"decr_version: delta is " + std::to_string(delta) + ", which cannot be negated"};
  }
  return do_incr_version(key, -delta, options);
}

Ttl Cache::ttl(std::string_view key, const KeyOptions& options) {
  const Pttl left = do_pttl(key, options);
  if (left.omitted()) {
    return {};
  }
  if (const auto time = left.remaining()) {
    return Ttl::of(*time);
  }
  return left.is_missing() ? Ttl::missing() : Ttl::no_expiry();
}

namespace detail {

ManyTarget::~ManyTarget() = default;

bool ignores(Cache& cache, const DecodeError& error) noexcept {
  return CacheAccess::ignore(cache, error);
}

EntryViews::EntryViews() noexcept = default;
EntryViews::~EntryViews() = default;

void EntryViews::reserve(std::size_t entries) {
  keys_.reserve(entries);
  values_.reserve(entries);
}

void EntryViews::add_key(std::string_view key) {
  keys_.push_back(key);
}

void EntryViews::add_value(const ValueView& value) {
  values_.push_back(value);
}

std::span<const std::string_view> EntryViews::keys() const noexcept {
  return keys_;
}

std::span<const ValueView> EntryViews::values() const noexcept {
  return values_;
}

std::span<const std::string_view> views_in(std::initializer_list<std::string_view> keys) noexcept {
  return {keys.begin(), keys.size()};
}

std::span<const std::string_view> views_of(std::span<const std::string_view> keys) noexcept {
  return keys;
}

void convert_for_key(std::string_view key, void (*convert)(void*), void* context) {
  try {
    convert(context);
  } catch (const ValueError& error) {
    throw DecodeError{key, error.what()};
  }
}

void store_for_key(std::string_view key, void (*convert)(void*), void* context) {
  try {
    convert(context);
  } catch (const ValueError& error) {
    throw EncodeError{key, error.what()};
  }
}

}  // namespace detail
}  // namespace rediscache
