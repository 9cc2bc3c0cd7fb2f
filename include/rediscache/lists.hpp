// Calls on lists.
//
//   cache.rpush("queue", {1, 2, 3});
//   std::optional<int> next = cache.lpop<int>("queue");
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <rediscache/call_options.hpp>
#include <rediscache/detail/call.hpp>
#include <rediscache/detail/replies.hpp>
#include <rediscache/elements.hpp>

namespace rediscache {

/// The calls on lists, written once for whoever runs them: `Self` runs, and gives back Returned<R> for an R.
///
/// Elements are stored as `set` stores the value of a key; one that does not read as T is a DecodeError that
/// names the key. Positions count from 0, negative ones from the end.
/// Omitted: 0, false, nothing or empty, as a key that is not there. An empty list of values asks nothing.
/// Errors: as all calls of a cache. A key of another type is a ResponseError (WRONGTYPE).
template <class Self, template <class> class Returned>
class Lists {
 public:
  /// Puts values at the beginning, one after the other, so that the last comes first; the length. LPUSH.
  Returned<std::int64_t> lpush(std::string_view key, const Elements& values, const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(*this, {"LPUSH", CommandKind::accumulating_write},
                                      {detail::key(key), values}, options.version);
  }
  /// Puts values at the end; the length. RPUSH.
  Returned<std::int64_t> rpush(std::string_view key, const Elements& values, const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(*this, {"RPUSH", CommandKind::accumulating_write},
                                      {detail::key(key), values}, options.version);
  }
  /// Takes the first element; nothing when there is none. LPOP. An element that does not read as T is a
  /// PoppedError, which has its bytes.
  template <Loadable T>
  Returned<std::optional<T>> lpop(std::string_view key, const KeyOptions& options = {}) {
    return pop_one<T>("LPOP", key, options);
  }
  /// Takes up to `count` elements. InvalidArgument when it is negative.
  template <Loadable T, Integer N>
  Returned<std::vector<T>> lpop(std::string_view key, N count, const KeyOptions& options = {}) {
    return pop_many<T>("LPOP", key, detail::count_to_pop("lpop", detail::narrow<std::int64_t>(count)),
                       options);
  }
  /// The same from the end. RPOP.
  template <Loadable T>
  Returned<std::optional<T>> rpop(std::string_view key, const KeyOptions& options = {}) {
    return pop_one<T>("RPOP", key, options);
  }
  template <Loadable T, Integer N>
  Returned<std::vector<T>> rpop(std::string_view key, N count, const KeyOptions& options = {}) {
    return pop_many<T>("RPOP", key, detail::count_to_pop("rpop", detail::narrow<std::int64_t>(count)),
                       options);
  }
  /// How many elements there are. LLEN.
  Returned<std::int64_t> llen(std::string_view key, const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(*this, {"LLEN", CommandKind::read}, {detail::key(key)},
                                      options.version);
  }
  /// The elements from `first` to `last`, both included. LRANGE.
  template <Loadable T>
  Returned<std::vector<T>> lrange(std::string_view key, std::int64_t first, std::int64_t last,
                                  const KeyOptions& options = {}) {
    return detail::ask<detail::AllElements<T>>(*this, {"LRANGE", CommandKind::read, detail::at_length},
                                               {detail::key(key), first, last}, options.version);
  }
  /// The element at a position; nothing when there is none. LINDEX.
  template <Loadable T>
  Returned<std::optional<T>> lindex(std::string_view key, std::int64_t index,
                                    const KeyOptions& options = {}) {
    return detail::ask<detail::MaybeElement<T>>(*this, {"LINDEX", CommandKind::read},
                                                {detail::key(key), index}, options.version);
  }
  /// Replaces the element at a position. LSET. ResponseError when there is none.
  template <Storable T>
  Returned<bool> lset(std::string_view key, std::int64_t index, const T& value,
                      const KeyOptions& options = {}) {
    return detail::ask<detail::Done>(*this, {"LSET", CommandKind::idempotent_write},
                                     {detail::key(key), index, Elements(value)}, options.version);
  }
  /// Removes elements that equal a value: `count` of them from the beginning, from the end when it is
  /// negative, all when it is 0; how many. LREM.
  template <Storable T>
  Returned<std::int64_t> lrem(std::string_view key, std::int64_t count, const T& value,
                              const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(*this, {"LREM", CommandKind::accumulating_write},
                                      {detail::key(key), count, Elements(value)}, options.version);
  }
  /// Keeps the elements from `first` to `last`, both included, only. Whether that was done. LTRIM.
  Returned<bool> ltrim(std::string_view key, std::int64_t first, std::int64_t last,
                       const KeyOptions& options = {}) {
    // A second time it would cut what had moved up.
    return detail::ask<detail::Done>(*this, {"LTRIM", CommandKind::accumulating_write},
                                     {detail::key(key), first, last}, options.version);
  }

 private:
  friend Self;
  Lists() = default;

  template <class T>
  auto pop_one(std::string_view command, std::string_view key, const KeyOptions& options) {
    return detail::ask<detail::Popped<detail::MaybeElement<T>>>(
        *this, {command, CommandKind::accumulating_write}, {detail::key(key)}, options.version);
  }
  template <class T>
  auto pop_many(std::string_view command, std::string_view key, const detail::Argument& count,
                const KeyOptions& options) {
    return detail::ask<detail::Popped<detail::AllElements<T>>>(
        *this, {command, CommandKind::accumulating_write}, {detail::key(key), count}, options.version);
  }
};

}  // namespace rediscache
