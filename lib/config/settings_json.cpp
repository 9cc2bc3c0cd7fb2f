// Settings out of JSON.
#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include <rediscache/error.hpp>
#include <rediscache/settings.hpp>

#include "base/text.hpp"
#include "codec/json_reader.hpp"
#include "config/logger.hpp"
#include "config/settings_state.hpp"
#include "config/sources.hpp"

namespace rediscache {
namespace config {
namespace {

/// The global settings, and the keys of OPTIONS that say the same.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> global_keys{
    {{"DJANGO_REDIS_IGNORE_EXCEPTIONS", "IGNORE_EXCEPTIONS"},
     {"DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS", "LOG_IGNORED_EXCEPTIONS"},
     {"DJANGO_REDIS_LOGGER", "LOGGER"},
     {"DJANGO_REDIS_SCAN_ITERSIZE", "SCAN_ITERSIZE"},
     {"DJANGO_REDIS_CLOSE_CONNECTION", "CLOSE_CONNECTION"},
     {"CACHE_HERD_TIMEOUT", "HERD_TIMEOUT"}}};
constexpr std::string_view unused_key = "DJANGO_REDIS_CONNECTION_FACTORY";

/// Whether a key beside CACHES is django-redis's; all others are Django's own business.
bool is_global(std::string_view key) noexcept {
  return key.starts_with("DJANGO_REDIS_") || key.starts_with("CACHE_HERD");
}

/// Where in `text` a byte is, as editors tell it.
std::string position(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - begin + 1);
}

Value parsed(std::string_view text, const std::string& where) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";  // which Windows puts before text
  text.remove_prefix(text.starts_with(mark) ? mark.size() : 0);
  try {
    return codec::read_json(text);
  } catch (const codec::NotJson& error) {
    throw InvalidOptions{where + ": " + position(text, error.at()) + ": " + error.what()};
  }
}

Globals read_globals(Reading& reading, const Value& whole) {
  Globals globals;
  Value::Dict identity;
  for (const auto& [key, raw] : whole.as_dict()) {
    const std::string& name = key.as_text();
    const auto* const known = std::find_if(global_keys.begin(), global_keys.end(),
                                           [&](const auto& each) { return each.first == name; });
    if (known != global_keys.end()) {
      const Value value = reading.filled(raw, name);
      if (!value.is_none()) {
        find_row(redis_rows(), known->second)->read(reading, {value, name}, globals.options);
        globals.origins[std::string{known->second}] = reading.origin(name);
      }
      identity.emplace_back(name, value);
    } else if (name == unused_key) {
      reading.ignored(name);
    } else if (is_global(name)) {
      std::vector<std::string> names{std::string{unused_key}};
      for (const auto& each : global_keys) {
        names.emplace_back(each.first);
      }
      reading.unknown_key(name, name, names);
    }
  }
  globals.identity = Value{std::move(identity)};
  return globals;
}

Settings read(std::string_view text, const std::string& path, const SettingsSources& sources) {
  const std::string where = path.empty() ? "the settings" : path;
  const Value document = parsed(text, where);
  Reading reading{path, sources};
  if (document.kind() != Value::Kind::dict) {
    throw InvalidOptions{where + ": must be an object: CACHES itself, or one that has it under \"CACHES\""};
  }
  const bool is_whole = document.find("CACHES") != nullptr;
  const bool has_globals = std::any_of(document.as_dict().begin(), document.as_dict().end(),
                                       [](const auto& entry) { return is_global(entry.first.as_text()); });
  if (!is_whole && has_globals) {
    reading.problem("CACHES", "is missing");
  }
  const Globals globals = is_whole ? read_globals(reading, document) : Globals{};
  const Value& caches = is_whole ? *document.find("CACHES") : document;
  if (caches.kind() != Value::Kind::dict) {
    reading.wrong({caches, "CACHES", true}, "an object with an alias for each cache");
    reading.finish({});
  }
  SettingsState state{.path = path, .sources = complete(sources)};
  if (is_whole || !has_globals) {
    for (const auto& [alias, raw] : caches.as_dict()) {
      state.entries.push_back(read_entry(reading, alias.as_text(), raw, globals));
    }
  }
  reading.finish(logger_of(globals.options));
  state.files = reading.secret_files();
  if (!path.empty()) {
    state.files[path] = text;
  }
  return SettingsState::settings(std::move(state));
}

}  // namespace
}  // namespace config

Settings Settings::from_json(std::string_view text, const SettingsSources& sources) {
  return config::read(text, {}, sources);
}

Settings Settings::from_file(const std::string& path, const SettingsSources& sources) {
  std::string text;
  try {
    text = config::complete(sources).read_file(path);
  } catch (const std::exception& error) {
    throw InvalidOptions{"the settings file " + base::quoted(path) + " cannot be read: " + error.what()};
  }
  return config::read(text, path, sources);
}

}  // namespace rediscache
