// The interface that all caches share.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/call_options.hpp>
#include <rediscache/convert.hpp>
#include <rediscache/detail/stored.hpp>
#include <rediscache/error.hpp>
#include <rediscache/export.hpp>
#include <rediscache/key_scan.hpp>
#include <rediscache/keyed_values.hpp>
#include <rediscache/milliseconds.hpp>
#include <rediscache/result.hpp>
#include <rediscache/serializer.hpp>
#include <rediscache/timeout.hpp>

namespace rediscache {

namespace detail {
struct CacheAccess;
}  // namespace detail

/// A cache: keys of any bytes, values of any type with a conversion (convert.hpp), each with a timeout.
///
///   cache.set("user:1", user, 5min);
///   std::optional<User> user = cache.get<User>("user:1");
///   int hits = cache.get("hits", 0);
///
/// Thread safety: any number of threads may use one cache at once.
/// Errors: what a call returns when a cache with `ignore_exceptions` could not reach its server stands with
/// each call as "omitted". DecodeError when stored bytes do not read as the type asked for, EncodeError when
/// a value's conversion or the serializer refuses it; these name the key and change nothing.
/// Blocking: calls wait for the server, never beyond the cache's deadlines.
class REDISCACHE_API Cache {
 public:
  Cache() = default;
  virtual ~Cache();

  /// Stores a value. True when it was stored: with `nx` or `xx` it may not be. A timeout of zero or less
  /// deletes the key and tells whether it was there; with `nx` it touches nothing and tells whether the key
  /// was absent. Omitted: false.
  template <Storable T>
  bool set(std::string_view key, const T& value, const SetOptions& options = {}) {
    const detail::Stored<T> stored{key, value};
    return do_set(key, stored.view(), options);
  }
  template <Storable T, TimeoutLike D>
  bool set(std::string_view key, const T& value, D timeout) {
    return set(key, value, SetOptions{.timeout = Timeout{timeout}});
  }

  /// Stores a value when the key is not there: `set` with `nx`. Omitted: false.
  template <Storable T>
  bool add(std::string_view key, const T& value, const WriteOptions& options = {}) {
    return set(key, value, SetOptions{.timeout = options.timeout, .version = options.version, .nx = true});
  }
  template <Storable T, TimeoutLike D>
  bool add(std::string_view key, const T& value, D timeout) {
    return add(key, value, WriteOptions{.timeout = Timeout{timeout}});
  }

  /// The value, or nothing when there is none. Omitted: nothing.
  template <Loadable T>
  [[nodiscard]] std::optional<T> get(std::string_view key, const KeyOptions& options = {}) {
    std::optional<T> found;
    load(key, found, options);
    return found;
  }
  /// The value, or `fallback` when there is none; the fallback decides the type (text literals read as
  /// std::string) unless one is named. `{}` is no fallback but options. Omitted: the fallback.
  template <class T = void, class F>
    requires detail::FallbackFor<F, T>
  [[nodiscard]] detail::loaded_for<T, F> get(std::string_view key, F fallback,
                                             const KeyOptions& options = {}) {
    std::optional<detail::loaded_for<T, F>> found;
    if (load(key, found, options) != Load::found) {
      return detail::owned<detail::loaded_for<T, F>>(std::move(fallback));
    }
    return std::move(*found);
  }

  /// The values of all keys that are there, in one round trip. No keys ask nothing. Omitted: empty.
  template <Loadable T, KeyRange R>
  [[nodiscard]] KeyedValues<T> get_many(const R& keys, const KeyOptions& options = {}) {
    return get_keys<T>(detail::views_of(keys), options);
  }
  template <Loadable T>
  [[nodiscard]] KeyedValues<T> get_many(std::initializer_list<std::string_view> keys,
                                        const KeyOptions& options = {}) {
    return get_keys<T>(detail::views_in(keys), options);
  }

