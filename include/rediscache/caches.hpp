// The caches of a process by alias, like Django's `caches`.
//
//   int main() {
//     rediscache::caches.configure(rediscache::Settings::from_file("/etc/shop/caches.json"));
//     ...
//   }
//   rediscache::caches["default"].set("user:1", user, 5min);
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/cache.hpp>
#include <rediscache/cache_handle.hpp>
#include <rediscache/error.hpp>
#include <rediscache/export.hpp>
#include <rediscache/milliseconds.hpp>
#include <rediscache/options.hpp>
#include <rediscache/settings.hpp>

namespace rediscache {

/// No cache of that alias, or not of the kind asked for; or the caches are asked for before they are
/// configured.
class REDISCACHE_API InvalidCacheBackendError : public InvalidOptions {
 public:
  using InvalidOptions::InvalidOptions;
  ~InvalidCacheBackendError() override;
  InvalidCacheBackendError(const InvalidCacheBackendError&) = default;
  InvalidCacheBackendError& operator=(const InvalidCacheBackendError&) = default;
};

/// Caches by alias. Each is made on first use and shared by all threads.
///
/// Thread safety: every function may be called from any thread at any time. After fork() the child has the
/// same caches; it watches no file until it calls watch() itself.
/// Errors: InvalidCacheBackendError before the first configure(), add() or reload(), which says so.
/// Blocking: nothing waits for a server. Settings read their files.
class REDISCACHE_API Caches {
 public:
  Caches();
  /// Ends watching. Handles stay usable.
  ~Caches();
  Caches(const Caches&) = delete;
  Caches& operator=(const Caches&) = delete;

  /// The one that `rediscache::caches` is. It is never destroyed.
  [[nodiscard]] static Caches& process_wide();

  /// The cache of that alias. InvalidCacheBackendError, with the known aliases, when there is none.
  [[nodiscard]] CacheHandle operator[](std::string_view alias) const;
  /// The same, or nothing when there is none.
  [[nodiscard]] std::optional<CacheHandle> get(std::string_view alias) const;
  /// The same, or one that stores nothing, with one warning for each alias; even before they are configured.
  /// When the alias comes later, the handle is its cache from then on.
  [[nodiscard]] CacheHandle get_or_dummy(std::string_view alias) const;
  [[nodiscard]] std::vector<std::string> aliases() const;

  /// Takes these settings in place of earlier ones, all at once: no caller sees the old and then the new and
  /// then the old again. Caches whose settings did not change stay, those of add() too. The aliases that
  /// changed, came or went.
  std::vector<std::string> configure(const Settings& settings);
  /// A cache of the program's own. InvalidOptions when the options cannot be used.
  void add(std::string_view alias, const Options& options);
  void add(std::string_view alias, std::shared_ptr<Cache> cache);

  /// Reads the file anew and configures. When anything is wrong with it, InvalidOptions says what, and
  /// nothing has changed.
  std::vector<std::string> reload(const std::string& path, const SettingsSources& sources = {});
  /// The file that the settings are from, and with their sources.
  std::vector<std::string> reload();

  /// Reads the file, configures, and from then on looks every `interval` whether it has changed, or a file
  /// with a secret that it names, and reloads. What is wrong then is logged, once, and nothing has changed.
  /// It is one thread, until stop_watching() or the next watch().
  void watch(const std::string& path, Milliseconds interval = std::chrono::seconds{5},
             const SettingsSources& sources = {});
  void stop_watching();

  /// The settings in use: those of the last configure(), reload() or watch().
  [[nodiscard]] Settings settings() const;

 private:
  std::shared_ptr<config::CacheTable> table_;
};

// NOLINTNEXTLINE(cert-err58-cpp,cppcoreguidelines-avoid-non-const-global-variables): as it is called in
// Django
inline Caches& caches = Caches::process_wide();

}  // namespace rediscache
