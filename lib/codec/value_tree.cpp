#include "codec/value_tree.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "codec/value_access.hpp"

namespace rediscache::codec {
namespace {

bool has_elements(const Value& value) noexcept {
  return ValueAccess::has_elements(value);
}

/// Removes elements from the end of a container, up to one that must be dismantled before it is removed.
Value* last_nested(Value& container) noexcept {
  if (Value::List* const list = ValueAccess::elements(container)) {
    while (!list->empty()) {
      if (holds_containers(list->back())) {
        return &list->back();
      }
      list->pop_back();
    }
  } else if (auto* const dict = ValueAccess::get_if<Value::Dict>(container)) {
    while (!dict->empty()) {
      auto& [key, value] = dict->back();
      if (holds_containers(value)) {
        return &value;
      }
      if (holds_containers(key)) {
        value = Value{};  // tells last_borrowed() that it is the key
        return &key;
      }
      dict->pop_back();
    }
  }
  return nullptr;
}

/// The place that last_nested() found in a container, now that it holds something else, which is not none.
Value& last_borrowed(Value& container) noexcept {
  if (Value::List* const list = ValueAccess::elements(container)) {
    return list->back();
  }
  auto& [key, value] = ValueAccess::get_if<Value::Dict>(container)->back();
  return value.is_none() ? key : value;
}

struct PendingCopy {
  const Value* from;
  Value* to;
};

void copy_part(const Value& from, Value& to, std::vector<PendingCopy>& left) {
  if (has_elements(from)) {
    left.push_back({&from, &to});
  } else {
    to = Value{from};
  }
}

/// Gives `to` as many elements as `from` has, and copies those that are no containers.
void copy_level(const Value& from, Value& to, std::vector<PendingCopy>& left) {
  if (const auto* const dict = ValueAccess::get_if<Value::Dict>(from)) {
    auto& copy = ValueAccess::contents(to).emplace<Value::Dict>(dict->size());
    for (std::size_t i = 0; i < dict->size(); ++i) {
      copy_part((*dict)[i].first, copy[i].first, left);
      copy_part((*dict)[i].second, copy[i].second, left);
    }
    return;
  }
  const Value::List& list = *ValueAccess::elements(from);
  Value::List copied(list.size());
  const Value::Kind kind = ValueAccess::kind(from);
  to = kind == Value::Kind::tuple ? Value::tuple(std::move(copied))
       : kind == Value::Kind::set ? Value::set(std::move(copied))
                                  : Value{std::move(copied)};
  Value::List& copy = *ValueAccess::elements(to);
  for (std::size_t i = 0; i < list.size(); ++i) {
    copy_part(list[i], copy[i], left);
  }
}

struct PendingComparison {
  const Value* left;
  const Value* right;
};

/// Compares two values, except for pairs of containers inside them, which are added to `later`.
bool equal_levels(const Value& left, const Value& right, std::vector<PendingComparison>& later) {
  const auto equal_parts = [&](const Value& one, const Value& other) {
    if (has_elements(one) && has_elements(other)) {
      later.push_back({&one, &other});
      return true;
    }
    return ValueAccess::contents(one) == ValueAccess::contents(other);
  };
  if (ValueAccess::kind(left) != ValueAccess::kind(right)) {
    return false;
  }
  if (const auto* const dict = ValueAccess::get_if<Value::Dict>(left)) {
    return std::ranges::equal(
        *dict, *ValueAccess::get_if<Value::Dict>(right), [&](const auto& one, const auto& other) {
          return equal_parts(one.first, other.first) && equal_parts(one.second, other.second);
        });
  }
  if (const auto* const list = ValueAccess::elements(left)) {
    return std::ranges::equal(*list, *ValueAccess::elements(right), equal_parts);
  }
  return ValueAccess::contents(left) == ValueAccess::contents(right);
}

}  // namespace

bool holds_containers(const Value& value) noexcept {
  if (const Value::List* const list = ValueAccess::elements(value)) {
    return std::any_of(list->begin(), list->end(), has_elements);
  }
  const auto* const dict = ValueAccess::get_if<Value::Dict>(value);
  return dict != nullptr && std::any_of(dict->begin(), dict->end(), [](const auto& entry) {
           return has_elements(entry.second) || has_elements(entry.first);
         });
}

// Going down, each container is put into the place from which the next one inside it was taken, and so waits
// inside what it contained: that needs no memory, which a destructor might not get.
void dismantle(Value& value) noexcept {
  Value current = std::move(value);
  Value above = true;  // what contains `current`; above all is this, which is not none
  while (true) {
    if (Value* const nested = last_nested(current)) {
      Value inner = std::move(*nested);
      *nested = std::move(above);
      above = std::move(current);
      current = std::move(inner);
    } else if (has_elements(above)) {
      current = std::move(above);
      Value& place = last_borrowed(current);
      above = std::move(place);
      place = Value{};
    } else {
      return;
    }
  }
}

Value copied_tree(const Value& value) {
  Value copy;
  std::vector<PendingCopy> left{{&value, &copy}};
  while (!left.empty()) {
    const PendingCopy next = left.back();
    left.pop_back();
    copy_level(*next.from, *next.to, left);
  }
  return copy;
}

bool equal_trees(const Value& left, const Value& right) {
  std::vector<PendingComparison> later{{&left, &right}};
  while (!later.empty()) {
    const PendingComparison next = later.back();
    later.pop_back();
    if (!equal_levels(*next.left, *next.right, later)) {
      return false;
    }
  }
  return true;
}

}  // namespace rediscache::codec
