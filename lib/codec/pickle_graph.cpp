#include "codec/pickle_graph.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <span>
#include <unordered_map>
#include <utility>

#include <rediscache/error.hpp>

#include "codec/limits.hpp"
#include "codec/value_access.hpp"

namespace rediscache::codec::pickle {
namespace {

constexpr std::size_t most_copied_objects = 1'000'000;
constexpr std::size_t most_copied_bytes = std::size_t{64} << 20U;

Bytes to_bytes(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Graph::Graph(std::size_t bytes, std::pmr::memory_resource* memory)
    : nodes_{memory},
      links_{memory},
      bytes_left_{bytes + most_copied_bytes},
      objects_left_{std::min(bytes + most_copied_objects, most_values)} {
  const std::size_t guess = std::min<std::size_t>(bytes / 8 + 4, 64);
  nodes_.reserve(guess);
  links_.reserve(guess);
}

void Graph::throw_too_many() {
  throw ValueError{"the pickle has " + too_many_values()};
}

Graph::Id Graph::add_integer(std::string_view digits) {
  const Value value = Value::integer_of(digits);
  if (value.kind() == Value::Kind::big_integer) {
    return add_text(Kind::big_integer, own(value.as_digits()));
  }
  if (value.needs_unsigned()) {
    return add(Kind::unsigned_integer, value.as_unsigned());
  }
  return add_integer(value.as_integer());
}

Graph::Id Graph::add_float(double value) {
  return add(Kind::floating, std::bit_cast<std::uint64_t>(value));
}

void Graph::append(Id container, std::span<const Id> parts) {
  Node& node = nodes_[container];
  const std::size_t step = node.kind == Kind::dict ? 2 : 1;
  const std::size_t added = parts.size() / step;
  if (added == 0) {
    return;
  }
  if (links_.size() + added > most_values) {
    throw_too_many();
  }
  const auto first = static_cast<Id>(links_.size());
  for (std::size_t i = 0; i < parts.size(); i += step) {
    links_.emplace_back(parts[i], parts[i + step - 1]);
    links_.back().next = static_cast<Id>(links_.size());
  }
  links_.back().next = nothing;
  (node.count == 0 ? node.first : links_[node.last].next) = first;
  node.last = static_cast<Id>(links_.size() - 1);
  node.count += static_cast<std::uint32_t>(added);
}

std::vector<Graph::Id> Graph::elements(Id container) const {
  std::vector<Id> elements;
  for (Id at = nodes_[container].first; at != nothing; at = links_[at].next) {
    elements.push_back(links_[at].key);
  }
  return elements;
}

bool Graph::same_key(Id left, Id right) const noexcept {
  const Node& one = nodes_[left];
  const Node& other = nodes_[right];
  if (one.bits != other.bits || one.kind != other.kind || one.count != 0 || other.count != 0) {
    return false;
  }
  // Most keys of one length differ at an end, which is quicker to see than to compare them.
  const std::string_view text = one.view();
  const std::string_view other_text = other.view();
  return text.empty() ||
         (text.back() == other_text.back() && text.front() == other_text.front() && text == other_text);
}

void Graph::let_last_of_repeated_keys_win(const Node& dict) {
  const auto repeat = [&](Link& first, Link& again) {
    first.value = again.value;
    again.is_repeated = true;
  };
  if (dict.count <= few_keys) {
    std::uint64_t seen = 0;
    for (Id at = dict.first; at != nothing; at = links_[at].next) {
      // A bit for what is quickly seen of the key: while it is new, the key is.
      const Node& key = nodes_[links_[at].key];
      const std::string_view text = key.view();
      const std::uint64_t ends = text.empty()
                                     ? key.bits
                                     : text.size() * 31 + static_cast<unsigned char>(text.front()) * 7U +
                                           static_cast<unsigned char>(text.back());
      const std::uint64_t bit = std::uint64_t{1} << (ends % 64);
      if ((seen & bit) == 0) {
        seen |= bit;
        continue;
      }
      for (Id before = dict.first; before != at; before = links_[before].next) {
        if (!links_[before].is_repeated && same_key(links_[before].key, links_[at].key)) {
          repeat(links_[before], links_[at]);
        }
      }
    }
    return;
  }
  const auto hash = [&](Id key) {
    return std::hash<std::string_view>{}(nodes_[key].view()) ^ std::hash<std::uint64_t>{}(nodes_[key].bits);
  };
  const auto same = [&](Id left, Id right) { return left == right || same_key(left, right); };
  std::unordered_map<Id, Id, decltype(hash), decltype(same)> index(dict.count, hash, same);
  for (Id at = dict.first; at != nothing; at = links_[at].next) {
    if (nodes_[links_[at].key].count > 0) {
      continue;  // tuples: compared, they would be many, in one place of the index
    }
    const auto [found, is_new] = index.emplace(links_[at].key, at);
    if (!is_new) {
      repeat(links_[found->second], links_[at]);
    }
  }
}

/// A container that is being built: what it is made into, and the next of its links.
struct Graph::Level {
  Id id;
  Id at;
  Value::List* list;  // null for a dict
  Value::Dict* dict;
  bool has_key = false;  // of the entry at `at`, whose value comes next
};

const Graph::Node& Graph::account_for(Id id) {
  const Node& node = nodes_[id];
  const std::size_t size = node.view().size();
  if (objects_left_ == 0 || bytes_left_ < size) {
    throw ValueError{"the pickle repeats its parts too often"};
  }
  --objects_left_;
  bytes_left_ -= size;
  return node;
}

Value Graph::build_scalar(Id id) {
  const Node& node = account_for(id);
  const std::string_view text = node.view();
  switch (node.kind) {
    case Kind::boolean:
      return ValueAccess::make<bool>(node.bits == 1);
    case Kind::integer:
      return ValueAccess::make<std::int64_t>(static_cast<std::int64_t>(node.bits));
    case Kind::unsigned_integer:
      return ValueAccess::make<std::uint64_t>(node.bits);
    case Kind::big_integer:
      return Value::integer_of(text);
    case Kind::floating:
      return ValueAccess::make<double>(std::bit_cast<double>(node.bits));
    case Kind::text:
      return ValueAccess::make<std::string>(text);
    case Kind::bytes:
      return ValueAccess::make<Bytes>(to_bytes(text));
    case Kind::callable:
      throw ValueError{"the pickle holds " + std::string{text} + ", which is no value"};
    case Kind::none:
    case Kind::list:
    case Kind::tuple:
    case Kind::set:
    case Kind::dict:
      break;
  }
  return {};
}

/// Becomes the object of `id` in the place where it is needed: moving a Value costs as much as making one.
struct Graph::Scalar {
  Graph& graph;
  Id id;

  operator Value() const { return graph.build_scalar(id); }  // NOLINT(google-explicit-constructor)
};

Value Graph::build(Id id) {
  Value built;
  Levels levels;
  build_into(built, id, levels);
  while (!levels.empty()) {
    build_next(levels);
  }
  return built;
}

void Graph::build_into(Value& place, Id id, Levels& levels) {
  if (is_container(nodes_[id].kind)) {
    enter(place, id, levels);
  } else {
    place = build_scalar(id);
  }
}

void Graph::enter(Value& place, Id id, Levels& levels) {
  static_cast<void>(account_for(id));
  Node& node = nodes_[id];
  if (node.is_open) {
    throw ValueError{"the pickle holds an object that is inside itself"};
  }
  if (levels.is_full()) {
    throw ValueError{"the pickle is " + nested_too_deep()};
  }
  node.is_open = true;  // an exception ends the graph, so nobody need close it then
  if (node.kind == Kind::dict) {
    let_last_of_repeated_keys_win(node);
    place = Value::Dict{};
  } else {
    place = node.kind == Kind::list    ? Value{Value::List{}}
            : node.kind == Kind::tuple ? Value::tuple({})
                                       : Value::set({});
  }
  Value::List* const list = ValueAccess::elements(place);
  auto* const dict = ValueAccess::get_if<Value::Dict>(place);
  if (list != nullptr) {
    list->reserve(node.count);
  } else {
    dict->reserve(node.count);
  }
  levels.push({.id = id, .at = node.first, .list = list, .dict = dict});
}

/// Goes on with the innermost container, up to the next one inside it or to its end.
void Graph::build_next(Levels& levels) {
  if (levels.top().dict != nullptr) {
    build_entries(levels);
  } else {
    build_elements(levels);
  }
}

void Graph::build_elements(Levels& levels) {
  Level& level = levels.top();
  while (level.at != nothing) {
    const Link& link = links_[level.at];
    level.at = link.next;
    if (is_container(nodes_[link.key].kind)) {
      return enter(level.list->emplace_back(), link.key, levels);
    }
    level.list->emplace_back(Scalar{*this, link.key});
  }
  nodes_[level.id].is_open = false;
  levels.pop();
}

void Graph::build_entries(Levels& levels) {
  Level& level = levels.top();
  while (level.at != nothing) {
    const Link& link = links_[level.at];
    const Kind key = nodes_[link.key].kind;
    const Kind value = nodes_[link.value].kind;
    if (key == Kind::list || key == Kind::dict || key == Kind::set) {
      throw ValueError{"the pickle has a key of a kind that Python has no hash of"};
    }
    if (link.is_repeated) {
      level.at = link.next;
      continue;
    }
    if (key == Kind::tuple && !level.has_key) {
      level.has_key = true;
      return enter(level.dict->emplace_back().first, link.key, levels);
    }
    level.at = link.next;
    if (!level.has_key && !is_container(value)) {
      level.dict->emplace_back(Scalar{*this, link.key}, Scalar{*this, link.value});
      continue;
    }
    if (!level.has_key) {
      level.dict->emplace_back().first = build_scalar(link.key);
    }
    level.has_key = false;
    Value& place = level.dict->back().second;
    if (is_container(value)) {
      return enter(place, link.value, levels);
    }
    place = build_scalar(link.value);
  }
  nodes_[level.id].is_open = false;
  levels.pop();
}

}  // namespace rediscache::codec::pickle
