// What calls on sets, hashes, sorted sets and lists take: values and keys, one or many.
//
//   cache.sadd("tags", "new");                            // one
//   cache.sadd("tags", {"new", "sale"});                  // several, of different types if need be
//   cache.sadd("tags", rediscache::each(tags_of(item)));  // all in a range
//   cache.sinter<std::string>({"tags:1", "tags:2"});      // keys likewise
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <string_view>
#include <type_traits>
#include <vector>

#include <rediscache/call_options.hpp>
#include <rediscache/convert.hpp>
#include <rediscache/detail/stored.hpp>
#include <rediscache/serializer.hpp>

namespace rediscache {

namespace detail {

/// Where a list in braces begins. It lives as long as the call that it was written for, which compilers doubt
/// of what a constructor keeps.
template <class T>
[[nodiscard]] const T* begin_of(std::initializer_list<T> list) noexcept {
  return list.begin();
}

/// Called with each value of a list, in order.
struct ElementVisitor {
  void (*visit)(void* context, const ValueView& value);
  void* context;
};

/// The conversion of one value, with its type forgotten; errors name `key`.
template <class T>
void visit_value(const void* value, std::string_view key, const ElementVisitor& visitor) {
  const Stored<T> stored{key, *static_cast<const T*>(value)};
  visitor.visit(visitor.context, stored.view());
}

}  // namespace detail

/// One value that can be stored. Refers to it: for arguments only.
class Element {
 public:
  template <Storable T>
    requires(!std::same_as<T, Element>)
  Element(const T& value) noexcept : value_{std::addressof(value)}, convert_{&detail::visit_value<T>} {}

  // For caches.
  void visit(std::string_view key, const detail::ElementVisitor& visitor) const {
    convert_(value_, key, visitor);
  }

 private:
  const void* value_;
  void (*convert_)(const void* value, std::string_view key, const detail::ElementVisitor& visitor);
};

/// Values that can be stored: one, a list in braces, or each() of a range. A container given by itself is one
/// value. Refers to them: for arguments only.
class Elements {
 public:
  Elements() noexcept = default;
  template <Storable T>
    requires(!std::same_as<T, Elements> && !std::same_as<T, Element>)
  Elements(const T& value) noexcept : from_{std::addressof(value)}, count_{1}, walk_{&walk_one<T>} {}
  Elements(std::initializer_list<Element> values) noexcept
      : from_{detail::begin_of(values)}, count_{values.size()}, walk_{&walk_list} {}

  template <std::ranges::forward_range R>
  [[nodiscard]] static Elements of(const R& range) {
    Elements elements;
    elements.from_ = std::addressof(range);
    elements.count_ = static_cast<std::size_t>(std::ranges::distance(range));
    elements.walk_ = &walk_range<R>;
    return elements;
  }

  // For caches.
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  void visit(std::string_view key, const detail::ElementVisitor& visitor) const {
    if (count_ > 0) {
      walk_(from_, count_, key, visitor);
    }
  }

 private:
  using Walk = void (*)(const void* from, std::size_t count, std::string_view key,
                        const detail::ElementVisitor& visitor);

  template <class T>
  static void walk_one(const void* from, std::size_t, std::string_view key,
                       const detail::ElementVisitor& visitor) {
    detail::visit_value<T>(from, key, visitor);
  }
  static void walk_list(const void* from, std::size_t count, std::string_view key,
                        const detail::ElementVisitor& visitor) {
    const auto* const elements = static_cast<const Element*>(from);
    for (std::size_t i = 0; i < count; ++i) {
      elements[i].visit(key, visitor);
    }
  }
  template <class R>
  static void walk_range(const void* from, std::size_t, std::string_view key,
                         const detail::ElementVisitor& visitor) {
    using T = std::ranges::range_value_t<const R>;
    for (const T& value : *static_cast<const R*>(from)) {
      detail::visit_value<T>(std::addressof(value), key, visitor);
    }
  }

  const void* from_ = nullptr;
  std::size_t count_ = 0;
  Walk walk_ = nullptr;
};

/// All values in a range, each for itself: `cache.rpush("queue", each(jobs))`.
template <std::ranges::forward_range R>
  requires Storable<std::ranges::range_value_t<const R>>
[[nodiscard]] Elements each(const R& range) {
  return Elements::of(range);
}

/// Keys, or fields of a hash: one, a list in braces, or a range. Refers to them: for arguments only.
class KeyNames {
 public:
  KeyNames() noexcept = default;
  template <detail::TextLike T>
  KeyNames(const T& key) : one_{std::string_view{key}}, count_{1} {}
  KeyNames(std::initializer_list<std::string_view> keys) noexcept
      : many_{detail::begin_of(keys)}, count_{keys.size()} {}
  template <KeyRange R>
  KeyNames(const R& keys) : owned_{detail::views_of(keys)}, count_{owned_.size()} {}

  // For caches.
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept {
    return many_ != nullptr ? many_[index] : owned_.empty() ? one_ : owned_[index];
  }

 private:
  std::string_view one_;
  const std::string_view* many_ = nullptr;
  std::vector<std::string_view> owned_;
  std::size_t count_ = 0;
};

}  // namespace rediscache
