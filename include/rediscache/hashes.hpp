// Calls on hashes.
//
//   cache.hset("user:1", "visits", 3);
//   cache.hincrby("user:1", "visits");
//   std::optional<int> visits = cache.hget<int>("user:1", "visits");
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/call_options.hpp>
#include <rediscache/detail/call.hpp>
#include <rediscache/detail/replies.hpp>
#include <rediscache/elements.hpp>
#include <rediscache/result.hpp>

namespace rediscache {

/// The calls on hashes, written once for whoever runs them: `Self` runs, and gives back Returned<R> for an R.
///
/// As in django-redis, **the name of a hash is used as it is**, without prefix and version, and so shared by
/// all caches of a database; each field is a made key (`prefix:version:field`). `version` is that of fields.
/// Values are stored as `set` stores the value of a key. One that does not read as T is a DecodeError that
/// names the hash.
/// Omitted: 0, false, nothing or empty, but for hincrby. An empty list of fields asks nothing.
/// Errors: as all calls of a cache. A name of another type is a ResponseError (WRONGTYPE).
template <class Self, template <class> class Returned>
class Hashes {
 public:
  /// Sets a field; 1 when it is new, 0 when it was there. HSET. Sent again after a lost connection it is 1.
  template <Storable T>
  Returned<std::int64_t> hset(std::string_view name, std::string_view field, const T& value,
                              const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(
        *this, {"HSET", CommandKind::idempotent_write, false, detail::counts_fields},
        {detail::name(name), detail::field(field), Elements(value)}, options.version);
  }
  /// Removes fields; how many were there. HDEL. Sent again after a lost connection: at most so many.
  Returned<std::int64_t> hdel(std::string_view name, const KeyNames& fields, const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(*this,
                                      {"HDEL", CommandKind::idempotent_write, false, detail::counts_fields},
                                      {detail::name(name), detail::fields(fields)}, options.version);
  }
  /// How many fields there are, of every version. HLEN.
  Returned<std::int64_t> hlen(std::string_view name) {
    return detail::ask<detail::Count>(*this, {"HLEN", CommandKind::read}, {detail::name(name)}, {});
  }
  /// All fields, of every version. HKEYS.
  Returned<std::vector<std::string>> hkeys(std::string_view name) {
    return detail::ask<detail::FieldNames>(*this, {"HKEYS", CommandKind::read, detail::at_length},
                                           {detail::name(name)}, {});
  }
  /// Whether there is such a field. HEXISTS.
  Returned<bool> hexists(std::string_view name, std::string_view field, const KeyOptions& options = {}) {
    return detail::ask<detail::Flag>(*this, {"HEXISTS", CommandKind::read},
                                     {detail::name(name), detail::field(field)}, options.version);
  }
  /// The value of a field; nothing when there is none. HGET.
  template <Loadable T>
  Returned<std::optional<T>> hget(std::string_view name, std::string_view field,
                                  const KeyOptions& options = {}) {
    return detail::ask<detail::MaybeElement<T>>(*this, {"HGET", CommandKind::read},
                                                {detail::name(name), detail::field(field)}, options.version);
  }
  /// The values of fields, in order, with nothing for those that are not there. HMGET.
  template <Loadable T>
  Returned<std::vector<std::optional<T>>> hmget(std::string_view name, const KeyNames& fields,
                                                const KeyOptions& options = {}) {
    return detail::ask<detail::MaybeElements<T>>(
        *this, {"HMGET", CommandKind::read}, {detail::name(name), detail::fields(fields)}, options.version);
  }
  /// All fields, of every version, and their values. HGETALL. For large hashes use hscan_iter.
  template <Loadable T>
  Returned<std::vector<std::pair<std::string, T>>> hgetall(std::string_view name) {
    return detail::ask<detail::AllFields<T>>(*this, {"HGETALL", CommandKind::read, detail::at_length},
                                             {detail::name(name)}, {});
  }
  /// Adds to an integer, which is 0 when there is no such field; the new value. HINCRBY. Anything but an
  /// integer is a ResponseError. Omitted: a Counter that says so.
  Returned<Counter> hincrby(std::string_view name, std::string_view field, std::int64_t delta = 1,
                            const KeyOptions& options = {}) {
    return detail::ask<detail::NewCount>(*this, {"HINCRBY", CommandKind::accumulating_write},
                                         {detail::name(name), detail::field(field), delta}, options.version);
  }

 private:
  friend Self;
  Hashes() = default;
};

}  // namespace rediscache