  /// The value, or, when there is none, what `fallback` is or returns when called, which is then stored with
  /// add(); if somebody else was faster, their value. An entry that counts as missing for it does not read is
  /// replaced. Omitted: the fallback.
  template <class F>
  [[nodiscard]] detail::fallback_value<F> get_or_set(std::string_view key, F&& fallback,
                                                     const WriteOptions& options = {}) {
    using T = detail::fallback_value<F>;
    const KeyOptions where{.version = options.version};
    std::optional<T> found;
    const Load before = load(key, found, where);
    if (before == Load::found) {
      return std::move(*found);
    }
    T value = detail::value_of(std::forward<F>(fallback));
    if (before == Load::unreadable) {  // add() would leave that as it is
      set(key, value, SetOptions{.timeout = options.timeout, .version = options.version});
    } else if (!add(key, value, options)) {
      if (auto theirs = get<T>(key, where)) {
        return std::move(*theirs);
      }
    }
    return value;
  }
  template <class F, TimeoutLike D>
  [[nodiscard]] detail::fallback_value<F> get_or_set(std::string_view key, F&& fallback, D timeout) {
    return get_or_set(key, std::forward<F>(fallback), WriteOptions{.timeout = Timeout{timeout}});
  }

  /// Stores every entry of a map in one round trip; a transaction only with `atomic`. Returns the keys that
  /// failed. Omitted: every key.
  template <EntryRange R>
  std::vector<std::string> set_many(const R& entries, const SetManyOptions& options = {}) {
    using T = std::remove_cvref_t<decltype(std::ranges::begin(entries)->second)>;
    detail::EntryViews views;
    std::vector<detail::Stored<T>> values;
    if constexpr (std::ranges::sized_range<const R>) {
      views.reserve(std::ranges::size(entries));
      values.reserve(std::ranges::size(entries));
    }
    for (const auto& entry : entries) {
      views.add_key(entry.first);
      values.emplace_back(entry.first, entry.second);
    }
    for (const auto& value : values) {
      views.add_value(value.view());
    }
    return do_set_many(views.keys(), views.values(), options);
  }
  template <EntryRange R, TimeoutLike D>
  std::vector<std::string> set_many(const R& entries, D timeout) {
    return set_many(entries, SetManyOptions{.timeout = Timeout{timeout}});
  }
  template <Storable T>
  std::vector<std::string> set_many(std::initializer_list<std::pair<std::string_view, T>> entries,
                                    const SetManyOptions& options = {}) {
    return set_many(std::span{entries.begin(), entries.size()}, options);
  }

  /// Deletes a key. True when it was there. Omitted: false.
  bool del(std::string_view key, const KeyOptions& options = {}) { return do_delete(key, options); }

  /// Deletes keys in one round trip; how many were there. Omitted: 0.
  template <KeyRange R>
  std::int64_t delete_many(const R& keys, const KeyOptions& options = {}) {
    return do_delete_many(detail::views_of(keys), options);
  }
  std::int64_t delete_many(std::initializer_list<std::string_view> keys, const KeyOptions& options = {});

  /// Deletes every key that matches a glob (`*`, `?`, `[a-z]`, `\` escapes) under the cache's prefix and
  /// version, in bounded batches; how many were really removed. Omitted: those removed until then.
  std::int64_t delete_pattern(std::string_view pattern, const PatternOptions& options = {}) {
    return do_delete_pattern(pattern, options);
  }

  /// Deletes everything in the cache's database, other prefixes and locks included.
  void clear() { do_clear(); }

  /// Gives a key a new timeout, by default the cache's. True when it was there. A timeout of zero or less
  /// deletes it. Omitted: false.
  bool touch(std::string_view key, Timeout timeout = {}, const KeyOptions& options = {}) {
    return do_touch(key, timeout, options);
  }

  /// Takes the timeout from a key. True when it had one. Omitted: false.
  bool persist(std::string_view key, const KeyOptions& options = {}) { return do_persist(key, options); }

