// Calls on sorted sets.
//
//   cache.zadd("board", {{"ada", 36}, {"grace", 85.5}});
//   std::vector<std::string> best = cache.zrevrange<std::string>("board", 0, 9);
//   for (auto& [name, score] : cache.zrange<rediscache::Scored<std::string>>("board", 0, -1)) ...
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <rediscache/call_options.hpp>
#include <rediscache/detail/call.hpp>
#include <rediscache/detail/replies.hpp>
#include <rediscache/elements.hpp>
#include <rediscache/result.hpp>
#include <rediscache/scores.hpp>

namespace rediscache {

/// For zadd. The server refuses combinations that contradict each other, and `incr` of more than one member.
struct ZaddOptions {
  std::optional<int> version{};
  bool nx = false;    ///< add only; leave members that are there
  bool xx = false;    ///< change only; add none
  bool ch = false;    ///< count those changed too
  bool incr = false;  ///< add the score to the one that is there; see ZaddResult::score()
  bool gt = false;    ///< change only to a greater score
  bool lt = false;    ///< change only to a lesser score
};

/// For zrange.
struct ZrangeOptions {
  std::optional<int> version{};
  bool desc = false;  ///< from the highest score on
};

/// For zrangebyscore, zrevrangebyscore: of what is in range, `num` (nothing: all) from `start` on.
struct ZrangeByScoreOptions {
  std::optional<int> version{};
  std::int64_t start = 0;
  std::optional<std::int64_t> num{};
};

/// The calls on sorted sets, written once for whoever runs them: `Self` runs, and gives back Returned<R>.
///
/// Members are stored as `set` stores the value of a key; scores are doubles, infinite ones included. NaN is
/// an InvalidArgument. Calls that read members bring their scores along when asked for Scored<T>; a member
/// that does not read as T is a DecodeError that names the key. Positions count from 0, negative ones from
/// the end. Omitted: 0, nothing or empty, but for zincrby. An empty list of members asks nothing. Errors: as
/// all calls of a cache. A key of another type is a ResponseError (WRONGTYPE).
template <class Self, template <class> class Returned>
class SortedSets {
 public:
  /// Adds members or changes their scores; how many were added. ZADD.
  Returned<ZaddResult> zadd(std::string_view key, const ScoredElements& members,
                            const ZaddOptions& options = {}) {
    // Sent twice, the second would say that nothing was added.
    return detail::ask<detail::Added>(
        *this, {"ZADD", CommandKind::accumulating_write},
        {detail::key(key), detail::word_if(options.nx, "NX"), detail::word_if(options.xx, "XX"),
         detail::word_if(options.gt, "GT"), detail::word_if(options.lt, "LT"),
         detail::word_if(options.ch, "CH"), detail::word_if(options.incr, "INCR"), members},
        options.version);
  }
  /// Adds to a member's score, which is 0 when it is not there; the new score. ZINCRBY. Omitted: a Score that
  /// says so.
  template <Storable T>
  Returned<Score> zincrby(std::string_view key, double delta, const T& member,
                          const KeyOptions& options = {}) {
    return detail::ask<detail::NewScore>(*this, {"ZINCRBY", CommandKind::accumulating_write},
                                         {detail::key(key), delta, Elements(member)}, options.version);
  }
  /// Removes members; how many were there. ZREM.
  Returned<std::int64_t> zrem(std::string_view key, const Elements& members, const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(*this, {"ZREM", CommandKind::accumulating_write},
                                      {detail::key(key), members}, options.version);
  }
  /// Removes the members with scores from `min` to `max`; how many there were. ZREMRANGEBYSCORE.
  Returned<std::int64_t> zremrangebyscore(std::string_view key, const ScoreBound& min, const ScoreBound& max,
                                          const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(*this, {"ZREMRANGEBYSCORE", CommandKind::accumulating_write},
                                      {detail::key(key), min, max}, options.version);
  }

  /// How many members there are. ZCARD.
  Returned<std::int64_t> zcard(std::string_view key, const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(*this, {"ZCARD", CommandKind::read}, {detail::key(key)},
                                      options.version);
  }
  /// How many have scores from `min` to `max`. ZCOUNT.
  Returned<std::int64_t> zcount(std::string_view key, const ScoreBound& min, const ScoreBound& max,
                                const KeyOptions& options = {}) {
    return detail::ask<detail::Count>(*this, {"ZCOUNT", CommandKind::read}, {detail::key(key), min, max},
                                      options.version);
  }
  /// The score of a member; nothing when it is not there. ZSCORE.
  template <Storable T>
  Returned<std::optional<double>> zscore(std::string_view key, const T& member,
                                         const KeyOptions& options = {}) {
    return detail::ask<detail::MaybeScore>(*this, {"ZSCORE", CommandKind::read},
                                           {detail::key(key), Elements(member)}, options.version);
  }
  /// The scores of members, in order. ZMSCORE.
  Returned<std::vector<std::optional<double>>> zmscore(std::string_view key, const Elements& members,
                                                       const KeyOptions& options = {}) {
    return detail::ask<detail::MaybeScores>(*this, {"ZMSCORE", CommandKind::read},
                                            {detail::key(key), members}, options.version);
  }
  /// The position of a member, the lowest score first; nothing when it is not there. ZRANK.
  template <Storable T>
  Returned<std::optional<std::int64_t>> zrank(std::string_view key, const T& member,
                                              const KeyOptions& options = {}) {
    return detail::ask<detail::Rank>(*this, {"ZRANK", CommandKind::read},
                                     {detail::key(key), Elements(member)}, options.version);
  }
  /// The same, the highest score first. ZREVRANK.
  template <Storable T>
  Returned<std::optional<std::int64_t>> zrevrank(std::string_view key, const T& member,
                                                 const KeyOptions& options = {}) {
    return detail::ask<detail::Rank>(*this, {"ZREVRANK", CommandKind::read},
                                     {detail::key(key), Elements(member)}, options.version);
  }

