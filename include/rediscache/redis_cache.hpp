// A cache on a Redis server.
//
//   rediscache::RedisCache cache{{.location = {"redis://127.0.0.1:6379/1"}, .key_prefix = "shop"}};
//   cache.set("greeting", "hello", 5min);
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/cache.hpp>
#include <rediscache/detail/call.hpp>
#include <rediscache/detail/call_mode.hpp>
#include <rediscache/detail/owned.hpp>
#include <rediscache/detail/pages.hpp>
#include <rediscache/export.hpp>
#include <rediscache/hashes.hpp>
#include <rediscache/lists.hpp>
#include <rediscache/lock.hpp>
#include <rediscache/metrics.hpp>
#include <rediscache/options.hpp>
#include <rediscache/pipeline.hpp>
#include <rediscache/reply.hpp>
#include <rediscache/scan.hpp>
#include <rediscache/semaphore.hpp>
#include <rediscache/sets.hpp>
#include <rediscache/shared_lock.hpp>
#include <rediscache/sorted_sets.hpp>
#include <rediscache/subscription.hpp>
#include <rediscache/timeout.hpp>

namespace rediscache {

namespace cache {
class Core;
}  // namespace cache

namespace detail {

template <class T>
std::string argument_text(const T& argument) {
  if constexpr (Integer<T>) {
    return std::to_string(argument);
  } else {
    return std::string{std::string_view{argument}};
  }
}

}  // namespace detail

/// A cache on a Redis server, with django-redis's keys, values and semantics.
///
/// Making one checks the options and connects to nothing; the first call connects. With `ignore_exceptions`
/// every failure of the server or the way to it (ConnectionInterrupted) is swallowed, counted and shown to
/// the observer, and the call returns what stands as "omitted" with it in Cache.
///
/// Thread safety: one object may be used by all threads at once. After fork() the child's first call opens
/// connections of its own. Calls work until the process has ended, in destructors of static and thread-local
/// objects too; docs/lifetime.md has the exceptions.
/// Errors: InvalidOptions from the constructor; ConnectionInterrupted and its kinds from every call, unless
/// ignored; InvalidArgument from every call of an object that was moved from; see Cache for the others.
/// Blocking: a call takes at most `Options::call_timeout`, or the time of within(); delete_pattern that long
/// for each of its round trips, clear `Options::clear_timeout`, and a command that blocks its own time more.
class REDISCACHE_API RedisCache final : public Cache,
                                        public Sets<RedisCache, detail::AtOnce>,
                                        public Hashes<RedisCache, detail::AtOnce>,
                                        public SortedSets<RedisCache, detail::AtOnce>,
                                        public Lists<RedisCache, detail::AtOnce> {
 public:
  explicit RedisCache(const Options& options = {});
  ~RedisCache() override;
  RedisCache(const RedisCache&) = delete;
  RedisCache& operator=(const RedisCache&) = delete;
  RedisCache(RedisCache&&) noexcept;
  RedisCache& operator=(RedisCache&&) noexcept;

  /// The same cache, sharing everything, but it never omits: for the calls where silence is dangerous. A
  /// `del` that did not happen leaves old data to be read.
  [[nodiscard]] RedisCache strict() const;

  /// The same cache, sharing everything, but each of its calls has this deadline in place of `call_timeout`,
  /// longer or shorter: `cache.within(20ms).get<User>(key)`. It counts for whatever the view gives out as
  /// well: pipelines, walks, locks. A call that has no time left fails as a TimeoutError, or is omitted; that
  /// says nothing about the server, and other calls do not suffer. Less than 1 ms counts as 1 ms, zero and
  /// less leave no time at all. `within(...)` and strict() combine, in either order.
  template <class Rep, class Period>
  [[nodiscard]] RedisCache within(std::chrono::duration<Rep, Period> time) const {
    return with_deadline(Timeout{time}.time());
  }

  /// Collects calls to send them in one round trip.
  [[nodiscard]] Pipeline pipeline(const PipelineOptions& options = {}) const;

  /// A lock under a key of this cache; not acquired yet.
  [[nodiscard]] Lock lock(std::string_view key, const LockOptions& options = {}) const;
  /// One of so many permits under a key of this cache; not acquired yet.
  [[nodiscard]] Semaphore semaphore(std::string_view key, const SemaphoreOptions& options = {}) const;
  /// A lock that many may share or one hold alone, under a key of this cache; not acquired yet.
  [[nodiscard]] SharedLock shared_lock(std::string_view key, const LockOptions& options = {}) const;

  /// Sends any command, `cache.execute("STRLEN", cache.make_key("page"))`, with keys as the server sees them.
  /// A name of two words may be given as one text, "CONFIG GET". Sent again after a lost connection only if
  /// it is known to be safe. Commands that block (BLPOP, XREAD BLOCK, WAIT) have the time in their arguments
  /// beside the call's own; 0, for ever, is InvalidArgument. So are commands that would change a connection
  /// other calls share; one that is not known goes over a connection of its own, which is closed afterwards.
  /// WAIT sends an empty message to the channel `rediscache:wait` first, behind which replicas have all that
  /// was written before. An error reply throws ResponseError. Omitted: nothing.
  template <class... Arguments>
    requires((detail::TextLike<Arguments> || Integer<Arguments>) && ...)
  std::optional<Reply> execute(std::string_view command, const Arguments&... arguments) {
    const std::array<std::string, sizeof...(Arguments)> texts{detail::argument_text(arguments)...};
    const auto views = detail::views_of(texts);
    return execute(command, std::span{views});
  }
  std::optional<Reply> execute(std::string_view command, std::span<const std::string_view> arguments);

  /// Sends a message to whoever is subscribed to the channel now; how many got it. Neither channel nor
  /// payload is changed: no prefix, no serializer. A call that may have reached the server is not sent again.
  /// Omitted: 0.
  std::int64_t publish(std::string_view channel, std::string_view payload);
  /// The same to those that are subscribed to it as a sharded channel (Redis 7 or newer).
  std::int64_t spublish(std::string_view channel, std::string_view payload);
  /// Subscribes to what others publish. Returns at once, whether or not there is a server.
  [[nodiscard]] Subscription subscribe(const SubscribeOptions& options) const;
  /// The same, and a thread of the subscription's own calls `callback` with what comes, one at a time. What
  /// it throws is logged, and it is called again.
  [[nodiscard]] Subscription subscribe(const SubscribeOptions& options,
                                       Subscription::Callback callback) const;

  /// The members of a set, a page at a time, while they are walked through. SSCAN. Omitted: the walk ends,
  /// and complete() says that it was not.
  template <Loadable T>
  [[nodiscard]] Scan<T> sscan_iter(std::string_view key, const ScanOptions& options = {}) {
    return Scan<T>{std::make_unique<detail::ReadPages<detail::AllElements<T>>>(walk_set(key, options))};
  }
  /// The fields of a hash and their values likewise; those of every version, unless `match` is given. HSCAN.
  template <Loadable T>
  [[nodiscard]] Scan<std::pair<std::string, T>> hscan_iter(std::string_view name,
                                                           const ScanOptions& options = {}) {
    return Scan<std::pair<std::string, T>>{
        std::make_unique<detail::ReadPages<detail::AllFields<T>>>(walk_hash(name, options))};
  }

  /// What has been counted so far, also through strict().
  [[nodiscard]] Statistics statistics() const;

  /// The key that the server sees for `key`.
  [[nodiscard]] std::string make_key(std::string_view key, const KeyOptions& options = {}) const;
  /// The caller's key of a key that the server sees.
  [[nodiscard]] std::string reverse_key(std::string_view made_key) const;

 private:
  friend struct detail::CallAccess;

  RedisCache(std::shared_ptr<cache::Core> core, const detail::CallMode& mode) noexcept;
  [[nodiscard]] RedisCache with_deadline(std::chrono::milliseconds time) const;
  /// InvalidArgument after a move.
  [[nodiscard]] cache::Core& core() const;

  /// Runs a call on a structure, which its mixin describes.
  template <class Reads>
  typename Reads::Result run(const detail::Call& call) {
    typename Reads::Result result{};
    run_call(call, &detail::read_into<Reads>, &result);
    return result;
  }
  void run_call(const detail::Call& call, detail::ReadReply read, void* result);
  detail::Owned<detail::ReplyPages> walk_set(std::string_view key, const ScanOptions& options);
  detail::Owned<detail::ReplyPages> walk_hash(std::string_view name, const ScanOptions& options);

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

  [[nodiscard]] std::size_t itersize(const PatternOptions& options) const;

  std::shared_ptr<cache::Core> core_;  // null only after a move
  detail::CallMode mode_{};
};

}  // namespace rediscache
