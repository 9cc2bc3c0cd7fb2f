#include "config/cache_table.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include <rediscache/caches.hpp>
#include <rediscache/dummy_cache.hpp>

#include "config/settings_state.hpp"

namespace rediscache::config {
namespace {

/// Where the watchers of a parent process end up in its child, where their threads do not exist: to end them
/// would be to wait for ever.
void abandon(std::unique_ptr<Watcher> watcher) noexcept {
  static std::atomic<Watcher*> last{nullptr};
  last.store(watcher.release());  // still within reach, for those who look for leaks
}

/// What is replaced, to be destroyed when the locks are gone: caches end their connections then, and whatever
/// a program's own cache does.
struct Dropped {
  std::vector<std::shared_ptr<Cache>> caches{};
  std::vector<CacheMaker> makers{};
};

void put(CacheSlot& slot, const std::shared_ptr<Cache>& cache) {
  for (std::shared_ptr<Cache>& made : slot.made) {
    made = std::shared_ptr<Cache>{cache.get(), [cache](Cache*) {}};
  }
}

void replace(CacheSlot& slot, std::string backend, CacheMaker make, Value identity, Dropped& dropped) {
  for (std::shared_ptr<Cache>& made : slot.made) {
    dropped.caches.push_back(std::move(made));
    made = nullptr;
  }
  dropped.makers.push_back(std::exchange(slot.make, std::move(make)));
  slot.backend = std::move(backend);
  slot.identity = std::move(identity);
  ++slot.generation;
}

}  // namespace

/// Holds the locks of all lanes.
class CacheTable::Everything {
 public:
  explicit Everything(CacheTable& table) : table_{table} { lock_all(table_); }
  Everything(const Everything&) = delete;
  Everything& operator=(const Everything&) = delete;
  ~Everything() { unlock_all(table_); }

  static void lock_all(CacheTable& table) {
    for (Lane& lane : table.lanes_) {
      lane.mutex.lock();
    }
  }
  static void unlock_all(CacheTable& table) noexcept {
    for (Lane& lane : table.lanes_) {
      lane.mutex.unlock();
    }
  }

 private:
  CacheTable& table_;
};

CacheTable::CacheTable() : dummy_{std::make_shared<DummyCache>()} {
  join_as_leaf();
}

CacheTable::~CacheTable() {
  leave();
}

std::size_t CacheTable::lane_of_thread() noexcept {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t lane = threads.fetch_add(1, std::memory_order_relaxed) % CacheSlot::lanes;
  return lane;
}

CacheSlot* CacheTable::find(std::string_view alias) {
  const std::scoped_lock lock{lanes_[lane_of_thread()].mutex};
  if (!is_configured_) {
    throw InvalidCacheBackendError{
        "the caches are used before they are configured: call rediscache::caches.configure() with "
        "Settings::from_file(path) or Settings::from_environment(), or add(alias, options), at the beginning "
        "of "
        "main()"};
  }
  const auto found = slots_.find(alias);
  return found == slots_.end() || !found->second->make ? nullptr : found->second.get();
}

CacheSlot& CacheTable::find_or_add(std::string_view alias, bool& is_missing) {
  const Everything lock{*this};
  CacheSlot& slot = slot_of(alias);
  is_missing = !slot.make && !std::exchange(slot.is_told_missing, true);
  return slot;
}

CacheSlot& CacheTable::slot_of(std::string_view alias) {
  auto found = slots_.find(alias);
  if (found == slots_.end()) {
    found = slots_.emplace(std::string{alias}, std::make_unique<CacheSlot>()).first;
    found->second->alias = alias;
  }
  return *found->second;
}

std::shared_ptr<Cache> CacheTable::cache(CacheSlot& slot) {
  const std::size_t lane = lane_of_thread();
  while (true) {
    CacheMaker make;
    std::uint64_t generation = 0;
    {
      const std::scoped_lock lock{lanes_[lane].mutex};
      if (slot.made[lane] != nullptr || !slot.make) {
        return slot.made[lane];
      }
      make = slot.make;
      generation = slot.generation;
    }
    // Outside the locks: it may be the program's code. Two threads may do it at once, and one has its for
    // nothing.
    const std::shared_ptr<Cache> made = make();
    const Everything lock{*this};
    if (slot.generation == generation) {
      if (slot.made[lane] == nullptr) {
        put(slot, made);
      }
      return slot.made[lane];
    }
  }
}

std::vector<std::string> CacheTable::aliases() {
  const std::scoped_lock lock{lanes_[lane_of_thread()].mutex};
  std::vector<std::string> names;
  for (const auto& [alias, slot] : slots_) {
    if (slot->make) {
      names.push_back(alias);
    }
  }
  return names;
}

std::string CacheTable::backend(const CacheSlot& slot) {
  const std::scoped_lock lock{lanes_[lane_of_thread()].mutex};
  return slot.backend;
}

std::vector<std::string> CacheTable::configure(const Settings& settings) {
  const Settings before = this->settings();
  const std::vector<Entry>& entries = SettingsState::of(settings).entries;
  std::vector<std::string> changed;
  Dropped dropped;
  const Everything lock{*this};
  for (const Entry& entry : entries) {
    CacheSlot& slot = slot_of(entry.alias);
    if (!slot.make || slot.is_own || entry.identity.is_none() || !(slot.identity == entry.identity)) {
      replace(slot, entry.backend, entry.make, entry.identity, dropped);
      slot.is_own = false;
      changed.push_back(slot.alias);
    }
  }
  for (const auto& [alias, slot] : slots_) {
    const bool is_there = std::any_of(entries.begin(), entries.end(),
                                      [&name = alias](const Entry& entry) { return entry.alias == name; });
    if (slot->make && !slot->is_own && !is_there) {
      replace(*slot, {}, {}, {}, dropped);
      changed.push_back(alias);
    }
  }
  settings_ = settings;  // the old ones live on in `before`, until the locks are gone
  is_configured_ = true;
  return changed;
}

void CacheTable::add(std::string_view alias, std::string backend, CacheMaker make) {
  Dropped dropped;
  const Everything lock{*this};
  CacheSlot& slot = slot_of(alias);
  replace(slot, std::move(backend), std::move(make), {}, dropped);
  slot.is_own = true;
  is_configured_ = true;
}

Settings CacheTable::settings() {
  const std::scoped_lock lock{lanes_[lane_of_thread()].mutex};
  return settings_;
}

std::unique_ptr<Watcher> CacheTable::exchange_watcher(std::unique_ptr<Watcher> watcher) {
  const Everything lock{*this};
  return std::exchange(watcher_, std::move(watcher));
}

void CacheTable::before_fork() noexcept {
  Everything::lock_all(*this);
}

void CacheTable::after_fork_in_parent() noexcept {
  Everything::unlock_all(*this);
}

void CacheTable::after_fork_in_child() noexcept {
  Everything::unlock_all(*this);
  if (watcher_ != nullptr) {
    abandon(std::move(watcher_));
  }
}

}  // namespace rediscache::config
