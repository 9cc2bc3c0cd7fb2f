#include "codec/pickle_graph.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <span>
#include <unordered_map>
#include <utility>

#include <rediscache/error.hpp>

namespace rediscache::codec::pickle {
namespace {

constexpr int deepest = 1000;
constexpr std::size_t most_objects = 10'000'000;
constexpr std::size_t most_copied_objects = 1'000'000;
constexpr std::size_t most_copied_bytes = std::size_t{64} << 20U;
/// Up to here looking at each pair of keys costs less than an index of them.
constexpr std::uint32_t few_keys = 16;

Bytes to_bytes(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Graph::Graph(std::size_t bytes)
    : bytes_left_{bytes + most_copied_bytes}, objects_left_{bytes + most_copied_objects} {
  const std::size_t guess = std::min<std::size_t>(bytes / 8 + 4, 64);
  nodes_.reserve(guess);
  links_.reserve(guess);
}

Graph::Id Graph::add(const Node& node) {
  if (nodes_.size() >= most_objects) {
    throw ValueError{"the pickle has more than " + std::to_string(most_objects) + " objects"};
  }
  nodes_.push_back(node);
  return static_cast<Id>(nodes_.size() - 1);
}

Graph::Id Graph::add_integer(std::string_view digits) {
  const Value value = Value::integer_of(digits);
  if (value.kind() == Value::Kind::big_integer) {
    return add({.kind = Kind::big_integer, .text = own(value.as_digits())});
  }
  if (value.needs_unsigned()) {
    return add({.kind = Kind::unsigned_integer, .bits = value.as_unsigned()});
  }
  return add_integer(value.as_integer());
}

Graph::Id Graph::add_float(double value) {
  return add({.kind = Kind::floating, .bits = std::bit_cast<std::uint64_t>(value)});
}

void Graph::link(Id container, Id key, Id value) {
  if (links_.size() >= most_objects) {
    throw ValueError{"the pickle has more than " + std::to_string(most_objects) + " objects"};
  }
  const auto added = static_cast<Id>(links_.size());
  links_.push_back({.key = key, .value = value});
  Node& node = nodes_[container];
  if (node.count == 0) {
    node.first = added;
  } else {
    links_[node.last].next = added;
  }
  node.last = added;
  ++node.count;
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
  if (one.text.size() != other.text.size() || one.kind != other.kind || one.bits != other.bits ||
      one.count != 0 || other.count != 0) {
    return false;
  }
  // Most keys of one length differ at an end, which is quicker to see than to compare them.
  return one.text.empty() || (one.text.back() == other.text.back() &&
                              one.text.front() == other.text.front() && one.text == other.text);
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
      const std::uint64_t ends = key.text.empty() ? key.bits
                                                  : key.text.size() * 31 +
                                                        static_cast<unsigned char>(key.text.front()) * 7U +
                                                        static_cast<unsigned char>(key.text.back());
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
    return std::hash<std::string_view>{}(nodes_[key].text) ^ std::hash<std::uint64_t>{}(nodes_[key].bits);
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

Value Graph::build(Id id, int depth) {
  const Node& node = nodes_[id];
  if (objects_left_ == 0 || bytes_left_ < node.text.size()) {
    throw ValueError{"the pickle repeats its parts too often"};
  }
  --objects_left_;
  bytes_left_ -= node.text.size();
  switch (node.kind) {
    case Kind::none:
      return {};
    case Kind::boolean:
      return node.bits == 1;
    case Kind::integer:
      return static_cast<std::int64_t>(node.bits);
    case Kind::unsigned_integer:
      return node.bits;
    case Kind::big_integer:
      return Value::integer_of(node.text);
    case Kind::floating:
      return std::bit_cast<double>(node.bits);
    case Kind::text:
      return node.text;
    case Kind::bytes:
      return to_bytes(node.text);
    case Kind::callable:
      throw ValueError{"the pickle holds " + std::string{node.text} + ", which is no value"};
    case Kind::list:
    case Kind::tuple:
    case Kind::set:
    case Kind::dict:
      break;
  }
  return build_container(id, depth);
}

Value Graph::build_container(Id id, int depth) {
  if (nodes_[id].is_open) {
    throw ValueError{"the pickle holds an object that is inside itself"};
  }
  if (depth >= deepest) {
    throw ValueError{"the pickle is nested deeper than " + std::to_string(deepest) + " levels"};
  }
  nodes_[id].is_open = true;  // an exception ends the graph, so nobody need close it then
  Value built;
  if (nodes_[id].kind == Kind::dict) {
    built = build_dict(id, depth);
  } else {
    Value::List elements;
    elements.reserve(nodes_[id].count);
    for (Id at = nodes_[id].first; at != nothing; at = links_[at].next) {
      elements.push_back(build(links_[at].key, depth + 1));
    }
    built = nodes_[id].kind == Kind::list    ? Value{std::move(elements)}
            : nodes_[id].kind == Kind::tuple ? Value::tuple(std::move(elements))
                                             : Value::set(std::move(elements));
  }
  nodes_[id].is_open = false;
  return built;
}

Value Graph::build_dict(Id id, int depth) {
  const Node& node = nodes_[id];
  let_last_of_repeated_keys_win(node);
  Value::Dict dict;
  dict.reserve(node.count);
  for (Id at = node.first; at != nothing; at = links_[at].next) {
    const Link& link = links_[at];
    const Kind key = nodes_[link.key].kind;
    if (key == Kind::list || key == Kind::dict || key == Kind::set) {
      throw ValueError{"the pickle has a key of a kind that Python has no hash of"};
    }
    if (!link.is_repeated) {
      dict.emplace_back(build(link.key, depth + 1), build(link.value, depth + 1));
    }
  }
  return dict;
}

}  // namespace rediscache::codec::pickle
