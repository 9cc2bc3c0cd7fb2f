#include "local/store.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "base/glob.hpp"
#include "base/text.hpp"

namespace rediscache::local {
namespace {

/// The number that a stored form is, if the server would count with it.
std::optional<std::int64_t> counter_of(std::string_view stored) noexcept {
  const auto number = base::parse_integer(stored);
  // Neither "007" nor "-0".
  const bool padded = stored.size() > 1 && (stored.starts_with('0') || stored.starts_with("-0"));
  return padded ? std::nullopt : number;
}

/// The sum, if it has 64 bits.
std::optional<std::int64_t> sum_of(std::int64_t a, std::int64_t b) noexcept {
  using Limits = std::numeric_limits<std::int64_t>;
  const bool overflows = b > 0 ? a > Limits::max() - b : a < Limits::min() - b;
  return overflows ? std::nullopt : std::optional{a + b};
}

}  // namespace

/// Holds all shards, in their order.
class Store::AllLocked {
 public:
  explicit AllLocked(std::deque<Shard>& shards) : shards_{shards} {
    for (Shard& shard : shards_) {
      shard.mutex.lock();
    }
  }
  AllLocked(const AllLocked&) = delete;
  AllLocked& operator=(const AllLocked&) = delete;
  ~AllLocked() {
    for (Shard& shard : shards_) {
      shard.mutex.unlock();
    }
  }

 private:
  std::deque<Shard>& shards_;
};

Store::Store(Bounds bounds, std::size_t shards, WallClock clock) : bounds_{bounds}, clock_{std::move(clock)} {
  for (std::size_t i = 0; i < shards; ++i) {
    shards_.emplace_back(usage_, clock_);
  }
  join();
}

Store::~Store() {
  leave();
}

bool Store::get(std::string_view key, std::string& out) {
  const SoughtKey wanted = sought(key);
  Shard& shard = shards_[index_of(wanted)];
  const std::scoped_lock lock{shard.mutex};
  const std::string* const found = shard.read(wanted);
  if (found == nullptr) {
    return false;
  }
  out.assign(*found);
  return true;
}

bool Store::put(std::string_view key, std::string_view value, Moment until, cache::Condition condition) {
  const SoughtKey wanted = sought(key);
  const std::size_t index = index_of(wanted);
  Shard& shard = shards_[index];
  {
    const std::scoped_lock lock{shard.mutex};
    Shard::Node* const found = shard.find(wanted);
    const auto unless = found != nullptr ? cache::Condition::absent : cache::Condition::present;
    if (condition == unless) {
      return false;
    }
    if (!fits(key, value)) {
      if (found != nullptr) {
        shard.erase(*found);  // what it holds is no longer so
      }
      return false;
    }
    shard.put(wanted, found, value, until);
  }
  make_room(index);
  return true;
}

std::vector<std::size_t> Store::put_all(std::span<const Item> items, Moment until, bool in_one_step) {
  std::vector<std::size_t> failed;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool stored = in_one_step ? fits(items[i].key, items[i].value)
                                    : put(items[i].key, items[i].value, until, cache::Condition::none);
    if (!stored) {
      failed.push_back(i);
    }
  }
  if (!in_one_step || !failed.empty()) {
    return failed;
  }
  {
    const AllLocked lock{shards_};
    for (const Item& item : items) {
      const SoughtKey wanted = sought(item.key);
      Shard& shard = shards_[index_of(wanted)];
      shard.put(wanted, shard.find(wanted), item.value, until);
    }
  }
  make_room(0);
  return failed;
}

bool Store::contains(std::string_view key) {
  return visit(key, [](Shard&, Shard::Node&) { return true; });
}

bool Store::erase(std::string_view key) {
  return visit(key, [](Shard& shard, Shard::Node& node) {
    shard.erase(node);
    return true;
  });
}

void Store::erase_all(std::span<const Item> items) {
  const AllLocked lock{shards_};
  for (const Item& item : items) {
    const SoughtKey wanted = sought(item.key);
    Shard& shard = shards_[index_of(wanted)];
    if (Shard::Node* const found = shard.find(wanted)) {
      shard.erase(*found);
    }
  }
}

cache::Increment Store::increment(std::string_view key, std::int64_t delta, bool create) {
  using Outcome = cache::Increment::Outcome;
  const SoughtKey wanted = sought(key);
  const std::size_t index = index_of(wanted);
  Shard& shard = shards_[index];
  cache::Increment result{.outcome = Outcome::counted, .message = {}};
  {
    const std::scoped_lock lock{shard.mutex};
    Shard::Node* const found = shard.find(wanted);
    if (found == nullptr && !create) {
      return {.outcome = Outcome::missing, .message = {}};
    }
    const auto current = found == nullptr ? 0 : counter_of(found->second.value);
    if (!current) {
      return {.outcome = Outcome::not_an_integer, .message = "value is not an integer or out of range"};
    }
    const auto sum = sum_of(*current, delta);
    if (!sum) {
      return {.outcome = Outcome::not_an_integer, .message = "increment or decrement would overflow"};
    }
    result.value = *sum;
    std::array<char, 20> digits;
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), *sum).ptr;
    const std::string_view text{digits.data(), static_cast<std::size_t>(end - digits.data())};
    shard.put(wanted, found, text, found == nullptr ? forever : found->second.until);
  }
  make_room(index);
  return result;
}