  /// Gives a key so long to live, in whole seconds; zero or less deletes it. Times beyond 100 million years
  /// count as 100 million years. True when it was there. Omitted: false.
  template <class Rep = std::chrono::seconds::rep, class Period = std::chrono::seconds::period>
    requires std::convertible_to<std::chrono::duration<Rep, Period>, std::chrono::seconds>
  bool expire(std::string_view key, std::chrono::duration<Rep, Period> time, const KeyOptions& options = {}) {
    return do_expire(key, Timeout{time}.time(), options);
  }
  /// The same with milliseconds.
  bool pexpire(std::string_view key, Milliseconds time, const KeyOptions& options = {}) {
    return do_expire(key, Timeout{time}.time(), options);
  }
  /// Lets a key live until a time of the server's clock, of whole seconds; a past one deletes it. True when
  /// it was there. A time further away than milliseconds can count is the furthest they can. Omitted: false.
  template <class Rep = std::chrono::seconds::rep, class Period = std::chrono::seconds::period>
    requires std::convertible_to<std::chrono::duration<Rep, Period>, std::chrono::seconds>
  bool expire_at(std::string_view key, std::chrono::sys_time<std::chrono::duration<Rep, Period>> time,
                 const KeyOptions& options = {}) {
    return do_expire_at(key, detail::saturating_ceil<std::chrono::milliseconds>(time), options);
  }
  /// The same with milliseconds.
  template <class Rep = std::chrono::milliseconds::rep, class Period = std::chrono::milliseconds::period>
    requires std::convertible_to<std::chrono::duration<Rep, Period>, std::chrono::milliseconds>
  bool pexpire_at(std::string_view key, std::chrono::sys_time<std::chrono::duration<Rep, Period>> time,
                  const KeyOptions& options = {}) {
    return do_expire_at(key, detail::saturating_ceil<std::chrono::milliseconds>(time), options);
  }

  /// Moves an entry, with what is left of its life, to its version + delta; the new version. What was there
  /// is replaced. A missing key throws KeyNotFound. Omitted: a Counter that says so; see OmittableNumber.
  Counter incr_version(std::string_view key, int delta = 1, const KeyOptions& options = {}) {
    return do_incr_version(key, delta, options);
  }
  Counter decr_version(std::string_view key, int delta = 1, const KeyOptions& options = {});

  /// The caller's keys that match a glob. Asks for all at once, which keeps a large server busy: for more
  /// than some thousand keys use iter_keys. Omitted: none.
  [[nodiscard]] std::vector<std::string> keys(std::string_view pattern, const PatternOptions& options = {});
  /// The same a page at a time, while it is being walked through. Omitted: the walk ends, and complete() says
  /// that it was not.
  [[nodiscard]] KeyScan iter_keys(std::string_view pattern, const PatternOptions& options = {});

  /// Adds to an integer, atomically; the new value. A missing key throws KeyNotFound, anything but an integer
  /// and a result beyond 64 bits NotAnInteger. Omitted: a Counter that says so.
  Counter incr(std::string_view key, std::int64_t delta = 1, const IncrOptions& options = {}) {
    return do_incr(key, delta, options);
  }
  /// Subtracts; see incr.
  Counter decr(std::string_view key, std::int64_t delta = 1, const IncrOptions& options = {});

  /// Whether the key is there. Omitted: false.
  [[nodiscard]] bool has_key(std::string_view key, const KeyOptions& options = {}) {
    return do_has_key(key, options);
  }
  [[nodiscard]] bool contains(std::string_view key, const KeyOptions& options = {}) {
    return has_key(key, options);
  }

  /// What is left of an entry's life, in whole seconds rounded up. Omitted: a result that says so.
  [[nodiscard]] Ttl ttl(std::string_view key, const KeyOptions& options = {});
  /// The same in milliseconds.
  [[nodiscard]] Pttl pttl(std::string_view key, const KeyOptions& options = {}) {
    return do_pttl(key, options);
  }

  /// Closes connections when `close_connection` is on. The cache stays usable.
  void close() noexcept { do_close(); }

