// What get_many gives back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <rediscache/error.hpp>

namespace rediscache {

/// The entries found among the keys asked for, in the order they were asked for; a key asked for twice is
/// there once.
///
///   auto found = cache.get_many<int>({"a", "b"});
///   for (const auto& [key, value] : found) ...
///   if (auto it = found.find("a"); it != found.end()) use(it->second);
///
/// Thread safety: a value like std::vector.
template <class T>
class KeyedValues {
 public:
  using value_type = std::pair<std::string, T>;
  using const_iterator = typename std::vector<value_type>::const_iterator;
  using iterator = typename std::vector<value_type>::iterator;

  [[nodiscard]] const_iterator begin() const noexcept { return entries_.begin(); }
  [[nodiscard]] const_iterator end() const noexcept { return entries_.end(); }
  [[nodiscard]] iterator begin() noexcept { return entries_.begin(); }
  [[nodiscard]] iterator end() noexcept { return entries_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

  [[nodiscard]] const_iterator find(std::string_view key) const {
    return entries_.begin() + static_cast<std::ptrdiff_t>(position(key));
  }
  [[nodiscard]] bool contains(std::string_view key) const { return position(key) != entries_.size(); }
  /// The value of a key that was found; std::out_of_range for any other.
  [[nodiscard]] const T& at(std::string_view key) const {
    const std::size_t index = position(key);
    if (index == entries_.size()) {
      throw std::out_of_range{"KeyedValues::at: no such key among those found"};
    }
    return entries_[index].second;
  }

  /// Entries that are there and do not read as a T; the others are not lost over them.
  [[nodiscard]] const std::vector<DecodeError>& errors() const noexcept { return errors_; }

  // Filling, for caches.
  void reserve(std::size_t keys) {
    entries_.reserve(keys);
    if (keys > linear_entries) {
      std::size_t slots = 16;
      while (slots < keys * 2) {
        slots *= 2;
      }
      index_.assign(slots, 0);
    }
  }
  /// Adds an entry with an empty value, unless the key was added before; returns the value or nullptr.
  /// reserve() comes first.
  T* add(std::string_view key) {
    if (index_.empty()) {
      if (position(key) != entries_.size() ||
          std::find(unreadable_.begin(), unreadable_.end(), key) != unreadable_.end()) {
        return nullptr;
      }
    } else {
      std::uint32_t& slot = index_[slot_of(key)];
      if (slot != 0) {
        return nullptr;
      }
      slot = static_cast<std::uint32_t>(entries_.size() + 1);
    }
    return &entries_.emplace_back(std::piecewise_construct, std::forward_as_tuple(key), std::tuple<>{})
                .second;
  }
  /// Takes back the entry added last, for it does not read.
  void drop_last(DecodeError error) {
    if (!index_.empty()) {
      index_[slot_of(entries_.back().first)] =
          unreadable_bit | static_cast<std::uint32_t>(unreadable_.size());
    }
    unreadable_.push_back(std::move(entries_.back().first));
    entries_.pop_back();
    errors_.push_back(std::move(error));
  }

  // Filling that does most of its work before it is known what is there.

  /// Expects all of the keys to be there. False, and nothing is expected, for few keys and for keys of which
  /// one comes twice.
  bool expect(std::span<const std::string_view> keys) {
    if (keys.size() <= linear_entries) {
      return false;
    }
    reserve(keys.size());
    for (const std::string_view key : keys) {
      if (add(key) == nullptr) {
        entries_.clear();
        index_.clear();
        return false;
      }
    }
    return true;
  }
  /// The value of an expected key that is there. In the order in which they were expected; those left out on
  /// the way are not there. Nothing for a key that was not expected, or not now.
  T* found(std::string_view key) {
    while (next_ < entries_.size() && entries_[next_].first != key) {
      ++next_;
    }
    if (next_ == entries_.size()) {
      return nullptr;
    }
    if (kept_ != next_) {
      entries_[kept_] = std::move(entries_[next_]);
    }
    ++next_;
    return &entries_[kept_++].second;
  }
  /// Takes back the entry found last, for it does not read.
  void drop_found(DecodeError error) {
    unreadable_.push_back(std::move(entries_[--kept_].first));
    errors_.push_back(std::move(error));
  }
  /// No more are there.
  void end_found() {
    if (kept_ == entries_.size()) {
      return;
    }
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(kept_), entries_.end());
    index_.assign(index_.size(), 0);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      index_[slot_of(entries_[i].first)] = static_cast<std::uint32_t>(i + 1);
    }
    for (std::size_t i = 0; i < unreadable_.size(); ++i) {
      index_[slot_of(unreadable_[i])] = unreadable_bit | static_cast<std::uint32_t>(i);
    }
  }

 private:
  static constexpr std::size_t linear_entries = 8;
  static constexpr std::uint32_t unreadable_bit = std::uint32_t{1} << 31U;

  [[nodiscard]] const std::string& key_in(std::uint32_t slot) const noexcept {
    return (slot & unreadable_bit) != 0 ? unreadable_[slot & ~unreadable_bit] : entries_[slot - 1].first;
  }

  [[nodiscard]] std::size_t slot_of(std::string_view key) const noexcept {
    std::size_t slot = std::hash<std::string_view>{}(key) & (index_.size() - 1);
    while (index_[slot] != 0 && key_in(index_[slot]) != key) {
      slot = (slot + 1) & (index_.size() - 1);
    }
    return slot;
  }
  [[nodiscard]] std::size_t position(std::string_view key) const noexcept {
    if (!index_.empty()) {
      const std::uint32_t found = index_[slot_of(key)];
      return found == 0 || (found & unreadable_bit) != 0 ? entries_.size() : found - 1;
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].first == key) {
        return i;
      }
    }
    return entries_.size();
  }

  std::vector<value_type> entries_;
  // Open addressing: 0 is free, else the position in entries_ + 1, or that in unreadable_ with the bit set.
  std::vector<std::uint32_t> index_;
  std::vector<std::string> unreadable_;  // the keys of errors_, as they were asked for
  std::vector<DecodeError> errors_;
  std::size_t next_ = 0;  // of the entries expected, the first that may be there
  std::size_t kept_ = 0;  // how many of these were
};

}  // namespace rediscache
