// The caches of a site as its settings tell them: Django's CACHES as JSON, or environment variables.
//
//   const auto settings = rediscache::Settings::from_file("/etc/shop/caches.json");
//   rediscache::caches.configure(settings);                          // see caches.hpp, or:
//   rediscache::RedisCache cache{settings.options("default")};
//   std::cout << settings.describe();   // every value, and where it came from; no secrets
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/export.hpp>
#include <rediscache/options.hpp>

namespace rediscache {

namespace config {
struct SettingsState;
}  // namespace config

/// Where settings find what they name. What is left empty is the process's own.
struct SettingsSources {
  /// The value of an environment variable; nothing when it is not set.
  std::function<std::optional<std::string>(const std::string& name)> variable{};
  /// All that is in a file; throws a std::exception that says why not.
  std::function<std::string(const std::string& path)> read_file{};
};

/// Settings that have been read and checked: a cache can be made of each alias. docs/settings.md lists all
/// keys.
///
/// Thread safety: a value that never changes; any number of threads may read it, copies share what they hold.
/// Errors: InvalidOptions that names everything that is wrong, each with its path
/// (`CACHES.default.OPTIONS.SOCKET_TIMEOUT`), what was found, what is allowed and the nearest known name. It
/// shows no secrets, and no values of environment variables.
/// Blocking: files are read; nothing connects.
class REDISCACHE_API Settings {
 public:
  /// Without any cache.
  Settings();
  ~Settings();
  Settings(const Settings&);
  Settings& operator=(const Settings&);
  Settings(Settings&&) noexcept;
  Settings& operator=(Settings&&) noexcept;

  /// Either Django's CACHES alone, or an object that has it under "CACHES" and the global settings of
  /// django-redis beside it. `${NAME}` and `${NAME:-default}` inside texts are filled from the environment.
  [[nodiscard]] static Settings from_json(std::string_view text, const SettingsSources& sources = {});
  /// The same out of a file.
  [[nodiscard]] static Settings from_file(const std::string& path, const SettingsSources& sources = {});
  /// The cache "default" with `base` for options, on the server that REDIS_TLS_URL names, else REDIS_URL,
  /// else REDIS_HOST, REDIS_PORT and REDIS_DB; the password is the URL's, else REDIS_PASSWORD. It is an error
  /// when none of them is set.
  [[nodiscard]] static Settings from_environment(const Options& base = {},
                                                 const SettingsSources& sources = {});

  /// The names of the caches, as they are ordered in the file.
  [[nodiscard]] std::vector<std::string> aliases() const;
  /// The options of a cache. InvalidOptions when there is none of that name.
  [[nodiscard]] const Options& options(std::string_view alias) const;
  /// "redis", "locmem", "dummy", "failover", or what the program registered.
  [[nodiscard]] const std::string& backend(std::string_view alias) const;

  /// Every setting of a cache, a line each: name, value, and where it came from. Secrets are "***".
  [[nodiscard]] std::string describe(std::string_view alias) const;
  /// Of all caches.
  [[nodiscard]] std::string describe() const;

 private:
  friend struct config::SettingsState;
  explicit Settings(std::shared_ptr<const config::SettingsState> state) noexcept;

  std::shared_ptr<const config::SettingsState> state_;
};

}  // namespace rediscache
