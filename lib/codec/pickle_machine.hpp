// The machine that a pickle is a program for: a stack with marks, a memo, and the objects made so far.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "codec/pickle_graph.hpp"
#include "codec/pickle_input.hpp"

namespace rediscache::codec::pickle {

/// The class of the object that django-redis's herd marks its tuples with.
inline constexpr std::string_view herd_module = "django_redis.client.herd";
inline constexpr std::string_view herd_class = "Marker";

/// Every function throws ValueError for what a pickler would not have done. Not thread-safe.
class Machine {
 public:
  using Id = Graph::Id;
  using Kind = Graph::Kind;

  /// For a pickle of that many bytes, which may hold the marker of django-redis's herd or not.
  explicit Machine(std::size_t bytes, bool takes_herd_marker = false);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  [[nodiscard]] Graph& graph() noexcept { return graph_; }

  void push(Id id) { stack_.emplace_back(id); }
  Id pop() {
    const Id id = top();
    stack_.pop_back();
    return id;
  }
  [[nodiscard]] Id top() const {
    if (stack_.size() <= bottom()) {
      fail("it takes from an empty stack");
    }
    return stack_.back();
  }
  void duplicate() { push_again(top()); }
  void mark() {
    if (marks_.size() >= deepest) {
      fail("it is " + nested_too_deep());
    }
    marks_.push_back(stack_.size());
  }
  /// Drops what is on top, a mark too.
  void drop();
  void drop_to_mark() { stack_.resize(pop_mark()); }
  /// The value that is left alone on the stack at the end.
  [[nodiscard]] Id result();

  /// Puts what is on top into the memo, in that place or in the next.
  void remember(std::uint64_t index);
  void remember() {
    if (memoized_ < memo_.size() && memo_[memoized_] == nothing) {
      memo_[memoized_] = top();
      ++memoized_;
    } else {
      remember(memoized_);
    }
  }
  void recall(std::uint64_t index);

  /// A new container of what was pushed since the mark, or of the last `count`.
  void collect_since_mark(Kind kind) { collect(pop_mark(), kind); }
  void collect_last(Kind kind, std::size_t count) { collect(begin_of_last(count), kind); }
  /// The same, added to the container below.
  void add_since_mark(Kind kind);
  void add_last(Kind kind, std::size_t count);

  /// What has a name: only what Python's own pickler needs for sets and bytes in old protocols.
  void push_callable(std::string_view module, std::string_view name);
  void push_callable_of_stack();
  [[noreturn]] static void refuse_class(std::string_view module, std::string_view name);
  /// What the call of such a callable stands for.
  void reduce();
  /// An object of a class, of which only the marker of the herd is taken.
  void make_object();

 private:
  static constexpr Id nothing = std::numeric_limits<Id>::max();

  void push_again(Id id);
  /// Below the last mark nothing can be taken.
  [[nodiscard]] std::size_t bottom() const noexcept { return marks_.empty() ? 0 : marks_.back(); }
  [[nodiscard]] std::size_t pop_mark();
  [[nodiscard]] std::size_t begin_of_last(std::size_t count) const;
  [[nodiscard]] Id container(std::size_t begin, Kind kind) const;
  void collect(std::size_t begin, Kind kind);
  void fill(Id container, std::size_t begin);
  /// What `callable` makes of `given`, or nothing.
  [[nodiscard]] Id made_by(Id callable, const std::vector<Id>& given);

  // Enough for a pickle of some dozens of objects.
  std::array<std::byte, 4096> room_;
  std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
  Graph graph_;
  std::pmr::vector<Id> stack_{&memory_};
  std::pmr::vector<std::size_t> marks_{&memory_};
  std::pmr::vector<Id> memo_{&memory_};
  std::uint64_t memoized_ = 0;
  std::size_t most_memo_;
  bool takes_herd_marker_;
};

}  // namespace rediscache::codec::pickle