  /// The members at the positions from `first` to `last`, both included, by rising score. ZRANGE, ZREVRANGE.
  template <LoadableMember T>
  Returned<std::vector<T>> zrange(std::string_view key, std::int64_t first, std::int64_t last,
                                  const ZrangeOptions& options = {}) {
    return detail::ask<detail::AllElements<T>>(
        *this, {options.desc ? "ZREVRANGE" : "ZRANGE", CommandKind::read, detail::at_length},
        {detail::key(key), first, last, with_scores<T>()}, options.version);
  }
  /// The same by falling score. ZREVRANGE.
  template <LoadableMember T>
  Returned<std::vector<T>> zrevrange(std::string_view key, std::int64_t first, std::int64_t last,
                                     const KeyOptions& options = {}) {
    return zrange<T>(key, first, last, {.version = options.version, .desc = true});
  }
  /// The members with scores from `min` to `max`, by rising score. ZRANGEBYSCORE.
  template <LoadableMember T>
  Returned<std::vector<T>> zrangebyscore(std::string_view key, const ScoreBound& min, const ScoreBound& max,
                                         const ZrangeByScoreOptions& options = {}) {
    return range_by_score<T>("ZRANGEBYSCORE", key, min, max, options);
  }
  /// The same by falling score: `max` comes first. ZREVRANGEBYSCORE.
  template <LoadableMember T>
  Returned<std::vector<T>> zrevrangebyscore(std::string_view key, const ScoreBound& max,
                                            const ScoreBound& min, const ZrangeByScoreOptions& options = {}) {
    return range_by_score<T>("ZREVRANGEBYSCORE", key, max, min, options);
  }

  /// Takes the member with the highest score out; nothing when there is none. ZPOPMAX. A member that does not
  /// read as T is a PoppedError, which has the bytes.
  template <Loadable T>
  Returned<std::optional<Scored<T>>> zpopmax(std::string_view key, const KeyOptions& options = {}) {
    return pop_one<T>("ZPOPMAX", key, options);
  }
  /// Takes up to `count` members out, the highest score first. InvalidArgument when it is negative.
  template <Loadable T, Integer N>
  Returned<std::vector<Scored<T>>> zpopmax(std::string_view key, N count, const KeyOptions& options = {}) {
    return pop_many<T>("ZPOPMAX", key, detail::count_to_pop("zpopmax", detail::narrow<std::int64_t>(count)),
                       options);
  }
  /// The same from the lowest score on. ZPOPMIN.
  template <Loadable T>
  Returned<std::optional<Scored<T>>> zpopmin(std::string_view key, const KeyOptions& options = {}) {
    return pop_one<T>("ZPOPMIN", key, options);
  }
  template <Loadable T, Integer N>
  Returned<std::vector<Scored<T>>> zpopmin(std::string_view key, N count, const KeyOptions& options = {}) {
    return pop_many<T>("ZPOPMIN", key, detail::count_to_pop("zpopmin", detail::narrow<std::int64_t>(count)),
                       options);
  }

 private:
  friend Self;
  SortedSets() = default;

  template <class T>
  static detail::Argument with_scores() noexcept {
    return detail::word_if(detail::is_scored<T>, "WITHSCORES");
  }
  template <class T>
  auto range_by_score(std::string_view command, std::string_view key, const ScoreBound& from,
                      const ScoreBound& to, const ZrangeByScoreOptions& options) {
    const bool limits = options.start != 0 || options.num;
    constexpr std::int64_t all = -1;
    const auto number_if = [&](std::int64_t value) {
      return limits ? detail::Argument{value} : detail::Argument{};
    };
    return detail::ask<detail::AllElements<T>>(
        *this, {command, CommandKind::read, detail::at_length},
        {detail::key(key), from, to, with_scores<T>(), detail::word_if(limits, "LIMIT"),
         number_if(options.start), number_if(options.num.value_or(all))},
        options.version);
  }
  template <class T>
  auto pop_one(std::string_view command, std::string_view key, const KeyOptions& options) {
    return detail::ask<detail::Popped<detail::FirstElement<Scored<T>>>>(
        *this, {command, CommandKind::accumulating_write}, {detail::key(key)}, options.version);
  }
  template <class T>
  auto pop_many(std::string_view command, std::string_view key, const detail::Argument& count,
                const KeyOptions& options) {
    return detail::ask<detail::Popped<detail::AllElements<Scored<T>>>>(
        *this, {command, CommandKind::accumulating_write}, {detail::key(key), count}, options.version);
  }
};

}  // namespace rediscache
