// Many calls in one round trip.
//
//   auto pipeline = cache.pipeline();
//   auto name = pipeline.get<std::string>("name");
//   auto hits = pipeline.incr("hits");
//   pipeline.set("seen", true, 1h);
//   pipeline.execute();
//   use(name.value(), hits.value().value_or(0));
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <rediscache/cache.hpp>
#include <rediscache/detail/call.hpp>
#include <rediscache/detail/call_mode.hpp>
#include <rediscache/detail/moved_from.hpp>
#include <rediscache/detail/pipeline_share.hpp>
#include <rediscache/export.hpp>
#include <rediscache/hashes.hpp>
#include <rediscache/lists.hpp>
#include <rediscache/reply.hpp>
#include <rediscache/sets.hpp>
#include <rediscache/sorted_sets.hpp>

namespace rediscache {

namespace cache {
class Core;
class PipelineState;
}  // namespace cache

struct PipelineOptions {
  /// More calls than this are refused: what is queued is memory here, and its replies are memory there.
  std::size_t max_commands = 100'000;
};

namespace detail {

/// Reads the value of a queued get into `target`; false when there is none.
REDISCACHE_API bool load_queued(cache::PipelineState& state, std::size_t index, const ValueTarget& target);
/// Reads the reply to a queued call that was described; leaves `result` as it is when omitted or never asked.
REDISCACHE_API void read_queued_call(cache::PipelineState& state, std::size_t index, ReadReply read,
                                     void* result);
template <class Reads>
typename Reads::Result read_described(cache::PipelineState& state, std::size_t index) {
  typename Reads::Result result{};
  read_queued_call(state, index, &read_into<Reads>, &result);
  return result;
}

/// The caller's key of a queued call.
[[nodiscard]] REDISCACHE_API std::string queued_key(const cache::PipelineState& state, std::size_t index);

/// Whether an entry that does not read counts as missing.
[[nodiscard]] REDISCACHE_API bool ignores(cache::PipelineState& state, const DecodeError& error) noexcept;

template <class T>
std::optional<T> read_queued(cache::PipelineState& state, std::size_t index) {
  Loaded<T> loaded;
  try {
    if (!load_queued(state, index, loaded.target())) {
      return std::nullopt;
    }
    if constexpr (Loaded<T>::is_direct) {
      return std::optional<T>{loaded.take({})};
    } else {
      return std::optional<T>{loaded.take(queued_key(state, index))};
    }
  } catch (const DecodeError& error) {
    if (ignores(state, error)) {
      return std::nullopt;
    }
    throw;
  }
}

}  // namespace detail

/// The result of one queued call, to be had once, after execute(). It may outlive its pipeline, and the
/// cache: it keeps the replies, and what reading them takes.
template <class T>
class [[nodiscard]] Pending {
 public:
  using Read = T (*)(cache::PipelineState& state, std::size_t index);

  Pending(cache::PipelineState& state, std::size_t index, Read read) noexcept
      : state_{state}, index_{index}, read_{read} {}

  /// What the call of the same name on the cache would have returned or thrown. One failed command spoils no
  /// other. InvalidArgument before execute(), and when this was moved from.
  [[nodiscard]] T value() const { return read_(detail::owned_by(state_, "Pending"), index_); }

 private:
  detail::PipelineShare state_;
  std::size_t index_;
  Read read_;
};

/// Calls that are collected, sent together by execute(), and answered in their order. Other clients' commands
/// may come in between: it is no transaction.
///
/// Thread safety: none, and a pipeline and its results are used by one thread at a time. Blocking: only
/// execute(), as one call of the cache.
/// Errors: execute() throws ConnectionInterrupted when the server could not be reached, or returns false when
/// that is ignored; then every value() is what the call returns when omitted. Of several servers
/// (ShardClient) those that answered count: only the calls to the others are omitted. InvalidArgument from
/// every call of a pipeline that was moved from.
class REDISCACHE_API Pipeline : public Sets<Pipeline, Pending>,
                                public Hashes<Pipeline, Pending>,
                                public SortedSets<Pipeline, Pending>,
                                public Lists<Pipeline, Pending> {
 public:
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;
  ~Pipeline();

  template <Storable T>
  Pending<bool> set(std::string_view key, const T& value, const SetOptions& options = {}) {
    return queue_set(key, detail::Stored<T>{key, value}.view(), options);
  }
  template <Storable T, TimeoutLike D>
  Pending<bool> set(std::string_view key, const T& value, D timeout) {
    return set(key, value, SetOptions{.timeout = Timeout{timeout}});
  }
  template <Storable T>
  Pending<bool> add(std::string_view key, const T& value, const WriteOptions& options = {}) {
    return set(key, value, SetOptions{.timeout = options.timeout, .version = options.version, .nx = true});
  }
  template <Storable T, TimeoutLike D>
  Pending<bool> add(std::string_view key, const T& value, D timeout) {
    return add(key, value, WriteOptions{.timeout = Timeout{timeout}});
  }
  template <Loadable T>
  Pending<std::optional<T>> get(std::string_view key, const KeyOptions& options = {}) {
    return {state(), queue_get(key, options), &detail::read_queued<T>};
  }
  Pending<bool> del(std::string_view key, const KeyOptions& options = {});
  Pending<bool> touch(std::string_view key, Timeout timeout = {}, const KeyOptions& options = {});
  Pending<bool> has_key(std::string_view key, const KeyOptions& options = {});
  Pending<Counter> incr(std::string_view key, std::int64_t delta = 1, const IncrOptions& options = {});
  Pending<Counter> decr(std::string_view key, std::int64_t delta = 1, const IncrOptions& options = {});
  Pending<Pttl> pttl(std::string_view key, const KeyOptions& options = {});

  [[nodiscard]] std::size_t size() const noexcept;

  /// Sends everything in one write and waits for all replies. Once. False when omitted.
  bool execute();

 private:
  friend class RedisCache;
  friend struct detail::CallAccess;
  Pipeline(std::shared_ptr<cache::Core> core, const detail::CallMode& mode, const PipelineOptions& options);
  [[nodiscard]] cache::PipelineState& state() const { return detail::owned_by(state_, "Pipeline"); }

  Pending<bool> queue_set(std::string_view key, const ValueView& value, const SetOptions& options);
  std::size_t queue_get(std::string_view key, const KeyOptions& options);
  /// Queues a call on a structure, which its mixin describes.
  template <class Reads>
  Pending<typename Reads::Result> run(const detail::Call& call) {
    return {state(), queue_call(call), &detail::read_described<Reads>};
  }
  std::size_t queue_call(const detail::Call& call);

  detail::PipelineShare state_;
};

}  // namespace rediscache