bool Store::keep_until(std::string_view key, Moment until) {
  return visit(key, [&](Shard& shard, Shard::Node& node) {
    if (clock_.reached(until)) {
      shard.erase(node);
    } else {
      node.second.until = until;
      shard.use(node);
    }
    return true;
  });
}

bool Store::persist(std::string_view key) {
  return visit(
      key, [](Shard&, Shard::Node& node) { return std::exchange(node.second.until, forever) != forever; });
}

Pttl Store::remaining(std::string_view key) {
  const auto until = visit(key, [](Shard&, Shard::Node& node) { return std::optional{node.second.until}; });
  if (!until) {
    return Pttl::missing();
  }
  return *until == forever
             ? Pttl::no_expiry()
             : Pttl::of(std::max(base::saturating_subtract(std::chrono::sys_time<Moment>{*until},
                                                           std::chrono::sys_time<Moment>{clock_.now()}),
                                 Moment::zero()));
}

bool Store::move(std::string_view from, std::string_view to) {
  const SoughtKey source = sought(from);
  const SoughtKey target = sought(to);
  const auto [low, high] =
      std::minmax({index_of(source), index_of(target)});  // a list: values, not references
  {
    const std::scoped_lock first{shards_[low].mutex};
    std::unique_lock<std::mutex> second;
    if (low != high) {
      second = std::unique_lock{shards_[high].mutex};
    }
    Shard& out_of = shards_[index_of(source)];
    Shard& into = shards_[index_of(target)];
    Shard::Node* const found = out_of.find(source);
    if (found == nullptr || from == to) {
      return found != nullptr;
    }
    const std::string value = std::move(found->second.value);
    const Moment until = found->second.until;
    out_of.erase(*found);
    into.put(target, into.find(target), value, until);
  }
  make_room(index_of(target));
  return true;
}

template <class Wanted>
void Store::evict_from(std::size_t first, std::size_t at_once_of, Wanted wanted) {
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    Shard& shard = shards_[(first + i) % shards_.size()];
    const bool keep_last = i == 0;
    const std::scoped_lock lock{shard.mutex};
    const std::size_t at_once = at_once_of > 0 && wanted(shard) ? shard.size() / at_once_of : 0;
    for (std::size_t gone = 0; (gone < at_once || wanted(shard)) && shard.evict(keep_last); ++gone) {
    }
  }
}

std::vector<std::string> Store::matching(std::size_t shard, std::string_view pattern) {
  std::vector<std::string> keys;
  const std::scoped_lock lock{shards_[shard].mutex};
  shards_[shard].for_each([&](const Shard::Node& node) {
    if (base::glob_matches(pattern, node.first.text)) {
      keys.push_back(node.first.text);
    }
    return false;
  });
  return keys;
}

std::int64_t Store::erase_matching(std::string_view pattern) {
  std::int64_t erased = 0;
  for (Shard& shard : shards_) {
    const std::scoped_lock lock{shard.mutex};
    shard.for_each([&](const Shard::Node& node) {
      const bool matches = base::glob_matches(pattern, node.first.text);
      erased += matches ? 1 : 0;
      return matches;
    });
  }
  return erased;
}

void Store::clear() {
  for (Shard& shard : shards_) {
    const std::scoped_lock lock{shard.mutex};
    shard.clear();
  }
}

void Store::make_room(std::size_t first) {
  if (!is_full()) {
    return;
  }
  if (bounds_.cull_frequency == 0) {
    evict_from(first, 0, [](const Shard& shard) { return shard.size() > 0; });
    return;
  }
  // One of them has more than its share, or the sum would not be too much. Always taking from the first would
  // leave some shards next to nothing in the end.
  const std::size_t entries = bounds_.entries / shards_.size();
  const std::size_t bytes = bounds_.bytes / shards_.size();
  const std::size_t at_once_of = bounds_.cull_frequency.value_or(std::numeric_limits<std::size_t>::max());
  evict_from(first, at_once_of, [&](const Shard& shard) {
    return is_full() && (shard.size() > entries || shard.bytes() > bytes);
  });
  // Or the newest entry alone has more than that.
  evict_from(first, at_once_of, [&](const Shard&) { return is_full(); });
}

LocMemStatistics Store::statistics() {
  LocMemStatistics statistics{.entries = usage_.entries.load(std::memory_order_relaxed),
                              .bytes = usage_.bytes.load(std::memory_order_relaxed)};
  for (Shard& shard : shards_) {
    const std::scoped_lock lock{shard.mutex};
    statistics.hits += shard.hits();
    statistics.misses += shard.misses();
    statistics.evicted += shard.evicted();
    statistics.expired += shard.expired();
  }
  return statistics;
}

void Store::before_fork() noexcept {
  for (Shard& shard : shards_) {
    shard.mutex.lock();
  }
}

void Store::after_fork_in_parent() noexcept {
  for (Shard& shard : shards_) {
    shard.mutex.unlock();
  }
}

void Store::after_fork_in_child() noexcept {
  after_fork_in_parent();
}

}  // namespace rediscache::local
