// Calls on sets.
//
//   cache.sadd("tags", {"new", "sale"});
//   std::vector<std::string> tags = cache.smembers<std::string>("tags");
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <rediscache/call_options.hpp>
#include <rediscache/detail/call.hpp>
#include <rediscache/detail/replies.hpp>
#include <rediscache/elements.hpp>

namespace rediscache {

/// For sdiffstore, sinterstore, sunionstore, smove.
struct StoreOptions {
  std::optional<int> version{};       ///< of all keys; nothing: the cache's
  std::optional<int> version_dest{};  ///< of the destination, where it differs
};

/// The calls on sets, written once for whoever runs them: `Self` runs, and gives back Returned<R> for an R.
///
/// Members are stored as `set` stores the value of a key. Reading them wants their type; T{} is never made
/// up: a member that does not read as T is a DecodeError that names the key. Sets have no order. Omitted: 0,
/// false, nothing or empty, as a key that is not there. A call with an empty list of keys or members asks
/// nothing and returns the same. Errors: as all calls of a cache. A key of another type is a ResponseError
/// (WRONGTYPE).
template <class Self, template <class> class Returned>
class Sets {
 public:
  // Sent twice, the second of these would say that nothing changed.

  /// Adds members; how many were new. SADD.
  Returned<std::int64_t> sadd(std::string_view key, const Elements& members, const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(*this, {"SADD", CommandKind::accumulating_write},
                                      {detail::key(key), members}, options.version);
  }
  /// Removes members; how many were there. SREM.
  Returned<std::int64_t> srem(std::string_view key, const Elements& members, const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(*this, {"SREM", CommandKind::accumulating_write},
                                      {detail::key(key), members}, options.version);
  }
  /// How many members there are. SCARD.
  Returned<std::int64_t> scard(std::string_view key, const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(*this, {"SCARD", CommandKind::read}, {detail::key(key)},
                                      options.version);
  }
  /// Whether a value is a member. SISMEMBER.
  template <Storable T>
  Returned<bool> sismember(std::string_view key, const T& member, const KeyOptions& options = {}) {
    return detail::ask<detail::Flag>(*this, {"SISMEMBER", CommandKind::read},
                                     {detail::key(key), Elements(member)}, options.version);
  }
  /// Whether each of the values is a member, in order. SMISMEMBER.
  Returned<std::vector<bool>> smismember(std::string_view key, const Elements& members,
                                         const KeyOptions& options = {}) {
    return detail::ask<detail::Flags>(*this, {"SMISMEMBER", CommandKind::read}, {detail::key(key), members},
                                      options.version);
  }
  /// All members. SMEMBERS. For large sets use sscan_iter.
  template <Loadable T>
  Returned<std::vector<T>> smembers(std::string_view key, const KeyOptions& options = {}) {
    return detail::ask<detail::AllElements<T>>(*this, {"SMEMBERS", CommandKind::read, detail::at_length},
                                               {detail::key(key)}, options.version);
  }
  /// Moves a member to another set; whether it was there. SMOVE.
  template <Storable T>
  Returned<bool> smove(std::string_view source, std::string_view destination, const T& member,
                       const StoreOptions& options = {}) {
    // Sent twice, the second would say that it was not there.
    return detail::ask<detail::Flag>(*this, {"SMOVE", CommandKind::accumulating_write},
                                     {detail::key(source), dest(destination, options), Elements(member)},
                                     options.version);
  }

