// The entries of a cache in this process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/locmem_cache.hpp>
#include <rediscache/result.hpp>

#include "base/fork.hpp"
#include "cache/operations/entries.hpp"
#include "cache/operations/scripts.hpp"
#include "local/clock.hpp"
#include "local/shard.hpp"

namespace rediscache::local {

struct Bounds {
  std::size_t entries;
  std::size_t bytes;
  std::optional<std::size_t> cull_frequency;
};

/// Stored forms by made key, in shards with a lock each. Thread-safe, and usable in the child of a fork.
/// Nobody holds the locks of two shards but in their order, and nobody calls anything else meanwhile but the
/// clock.
class Store final : public base::ForkAware {
 public:
  struct Item {
    std::string key;
    std::string_view value;
  };

  Store(Bounds bounds, std::size_t shards, WallClock clock);
  ~Store();

  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }
  [[nodiscard]] std::size_t shards() const noexcept { return shards_.size(); }

  /// Copies what is stored into `out`; false when nothing is.
  [[nodiscard]] bool get(std::string_view key, std::string& out);
  /// Whether it was stored.
  bool put(std::string_view key, std::string_view value, Moment until, cache::Condition condition);
  /// The positions of those that were not stored, in one step for all or one for each.
  std::vector<std::size_t> put_all(std::span<const Item> items, Moment until, bool in_one_step);
  [[nodiscard]] bool contains(std::string_view key);
  bool erase(std::string_view key);
  /// Erases several in one step.
  void erase_all(std::span<const Item> items);
  [[nodiscard]] cache::Increment increment(std::string_view key, std::int64_t delta, bool create);
  /// Lets an entry live until then; whether it is there.
  bool keep_until(std::string_view key, Moment until);
  /// Takes its end from an entry; whether it had one.
  bool persist(std::string_view key);
  [[nodiscard]] Pttl remaining(std::string_view key);
  /// Moves an entry to another key, in one step; whether it was there.
  bool move(std::string_view from, std::string_view to);
  /// The keys in one shard that match.
  [[nodiscard]] std::vector<std::string> matching(std::size_t shard, std::string_view pattern);
  std::int64_t erase_matching(std::string_view pattern);
  void clear();

  [[nodiscard]] LocMemStatistics statistics();

  void before_fork() noexcept override;
  void after_fork_in_parent() noexcept override;
  void after_fork_in_child() noexcept override;

 private:
  class AllLocked;

  [[nodiscard]] static SoughtKey sought(std::string_view key) noexcept {
    return {key, std::hash<std::string_view>{}(key)};
  }
  [[nodiscard]] std::size_t index_of(const SoughtKey& key) const noexcept {
    // Not the bits by which the shard's own table finds its way.
    return (key.hash >> 32U) % shards_.size();
  }
  /// What `visit(shard, node)` returns for the entry, under its lock; a default when there is none.
  template <class Visit>
  auto visit(std::string_view key, Visit visit) {
    const SoughtKey wanted = sought(key);
    Shard& shard = shards_[index_of(wanted)];
    const std::scoped_lock lock{shard.mutex};
    Shard::Node* const node = shard.find(wanted);
    return node != nullptr ? visit(shard, *node) : decltype(visit(shard, *node)){};
  }
  [[nodiscard]] bool fits(std::string_view key, std::string_view value) const noexcept {
    return Shard::bytes_for(key.size(), value.size()) <= bounds_.bytes;
  }
  [[nodiscard]] bool is_full() const noexcept {
    return usage_.entries.load(std::memory_order_relaxed) > bounds_.entries ||
           usage_.bytes.load(std::memory_order_relaxed) > bounds_.bytes;
  }
  /// Evicts until the bounds are met, from this shard first, whose newest entry stays.
  void make_room(std::size_t first);
  /// Evicts from each shard, the first one first, while it is `wanted`; one in `at_once_of` of the entries
  /// at once, if that is not 0.
  template <class Wanted>
  void evict_from(std::size_t first, std::size_t at_once_of, Wanted wanted);

  const Bounds bounds_;
  const Clock clock_;
  Usage usage_;
  std::deque<Shard> shards_;
};

}  // namespace rediscache::local
