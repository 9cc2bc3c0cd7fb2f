// A part of the entries of a cache.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "local/clock.hpp"

namespace rediscache::local {

/// What all shards of a cache hold together.
struct Usage {
  std::atomic<std::size_t> entries{0};
  std::atomic<std::size_t> bytes{0};
};

/// A made key to look for, and its hash, which is computed once for each call.
struct SoughtKey {
  std::string_view text;
  std::size_t hash;
};

/// Entries by made key, and the order in which they were stored. One that was read since only has a mark,
/// which gives it a second chance when it is its turn to leave: nearly the order of use, and a reader writes
/// to nothing that another one on another CPU needs, but for the lock.
///
/// Whoever calls holds `mutex`. An entry stays where it is until it is erased.
class alignas(64) Shard {
  struct KeptKey {
    std::string text;
    std::size_t hash;
  };

 public:
  struct Entry;
  using Node = std::pair<const KeptKey, Entry>;
  struct Entry {
    std::string value;
    Moment until = forever;
    Node* newer = nullptr;
    Node* older = nullptr;
    bool is_marked = false;
  };

  Shard(Usage& usage, const Clock& clock) noexcept : usage_{usage}, clock_{clock} {}
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  ~Shard() { clear(); }

  std::mutex mutex;

 private:
  // Beside the lock, for who has that has this line of memory too.
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;

 public:
  /// Null when there is no such entry, or when it is over: then it is erased.
  [[nodiscard]] Node* find(const SoughtKey& key);
  /// The same for reading: counted and marked.
  [[nodiscard]] const std::string* read(const SoughtKey& key);
  /// Stores, in place of `found`, which find() gave, or as a new entry.
  void put(const SoughtKey& key, Node* found, std::string_view value, Moment until);
  /// The entry becomes the newest.
  void use(Node& node) noexcept;
  void set_value(Node& node, std::string_view value);
  void erase(Node& node) noexcept;
  /// Makes room by the entry that was not used for longest; the newest is the last to go, and does not if
  /// `keep_last`. False when there is none.
  bool evict(bool keep_last) noexcept;
  void clear() noexcept;

  /// Calls `visit` with each entry that is not over; those for which it returns true are erased.
  template <class Visit>
  void for_each(Visit visit) {
    const Moment now = clock_.now();
    for (auto at = entries_.begin(); at != entries_.end();) {
      Node& node = *at++;
      if (node.second.until <= now) {
        expire(node);
      } else if (visit(node)) {
        erase(node);
      }
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t hits() const noexcept { return hits_; }
  [[nodiscard]] std::uint64_t misses() const noexcept { return misses_; }
  [[nodiscard]] std::uint64_t evicted() const noexcept { return evicted_; }
  [[nodiscard]] std::uint64_t expired() const noexcept { return expired_; }

  /// What an entry of so many bytes of key and value takes: the node, its place in the table, and what the
  /// allocator keeps for itself of three allocations.
  [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t key, std::size_t value) noexcept {
    constexpr std::size_t allocator = 3 * 8;
    return sizeof(Node) + 2 * sizeof(void*) + allocator + key + value;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const KeptKey& key) const noexcept { return key.hash; }
    std::size_t operator()(const SoughtKey& key) const noexcept { return key.hash; }
  };
  struct Same {
    using is_transparent = void;
    bool operator()(const KeptKey& a, const KeptKey& b) const noexcept { return a.text == b.text; }
    bool operator()(const SoughtKey& a, const KeptKey& b) const noexcept {
      return a.hash == b.hash && a.text == b.text;
    }
    bool operator()(const KeptKey& a, const SoughtKey& b) const noexcept { return operator()(b, a); }
  };

  [[nodiscard]] static std::size_t bytes_of(const Node& node) noexcept {
    const std::string& value = node.second.value;
    const bool is_inside = value.capacity() <= std::string{}.capacity();
    return bytes_for(node.first.text.size(), is_inside ? value.size() : value.capacity());
  }
  /// Differences modulo 2^64.
  void account(std::size_t entries, std::size_t bytes) noexcept;
  void link(Node& node) noexcept;
  /// Behind the newest, which stays that.
  void link_second(Node& node) noexcept;
  void unlink(Node& node) noexcept;
  void expire(Node& node) noexcept;

  alignas(64) Usage& usage_;
  const Clock& clock_;
  std::unordered_map<KeptKey, Entry, Hash, Same> entries_;
  Node* newest_ = nullptr;
  Node* oldest_ = nullptr;
  std::size_t bytes_ = 0;
  std::uint64_t evicted_ = 0;
  std::uint64_t expired_ = 0;
};

}  // namespace rediscache::local
