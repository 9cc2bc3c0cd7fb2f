// The objects of a pickle while it is read: in pickles one object may be part of several others, and is still
// being filled when others refer to it. A Value is a tree, made of the graph at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/value.hpp>

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

  /// How much may be built of shared parts beyond what a pickle of `bytes` bytes holds once.
  explicit Graph(std::size_t bytes);

  Id add_none() { return add({.kind = Kind::none}); }
  Id add_bool(bool value) { return add({.kind = Kind::boolean, .bits = value ? 1U : 0U}); }
  Id add_integer(std::int64_t value) {
    return add({.kind = Kind::integer, .bits = static_cast<std::uint64_t>(value)});
  }
  /// The integer of these digits, with at most a minus sign before them.
  Id add_integer(std::string_view digits);
  Id add_float(double value);
  Id add_text(std::string_view text) { return add({.kind = Kind::text, .text = text}); }
  Id add_bytes(std::string_view bytes) { return add({.kind = Kind::bytes, .text = bytes}); }
  /// An empty list, tuple, dict or set.
  Id add_container(Kind kind) { return add({.kind = kind}); }
  Id add_callable(Callable callable, std::string_view name) {
    return add({.kind = Kind::callable, .bits = static_cast<std::uint64_t>(callable), .text = name});
  }
  /// Keeps text that is not part of the pickle.
  std::string_view own(std::string text) { return owned_.emplace_front(std::move(text)); }

  void append(Id container, Id element) { link(container, element, 0); }
  void set_item(Id dict, Id key, Id value) { link(dict, key, value); }

  [[nodiscard]] Kind kind(Id id) const noexcept { return nodes_[id].kind; }
  [[nodiscard]] Callable callable(Id id) const noexcept { return static_cast<Callable>(nodes_[id].bits); }
  [[nodiscard]] std::string_view text(Id id) const noexcept { return nodes_[id].text; }
  [[nodiscard]] std::vector<Id> elements(Id container) const;

  /// The object and all that it holds. ValueError for what no Value holds: objects inside themselves, nesting
  /// beyond 1000 levels, keys that Python has no hash of, and far more copies than the pickle has bytes.
  [[nodiscard]] Value build(Id id) { return build(id, 0); }

 private:
  static constexpr Id nothing = std::numeric_limits<Id>::max();

  struct Node {
    Kind kind = Kind::none;
    bool is_open = false;  ///< it is being built
    std::uint32_t count = 0;
    Id first = nothing;
    Id last = nothing;
    std::uint64_t bits = 0;
    std::string_view text{};
  };
  struct Link {
    Id key = 0;
    Id value = 0;
    Id next = nothing;
    bool is_repeated = false;
  };

  Id add(const Node& node);
  void link(Id container, Id key, Id value);
  [[nodiscard]] bool same_key(Id left, Id right) const noexcept;
  void let_last_of_repeated_keys_win(const Node& dict);
  [[nodiscard]] Value build(Id id, int depth);
  [[nodiscard]] Value build_container(Id id, int depth);
  [[nodiscard]] Value build_dict(Id id, int depth);

  std::vector<Node> nodes_;
  std::vector<Link> links_;
  std::forward_list<std::string> owned_;
  std::size_t bytes_left_;
  std::size_t objects_left_;
};

}  // namespace rediscache::codec::pickle