  /// Takes a random member out; nothing when there is none. SPOP. A member that does not read as T is a
  /// PoppedError, which has its bytes.
  template <Loadable T>
  Returned<std::optional<T>> spop(std::string_view key, const KeyOptions& options = {}) {
    return detail::ask<detail::Popped<detail::MaybeElement<T>>>(
        *this, {"SPOP", CommandKind::accumulating_write}, {detail::key(key)}, options.version);
  }
  /// Takes up to `count` random members out. InvalidArgument when it is negative.
  template <Loadable T, Integer N>
  Returned<std::vector<T>> spop(std::string_view key, N count, const KeyOptions& options = {}) {
    return detail::ask<detail::Popped<detail::AllElements<T>>>(
        *this, {"SPOP", CommandKind::accumulating_write},
        {detail::key(key), detail::count_to_pop("spop", detail::narrow<std::int64_t>(count))},
        options.version);
  }
  /// A random member, left where it is. SRANDMEMBER.
  template <Loadable T>
  Returned<std::optional<T>> srandmember(std::string_view key, const KeyOptions& options = {}) {
    return detail::ask<detail::MaybeElement<T>>(*this, {"SRANDMEMBER", CommandKind::read}, {detail::key(key)},
                                                options.version);
  }
  /// Up to `count` different ones; when negative, that many, of which some may be the same.
  template <Loadable T, Integer N>
  Returned<std::vector<T>> srandmember(std::string_view key, N count, const KeyOptions& options = {}) {
    return detail::ask<detail::AllElements<T>>(*this, {"SRANDMEMBER", CommandKind::read},
                                               {detail::key(key), detail::narrow<std::int64_t>(count)},
                                               options.version);
  }

  /// What is in the first set and in none of the others. SDIFF.
  template <Loadable T>
  Returned<std::vector<T>> sdiff(const KeyNames& keys, const KeyOptions& options = {}) {
    return detail::ask<detail::AllElements<T>>(*this, {"SDIFF", CommandKind::read, detail::at_length},
                                               {detail::keys(keys)}, options.version);
  }
  /// What is in all sets. SINTER.
  template <Loadable T>
  Returned<std::vector<T>> sinter(const KeyNames& keys, const KeyOptions& options = {}) {
    return detail::ask<detail::AllElements<T>>(*this, {"SINTER", CommandKind::read, detail::at_length},
                                               {detail::keys(keys)}, options.version);
  }
  /// What is in any set. SUNION.
  template <Loadable T>
  Returned<std::vector<T>> sunion(const KeyNames& keys, const KeyOptions& options = {}) {
    return detail::ask<detail::AllElements<T>>(*this, {"SUNION", CommandKind::read, detail::at_length},
                                               {detail::keys(keys)}, options.version);
  }
  /// The same, stored under `destination`, whatever was there before; how many members it has. SDIFFSTORE.
  Returned<std::int64_t> sdiffstore(std::string_view destination, const KeyNames& keys,
                                    const StoreOptions& options = {}) {
    // With the destination among the keys, twice is not once.
    return detail::ask<detail::Count>(*this,
                                      {"SDIFFSTORE", CommandKind::accumulating_write, detail::at_length},
                                      {dest(destination, options), detail::keys(keys)}, options.version);
  }
  /// SINTERSTORE.
  Returned<std::int64_t> sinterstore(std::string_view destination, const KeyNames& keys,
                                     const StoreOptions& options = {}) {
    return detail::ask<detail::Count>(*this,
                                      {"SINTERSTORE", CommandKind::idempotent_write, detail::at_length},
                                      {dest(destination, options), detail::keys(keys)}, options.version);
  }
  /// SUNIONSTORE.
  Returned<std::int64_t> sunionstore(std::string_view destination, const KeyNames& keys,
                                     const StoreOptions& options = {}) {
    return detail::ask<detail::Count>(*this,
                                      {"SUNIONSTORE", CommandKind::idempotent_write, detail::at_length},
                                      {dest(destination, options), detail::keys(keys)}, options.version);
  }

  /// The first page of a walk: some of the members, possibly none. SSCAN. sscan_iter goes all the way.
  template <Loadable T>
  Returned<std::vector<T>> sscan(std::string_view key, const ScanOptions& options = {}) {
    return detail::ask<detail::ScannedPage<detail::AllElements<T>>>(
        *this, {"SSCAN", CommandKind::read, detail::at_length},
        {detail::key(key), detail::word("0"), detail::match_element(options.match),
         detail::page_size(options.count)},
        options.version);
  }

 private:
  friend Self;
  Sets() = default;

  static detail::Argument dest(std::string_view key, const StoreOptions& options) noexcept {
    return detail::key(key).of_version(options.version_dest);
  }
};

}  // namespace rediscache
