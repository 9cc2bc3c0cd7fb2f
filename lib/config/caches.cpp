#include <cstdlib>
#include <exception>
#include <utility>

#include <rediscache/caches.hpp>
#include <rediscache/dummy_cache.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "config/assemble.hpp"
#include "config/cache_table.hpp"
#include "config/logger.hpp"
#include "config/settings_state.hpp"
#include "config/sources.hpp"

namespace rediscache {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

[[noreturn]] void throw_missing(std::string_view alias, const std::vector<std::string>& known) {
  std::string message = "Could not find config for '" + std::string{alias} +
                        "' in settings.CACHES. Known: " + (known.empty() ? "none" : joined(known)) + '.';
  if (const auto meant = base::nearest(alias, known)) {
    message += " Did you mean '" + *meant + "'?";
  }
  throw InvalidCacheBackendError{message};
}

/// Whether a file that the settings are from is not as it was. One that cannot be read has changed: reading
/// the settings will say so.
bool has_changed(const config::SettingsState& state) {
  try {
    for (const auto& [path, text] : state.files) {
      if (state.sources.read_file(path) != text) {
        return true;
      }
    }
    return false;
  } catch (const std::exception&) {
    return true;
  }
}

/// What a watching thread does each time. It remembers what it complained of, to say it once.
class Look {
 public:
  Look(config::CacheTable& table, std::string path, SettingsSources sources)
      : table_{table}, path_{std::move(path)}, sources_{std::move(sources)} {}

  void operator()() {
    const Settings settings = table_.settings();
    const config::SettingsState& state = config::SettingsState::of(settings);
    const base::Logger logger = config::default_logger();
    try {
      if (state.path == path_ && !has_changed(state)) {
        complaint_.clear();
        return;
      }
      const auto changed = table_.configure(Settings::from_file(path_, sources_));
      complaint_.clear();
      base::log_info(logger,
                     "reloaded " + path_ + "; changed: " + (changed.empty() ? "none" : joined(changed)));
    } catch (const std::exception& error) {
      if (complaint_ != error.what()) {
        complaint_ = error.what();
        base::log_error(logger, "the caches stay as they are: " + complaint_);
      }
    }
  }

 private:
  config::CacheTable& table_;
  std::string path_;
  SettingsSources sources_;
  std::string complaint_;
};

}  // namespace

InvalidCacheBackendError::~InvalidCacheBackendError() = default;

Caches::Caches() : table_{std::make_shared<config::CacheTable>()} {}
Caches::~Caches() {
  stop_watching();
}

Caches& Caches::process_wide() {
  // Never destroyed: threads may use it until the process ends.
  static Caches& instance = *new Caches;  // NOLINT(cppcoreguidelines-owning-memory)
  return instance;
}

CacheHandle Caches::operator[](std::string_view alias) const {
  config::CacheSlot* const slot = table_->find(alias);
  if (slot == nullptr) {
    throw_missing(alias, aliases());
  }
  return CacheHandle{table_, *slot, false};
}

std::optional<CacheHandle> Caches::get(std::string_view alias) const {
  config::CacheSlot* const slot = table_->find(alias);
  return slot == nullptr ? std::nullopt : std::optional{CacheHandle{table_, *slot, false}};
}

CacheHandle Caches::get_or_dummy(std::string_view alias) const {
  bool is_missing = false;
  config::CacheSlot& slot = table_->find_or_add(alias, is_missing);
  if (is_missing) {
    base::log_warning(config::default_logger(),
                      "there is no cache '" + slot.alias +
                          "'; one that stores nothing is used instead. Known: " + joined(aliases()));
  }
  return CacheHandle{table_, slot, true};
}

std::vector<std::string> Caches::aliases() const {
  return table_->aliases();
}

std::vector<std::string> Caches::configure(const Settings& settings) {
  return table_->configure(settings);
}

void Caches::add(std::string_view alias, const Options& options) {
  static_cast<void>(config::assemble(options));  // says what is wrong now and not at the first call
  config::Reading reading{"the environment", {}};
  const bool is_disabled = config::is_redis_disabled(reading);
  reading.finish({});
  if (is_disabled) {
    table_->add(alias, "dummy", [] { return std::make_shared<DummyCache>(); });
  } else {
    table_->add(alias, "redis", [options] { return std::make_shared<RedisCache>(options); });
  }
}

void Caches::add(std::string_view alias, std::shared_ptr<Cache> cache) {
  if (cache == nullptr) {
    throw InvalidArgument{"there is no cache to add as '" + std::string{alias} + '\''};
  }
  table_->add(alias, "the program's own", [cache = std::move(cache)] { return cache; });
}

std::vector<std::string> Caches::reload(const std::string& path, const SettingsSources& sources) {
  return configure(Settings::from_file(path, sources));
}

std::vector<std::string> Caches::reload() {
  const Settings before = settings();
  const config::SettingsState& state = config::SettingsState::of(before);
  if (state.path.empty()) {
    throw InvalidOptions{"the settings are from no file; reload(path) takes one"};
  }
  return reload(state.path, state.sources);
}

void Caches::watch(const std::string& path, Milliseconds interval, const SettingsSources& sources) {
  if (interval.count() <= 0) {
    throw InvalidArgument{"the interval between looks at the settings must be more than 0"};
  }
  reload(path, sources);
  if (this == &process_wide()) {
    // The thread must end before the objects that it uses are destroyed. Those exist by now, the log's too.
    base::log_info(config::default_logger(), "watching " + path);
    static const int once = std::atexit([] { process_wide().stop_watching(); });
    static_cast<void>(once);
  }
  auto watcher = std::make_unique<config::Watcher>(interval, Look{*table_, path, sources});
  static_cast<void>(table_->exchange_watcher(std::move(watcher)));  // the old one ends here
}

void Caches::stop_watching() {
  static_cast<void>(table_->exchange_watcher(nullptr));
}

Settings Caches::settings() const {
  return table_->settings();
}

}  // namespace rediscache
