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
      index_.assign(slots, Slot{});
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
    } else if (!note(key, static_cast<std::uint32_t>(entries_.size() + 1))) {
      return nullptr;
    }
    return &entries_.emplace_back(std::piecewise_construct, std::forward_as_tuple(key), std::tuple<>{})
                .second;
  }
  /// Takes back the entry added last, for it does not read.
  void drop_last(DecodeError error) {
    drop_last();
    errors_.push_back(std::move(error));
  }
  /// The same where that is no error.
  void drop_last() {
    if (!index_.empty()) {
      slot_of(entries_.back().first).place = unreadable_bit | static_cast<std::uint32_t>(unreadable_.size());
    }
    unreadable_.push_back(std::move(entries_.back().first));
    entries_.pop_back();
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
  /// The value of the expected key at `index`.
  [[nodiscard]] T& expected(std::size_t index) noexcept { return entries_[index].second; }
  /// What one of the expected keys has and does not read.
  struct Unreadable {
    std::size_t index;
    DecodeError error;
  };
  /// Of the expected keys only those are there for which `there` says so, and some do not read, which are not
  /// there.
  void keep_found(const std::vector<bool>& there, std::vector<Unreadable> unreadable) {
    std::sort(unreadable.begin(), unreadable.end(),
              [](const Unreadable& left, const Unreadable& right) { return left.index < right.index; });
    for (Unreadable& each : unreadable) {
      unreadable_.push_back(std::move(entries_[each.index].first));
      errors_.push_back(std::move(each.error));
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (there[i]) {
        if (kept != i) {
          entries_[kept] = std::move(entries_[i]);
        }
        ++kept;
      }
    }
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(kept), entries_.end());
    index_.assign(index_.size(), Slot{});
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      note(entries_[i].first, static_cast<std::uint32_t>(i + 1));
    }
    for (std::size_t i = 0; i < unreadable_.size(); ++i) {
      note(unreadable_[i], unreadable_bit | static_cast<std::uint32_t>(i));
    }
  }

 private:
  static constexpr std::size_t linear_entries = 8;
  static constexpr std::uint32_t unreadable_bit = std::uint32_t{1} << 31U;

  /// Where a key is: `place` is 0 for nowhere, else the position in entries_ + 1, or that in unreadable_ with
  /// the bit set. A part of the hash nearly always tells another key without a look at it.
  struct Slot {
    std::uint32_t place = 0;
    std::uint32_t hash = 0;
  };

  [[nodiscard]] static std::size_t hash_of(std::string_view key) noexcept {
    return std::hash<std::string_view>{}(key);
  }
  [[nodiscard]] static std::uint32_t rest_of(std::size_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> (sizeof hash * 8 - 32));
  }

  [[nodiscard]] const std::string& key_at(std::uint32_t place) const noexcept {
    return (place & unreadable_bit) != 0 ? unreadable_[place & ~unreadable_bit] : entries_[place - 1].first;
  }
  /// The key's slot, or the free one that it would have.
  [[nodiscard]] std::size_t find_slot(std::string_view key, std::size_t hash) const noexcept {
    std::size_t slot = hash & (index_.size() - 1);
    while (index_[slot].place != 0 &&
           (index_[slot].hash != rest_of(hash) || key_at(index_[slot].place) != key)) {
      slot = (slot + 1) & (index_.size() - 1);
    }
    return slot;
  }
  [[nodiscard]] Slot& slot_of(std::string_view key) noexcept { return index_[find_slot(key, hash_of(key))]; }
  /// False when there is such a key.
  bool note(std::string_view key, std::uint32_t place) noexcept {
    const std::size_t hash = hash_of(key);
    Slot& slot = index_[find_slot(key, hash)];
    if (slot.place != 0) {
      return false;
    }
    slot = {.place = place, .hash = rest_of(hash)};
    return true;
  }
  [[nodiscard]] std::size_t position(std::string_view key) const noexcept {
    if (!index_.empty()) {
      const std::uint32_t place = index_[find_slot(key, hash_of(key))].place;
      return place == 0 || (place & unreadable_bit) != 0 ? entries_.size() : place - 1;
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].first == key) {
        return i;
      }
    }
    return entries_.size();
  }

  std::vector<value_type> entries_;
  std::vector<Slot> index_;              // open addressing
  std::vector<std::string> unreadable_;  // the keys that do not read, as they were asked for
  std::vector<DecodeError> errors_;
};

}  // namespace rediscache
