// The caches of a process, and who may change which there are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/cache.hpp>
#include <rediscache/settings.hpp>

#include "base/fork.hpp"
#include "config/backends.hpp"
#include "config/entry.hpp"
#include "config/watcher.hpp"

namespace rediscache::config {

/// An alias. It stays when its cache goes, for there may be handles.
struct CacheSlot {
  static constexpr std::size_t lanes = 8;

  std::string alias{};
  CacheMaker make{};  ///< empty: there is no such cache
  std::string backend{};
  Value identity{};              ///< of what the settings say; none when nobody can tell whether that changed
  bool is_own = false;           ///< the program's: settings that lack it do not take it away
  std::uint64_t generation = 0;  ///< counts the changes of `make`
  bool is_told_missing = false;  ///< that it is a dummy was logged
  /// The cache once it is made: in each lane by a pointer that counts for itself, so that threads of
  /// different lanes share no counter.
  std::array<std::shared_ptr<Cache>, lanes> made{};
};

/// All aliases. Reading takes the lock of the thread's own lane, changing takes all of them; so readers do
/// not meet, and see a change of several aliases as one. Nothing is called under these locks.
class CacheTable final : private base::ForkAware {
 public:
  CacheTable();
  CacheTable(const CacheTable&) = delete;
  CacheTable& operator=(const CacheTable&) = delete;
  virtual ~CacheTable();

  /// The alias if it has a cache, else nothing. InvalidCacheBackendError before anything was configured.
  [[nodiscard]] CacheSlot* find(std::string_view alias);
  /// The alias, even if it has no cache. `is_missing`: it has none, and nobody was told yet.
  [[nodiscard]] CacheSlot& find_or_add(std::string_view alias, bool& is_missing);
  /// Its cache, which is made when it is asked for first; nothing if there is none.
  [[nodiscard]] std::shared_ptr<Cache> cache(CacheSlot& slot);
  /// One that keeps nothing, for those who asked for that instead.
  [[nodiscard]] const std::shared_ptr<Cache>& dummy() const noexcept { return dummy_; }
  [[nodiscard]] std::vector<std::string> aliases();
  [[nodiscard]] std::string backend(const CacheSlot& slot);

  std::vector<std::string> configure(const Settings& settings);
  void add(std::string_view alias, std::string backend, CacheMaker make);
  [[nodiscard]] Settings settings();

  /// Puts another watcher, or none, in its place; the old one is for the caller to end.
  [[nodiscard]] std::unique_ptr<Watcher> exchange_watcher(std::unique_ptr<Watcher> watcher);

 private:
  class Everything;
  struct alignas(64) Lane {
    std::mutex mutex;
  };

  [[nodiscard]] static std::size_t lane_of_thread() noexcept;
  [[nodiscard]] CacheSlot& slot_of(std::string_view alias);
  void before_fork() noexcept override;
  void after_fork_in_parent() noexcept override;
  void after_fork_in_child() noexcept override;

  std::array<Lane, CacheSlot::lanes> lanes_{};
  std::map<std::string, std::unique_ptr<CacheSlot>, std::less<>> slots_{};
  Settings settings_{};
  bool is_configured_ = false;
  std::unique_ptr<Watcher> watcher_{};
  const std::shared_ptr<Cache> dummy_;
};

}  // namespace rediscache::config
