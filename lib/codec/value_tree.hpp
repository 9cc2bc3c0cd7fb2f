// Whole trees of values: destroyed, copied and compared without recursion.
#pragma once

#include <rediscache/value.hpp>

namespace rediscache::codec {

/// Whether it is a container that has an element which is a container with elements. What is not can be
/// destroyed, copied and compared by the functions of its parts, which go two levels deep at most.
[[nodiscard]] bool holds_containers(const Value& value) noexcept;

/// Takes everything out of a container, the innermost parts first. Needs no memory.
void dismantle(Value& value) noexcept;

/// Throws std::bad_alloc only.
[[nodiscard]] Value copied_tree(const Value& value);

/// As operator== of Value. Throws std::bad_alloc only.
[[nodiscard]] bool equal_trees(const Value& left, const Value& right);

}  // namespace rediscache::codec
