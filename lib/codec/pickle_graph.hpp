// The objects of a pickle while it is read: in pickles one object may be part of several others, and is still
// being filled when others refer to it. A Value is a tree, made of the graph at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <limits>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/value.hpp>

#include "codec/level_stack.hpp"
#include "codec/limits.hpp"

namespace rediscache::codec::pickle {

/// Not thread-safe. Text that is not given to own() must outlive the graph.
class Graph {
 public:
  using Id = std::uint32_t;
  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    unsigned_integer,
    big_integer,
    floating,
    text,
    bytes,
    list,
    tuple,
    dict,
    set,
    callable
  };
  /// The only things with a name that pickles of simple values refer to. None is ever called: what they would
  /// make is known.
  enum class Callable : std::uint8_t { make_set, make_bytes, encode, herd_class, herd_marker, other };

  /// For a pickle of `bytes` bytes, which limits how much may be built of shared parts beyond what it holds
  /// once. Lives in `memory`.
  Graph(std::size_t bytes, std::pmr::memory_resource* memory);

  Id add_none() { return add(Kind::none); }
  Id add_bool(bool value) { return add(Kind::boolean, value ? 1U : 0U); }
  Id add_integer(std::int64_t value) { return add(Kind::integer, static_cast<std::uint64_t>(value)); }
  /// The integer of these digits, with at most a minus sign before them.
  Id add_integer(std::string_view digits);
  Id add_float(double value);
  Id add_text(std::string_view text) { return add_text(Kind::text, text); }
  Id add_bytes(std::string_view bytes) { return add_text(Kind::bytes, bytes); }
  /// An empty list, tuple, dict or set.
  Id add_container(Kind kind) { return add(kind); }
  Id add_callable(Callable callable, std::string_view name) {
    const Id id = add_text(Kind::callable, name);
    nodes_[id].first = static_cast<Id>(callable);
    return id;
  }
  /// Keeps text that is not part of the pickle.
  std::string_view own(std::string text) { return owned_.emplace_front(std::move(text)); }

  /// Adds elements to a list, tuple or set; keys and values in turn to a dict.
  void append(Id container, std::span<const Id> parts);

  [[nodiscard]] Kind kind(Id id) const noexcept { return nodes_[id].kind; }
  [[nodiscard]] Callable callable(Id id) const noexcept { return static_cast<Callable>(nodes_[id].first); }
  [[nodiscard]] std::string_view text(Id id) const noexcept { return nodes_[id].view(); }
  [[nodiscard]] std::vector<Id> elements(Id container) const;

  /// The object and all that it holds. ValueError for what no Value holds: objects inside themselves, nesting
  /// beyond 1000 levels, keys that Python has no hash of, and far more copies than the pickle has bytes.
  [[nodiscard]] Value build(Id id);

 private:
  static constexpr Id nothing = std::numeric_limits<Id>::max();

  struct Node {
    Node(Kind of_kind, std::uint64_t number_or_size, const char* begin) noexcept
        : kind{of_kind}, bits{number_or_size}, text{begin} {}

    Kind kind;
    bool is_open = false;  ///< it is being built
    std::uint32_t count = 0;
    Id first = nothing;
    Id last = nothing;
    std::uint64_t bits;  ///< a number, or how long the text is
    const char* text;    ///< text, bytes, digits, or a name

    [[nodiscard]] std::string_view view() const noexcept {
      return text == nullptr ? std::string_view{} : std::string_view{text, static_cast<std::size_t>(bits)};
    }
  };
  struct Scalar;
  struct Level;
  using Levels = LevelStack<Level>;
  struct Link {
    Link(Id of_key, Id of_value) noexcept : key{of_key}, value{of_value} {}

    Id key;
    Id value;
    Id next = nothing;
    bool is_repeated = false;
  };

  Id add(Kind kind, std::uint64_t bits = 0, const char* text = nullptr) {
    if (nodes_.size() >= most_values) {
      throw_too_many();
    }
    nodes_.emplace_back(kind, bits, text);
    return static_cast<Id>(nodes_.size() - 1);
  }
  Id add_text(Kind kind, std::string_view text) { return add(kind, text.size(), text.data()); }
  [[noreturn]] static void throw_too_many();
  [[nodiscard]] bool same_key(Id left, Id right) const noexcept;
  void let_last_of_repeated_keys_win(const Node& dict);
  [[nodiscard]] static bool is_container(Kind kind) noexcept {
    return kind == Kind::list || kind == Kind::tuple || kind == Kind::dict || kind == Kind::set;
  }
  [[nodiscard]] const Node& account_for(Id id);
  [[nodiscard]] Value build_scalar(Id id);
  void build_into(Value& place, Id id, Levels& levels);
  void enter(Value& place, Id id, Levels& levels);
  void build_next(Levels& levels);
  void build_elements(Levels& levels);
  void build_entries(Levels& levels);

  std::pmr::vector<Node> nodes_;
  std::pmr::vector<Link> links_;
  std::forward_list<std::string> owned_;
  std::size_t bytes_left_;
  std::size_t objects_left_;
};

}  // namespace rediscache::codec::pickle