 protected:
  // Moving is for handles that share their state; a cache passed by base would be cut in half.
  Cache(const Cache&) = default;
  Cache& operator=(const Cache&) = default;
  Cache(Cache&&) = default;
  Cache& operator=(Cache&&) = default;

 private:
  friend struct detail::CacheAccess;

  virtual bool do_set(std::string_view key, const ValueView& value, const SetOptions& options) = 0;
  /// True when found; then the target was filled.
  virtual bool do_get(std::string_view key, const ValueTarget& target, const KeyOptions& options) = 0;
  /// Told of an entry that does not read as the type asked for. True: it counts as missing.
  virtual bool do_ignore(const DecodeError& error) noexcept;
  virtual void do_get_many(std::span<const std::string_view> keys, detail::ManyTarget& targets,
                           const KeyOptions& options) = 0;
  virtual std::vector<std::string> do_set_many(std::span<const std::string_view> keys,
                                               std::span<const ValueView> values,
                                               const SetManyOptions& options) = 0;
  virtual bool do_delete(std::string_view key, const KeyOptions& options) = 0;
  virtual std::int64_t do_delete_many(std::span<const std::string_view> keys, const KeyOptions& options) = 0;
  virtual std::int64_t do_delete_pattern(std::string_view pattern, const PatternOptions& options) = 0;
  virtual void do_clear() = 0;
  virtual bool do_touch(std::string_view key, Timeout timeout, const KeyOptions& options) = 0;
  virtual Counter do_incr(std::string_view key, std::int64_t delta, const IncrOptions& options) = 0;
  virtual bool do_has_key(std::string_view key, const KeyOptions& options) = 0;
  virtual bool do_persist(std::string_view key, const KeyOptions& options) = 0;
  virtual bool do_expire(std::string_view key, std::chrono::milliseconds time, const KeyOptions& options) = 0;
  virtual bool do_expire_at(std::string_view key, std::chrono::sys_time<std::chrono::milliseconds> time,
                            const KeyOptions& options) = 0;
  virtual Counter do_incr_version(std::string_view key, int delta, const KeyOptions& options) = 0;
  virtual std::vector<std::string> do_keys(std::string_view pattern, const PatternOptions& options) = 0;
  virtual KeyScan do_iter_keys(std::string_view pattern, const PatternOptions& options) = 0;
  virtual Pttl do_pttl(std::string_view key, const KeyOptions& options) = 0;
  virtual void do_close() noexcept = 0;

  enum class Load : std::uint8_t { found, missing, unreadable };
  /// Fills the target, and then calls `convert`, if there is one. Unreadable: what that throws, or reading
  /// the entry, counts as missing.
  Load load(std::string_view key, const ValueTarget& target, const KeyOptions& options,
            void (*convert)(void*), void* context);
  template <class T>
  Load load(std::string_view key, std::optional<T>& found, const KeyOptions& options) {
    detail::Loaded<T> loaded;
    if constexpr (detail::Loaded<T>::is_direct) {
      const Load result = load(key, loaded.target(), options, nullptr, nullptr);
      if (result == Load::found) {
        found.emplace(loaded.take(key));
      }
      return result;
    } else {
      struct Conversion {
        detail::Loaded<T>* loaded;
        std::string_view key;
        std::optional<T>* found;
      };
      Conversion conversion{&loaded, key, &found};
      const auto convert = [](void* context) {
        const auto& [from, name, to] = *static_cast<Conversion*>(context);
        to->emplace(from->take(name));
      };
      return load(key, loaded.target(), options, convert, &conversion);
    }
  }
  template <class T>
  KeyedValues<T> get_keys(std::span<const std::string_view> keys, const KeyOptions& options) {
    KeyedValues<T> found;
    if (!keys.empty()) {
      detail::KeyedTargets<T> targets{found, this};
      do_get_many(keys, targets, options);
      targets.end();
    }
    return found;
  }
};

}  // namespace rediscache
