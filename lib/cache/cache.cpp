#include <limits>
#include <string>

#include <rediscache/cache.hpp>

#include "cache/operations/scripts.hpp"

namespace rediscache {

Cache::~Cache() = default;

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
