// What calls on sorted sets take and give: members with scores, and bounds of scores.
//
//   cache.zadd("board", {{"ada", 36}, {"grace", 85.5}});
//   for (auto& [name, score] : cache.zrange<rediscache::Scored<std::string>>("board", 0, -1)) ...
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ranges>
#include <string_view>
#include <type_traits>

#include <rediscache/elements.hpp>
#include <rediscache/export.hpp>
#include <rediscache/result.hpp>

namespace rediscache {

/// A member of a sorted set with its score. Asked for in place of T, as in `zrange<Scored<int>>`, it brings
/// the scores along.
template <class T>
struct Scored {
  T member{};
  double score = 0;

  friend bool operator==(const Scored&, const Scored&) = default;
};

namespace detail {

template <class T>
inline constexpr bool is_scored = false;
template <class T>
inline constexpr bool is_scored<Scored<T>> = true;

template <class T>
inline constexpr bool is_loadable_scored = false;
template <class T>
inline constexpr bool is_loadable_scored<Scored<T>> = Loadable<T>;

template <class T>
concept AnyNumber = Integer<T> || Floating<T>;

template <class E>
concept HasMemberAndScore = requires(const E& entry) {
  entry.member;
  { entry.score } -> std::convertible_to<double>;
};
template <class E>
concept IsMemberAndScore = requires(const E& entry) {
  requires Storable<std::remove_cvref_t<decltype(entry.first)>>;
  requires AnyNumber<std::remove_cvref_t<decltype(entry.second)>>;
};

/// Called with each member and its score.
struct ScoredVisitor {
  void (*visit)(void* context, const ValueView& member, double score);
  void* context;
};

/// Visits a member with the score that belongs to it.
inline void visit_scored(const Element& member, double score, std::string_view key,
                         const ScoredVisitor& visitor) {
  struct Both {
    const ScoredVisitor& visitor;
    double score;
  };
  Both both{visitor, score};
  member.visit(key, {[](void* context, const ValueView& value) {
                       const auto& [to, with] = *static_cast<Both*>(context);
                       to.visit(to.context, value, with);
                     },
                     &both});
}

}  // namespace detail

/// What zrange and the like can be asked for: T, or Scored<T>.
template <class T>
concept LoadableMember = Loadable<T> || detail::is_loadable_scored<T>;

/// One member and its score. Refers to the member: for arguments only.
struct ScoredElement {
  template <Storable T, detail::AnyNumber S>
  ScoredElement(const T& value, S of_it) noexcept : member{value}, score{static_cast<double>(of_it)} {}

  Element member;
  double score;
};

/// Members with their scores: a list in braces, or a range of pairs or of Scored, such as a map. Refers to
/// them: for arguments only.
class ScoredElements {
 public:
  ScoredElements() noexcept = default;
  ScoredElements(std::initializer_list<ScoredElement> entries) noexcept
      : from_{detail::begin_of(entries)}, count_{entries.size()}, walk_{&walk_list} {}
  template <std::ranges::forward_range R>
    requires(detail::HasMemberAndScore<std::ranges::range_value_t<const R>> ||
             detail::IsMemberAndScore<std::ranges::range_value_t<const R>>)
  ScoredElements(const R& range)
      : from_{std::addressof(range)},
        count_{static_cast<std::size_t>(std::ranges::distance(range))},
        walk_{&walk_range<R>} {}

  // For caches.
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  void visit(std::string_view key, const detail::ScoredVisitor& visitor) const {
    if (count_ > 0) {
      walk_(from_, count_, key, visitor);
    }
  }

 private:
  using Walk = void (*)(const void* from, std::size_t count, std::string_view key,
                        const detail::ScoredVisitor& visitor);

  static void walk_list(const void* from, std::size_t count, std::string_view key,
                        const detail::ScoredVisitor& visitor) {
    const auto* const entries = static_cast<const ScoredElement*>(from);
    for (std::size_t i = 0; i < count; ++i) {
      detail::visit_scored(entries[i].member, entries[i].score, key, visitor);
    }
  }
  template <class R>
  static void walk_range(const void* from, std::size_t, std::string_view key,
                         const detail::ScoredVisitor& visitor) {
    for (const auto& entry : *static_cast<const R*>(from)) {
      if constexpr (detail::HasMemberAndScore<std::ranges::range_value_t<const R>>) {
        detail::visit_scored(entry.member, static_cast<double>(entry.score), key, visitor);
      } else {
        detail::visit_scored(entry.first, static_cast<double>(entry.second), key, visitor);
      }
    }
  }

  const void* from_ = nullptr;
  std::size_t count_ = 0;
  Walk walk_ = nullptr;
};

/// Where a range of scores begins or ends: a number, which belongs to it; exclusive() of one, which does not;
/// or redis-py's text: "-inf", "+inf", "(5". InvalidArgument for other text and for NaN.
class ScoreBound {
 public:
  template <detail::AnyNumber N>
  ScoreBound(N score) : ScoreBound{static_cast<double>(score), false} {}
  template <detail::TextLike T>
  ScoreBound(const T& text) : ScoreBound{parsed(std::string_view{text})} {}
  [[nodiscard]] static ScoreBound exclusive(double score) { return {score, true}; }

  [[nodiscard]] double score() const noexcept { return score_; }
  [[nodiscard]] bool is_exclusive() const noexcept { return exclusive_; }

 private:
  REDISCACHE_API ScoreBound(double score, bool exclusive);
  REDISCACHE_API static ScoreBound parsed(std::string_view text);

  double score_;
  bool exclusive_;
};

/// What a zadd did.
///
///   std::int64_t added = cache.zadd("board", {{"ada", 36}});
///   std::optional<double> score = cache.zadd("board", {{"ada", 1}}, {.incr = true}).score();
class ZaddResult {
 public:
  constexpr ZaddResult() noexcept = default;
  constexpr ZaddResult(std::int64_t count) noexcept : count_{count} {}
  [[nodiscard]] static constexpr ZaddResult with_score(double score) noexcept {
    ZaddResult result;
    result.score_ = score;
    return result;
  }

  /// How many members were added; with `ch`, added or given another score. With `incr` 0.
  [[nodiscard]] constexpr std::int64_t count() const noexcept { return count_; }
  constexpr operator std::int64_t() const noexcept { return count_; }
  /// With `incr` the new score; nothing when nx, xx, gt or lt kept the old one. Without it nothing.
  [[nodiscard]] constexpr std::optional<double> score() const noexcept { return score_; }

 private:
  std::int64_t count_ = 0;
  std::optional<double> score_;
};

}  // namespace rediscache
