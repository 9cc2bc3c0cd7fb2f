#include "config/entry.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "config/backends.hpp"
#include "config/names.hpp"
#include "config/typed.hpp"

namespace rediscache::config {
namespace {

constexpr const char* disabling_variable = "DISABLE_REDIS_CACHE";

void read_keys(Draft& draft) {
  constexpr std::array<std::string_view, 5> others{"BACKEND", "LOCATION", "KEY_FUNCTION",
                                                   "REVERSE_KEY_FUNCTION", "OPTIONS"};
  Reading& reading = draft.reading();
  for (const auto& [key, value] : draft.params()) {
    const std::string& name = key.as_text();
    const std::string path = under(draft.path(), name);
    const Found found{value, path};
    if (const OptionRow* const row = find_row(cache_rows(), name)) {
      draft.take(*row, value, path);
    } else if (name == "KEY_FUNCTION" && !value.is_none()) {
      read_key_function(reading, found, draft.options().key_function);
      draft.came(name, reading.origin(path));
    } else if (name == "REVERSE_KEY_FUNCTION" && !value.is_none()) {
      read_reverse_key_function(reading, found, draft.options().reverse_key_function);
      draft.came(name, reading.origin(path));
    } else if (name == "OPTIONS" && !value.is_none() && value.kind() != Value::Kind::dict) {
      reading.wrong(found, "an object");
    } else if (std::find(others.begin(), others.end(), name) == others.end()) {
      std::vector<std::string> known(others.begin(), others.end());
      for (const OptionRow& each : cache_rows()) {
        known.emplace_back(each.name);
      }
      reading.unknown_key(path, name, known);
    }
  }
}

/// How a function is shown: by its name, if the settings say one.
std::string shown_function(const Draft& draft, std::string_view key) {
  const Value* const name = draft.param(key);
  return name == nullptr || name->kind() != Value::Kind::text ? "Django's" : name->as_text();
}

std::optional<std::string> read_backend_name(Reading& reading, const Value& params, const std::string& path) {
  const Value* const found = params.find("BACKEND");
  const std::vector<std::string> known = backend_names();
  if (found == nullptr) {
    reading.problem(path, "is missing; the usual one is django_redis.cache.RedisCache");
    return std::nullopt;
  }
  auto name = read_text(reading, {*found, path});
  if (name && std::find(known.begin(), known.end(), *name) == known.end()) {
    reading.unknown_name({*found, path}, "backend", known);
    return std::nullopt;
  }
  return name;
}

}  // namespace

Draft::Draft(Reading& reading, std::string alias, const Value& params, const Globals& globals)
    : reading_{reading},
      alias_{std::move(alias)},
      path_{under("CACHES", alias_)},
      params_{params},
      options_{globals.options},
      origins_{globals.origins},
      otherwise_{globals.otherwise} {}

const Value::Dict& Draft::backend_options() {
  static const auto& none = *new Value::Dict;  // NOLINT(cppcoreguidelines-owning-memory): never destroyed
  const Value* const found = param("OPTIONS");
  return found == nullptr || found->kind() != Value::Kind::dict ? none : found->as_dict();
}

void Draft::take(const OptionRow& row, const Value& value, const std::string& where) {
  if (value.is_none() && !row.takes_null) {
    return;
  }
  row.read(reading_, {value, where, row.is_secret}, options_);
  came(row.name, reading_.origin(where));
}

std::string Draft::origin(std::string_view name) const {
  const auto found = origins_.find(std::string{name});
  return found == origins_.end() ? otherwise_ : found->second;
}

void Draft::show(std::span<const OptionRow> rows) {
  for (const OptionRow& row : rows) {
    const auto replaced = std::find_if(replaced_.begin(), replaced_.end(),
                                       [&](const Shown& shown) { return shown.name == row.name; });
    if (replaced != replaced_.end()) {
      show(*replaced);
    } else {
      show(row.name, row.show(options_));
    }
  }
}

bool is_redis_disabled(Reading& reading) {
  const auto value = reading.sources().variable(disabling_variable);
  constexpr std::array<std::string_view, 4> on{"true", "True", "1", "yes"};
  constexpr std::array<std::string_view, 5> off{"", "false", "False", "0", "no"};
  const bool disabled = value && std::find(on.begin(), on.end(), *value) != on.end();
  if (value && !disabled && std::find(off.begin(), off.end(), *value) == off.end()) {
    reading.problem(disabling_variable, "in the environment is neither true nor false");
  }
  return disabled;
}

Entry read_entry(Reading& reading, const std::string& alias, const Value& raw, const Globals& globals) {
  Entry entry{.alias = alias};
  const std::string path = under("CACHES", alias);
  if (raw.kind() != Value::Kind::dict) {
    reading.wrong({raw, path, true}, "an object with BACKEND and LOCATION");
    return entry;
  }
  const Value params = reading.filled(raw, path);
  Draft draft{reading, alias, params, globals};
  const std::string backend_path = under(path, "BACKEND");
  const auto name = read_backend_name(reading, params, backend_path);
  read_keys(draft);
  if (!name) {
    return entry;
  }
  entry.backend = short_backend(*name);
  Backend chosen = backend(entry.backend);
  std::string origin = reading.origin(backend_path);
  if (chosen.needs_redis && is_redis_disabled(reading)) {
    // What is wrong with the settings of Redis shows, or not, when they are used again.
    entry.backend = "dummy";
    chosen = backend(entry.backend);
    origin = std::string{"the environment variable "} + disabling_variable;
  }
  draft.show({"BACKEND", entry.backend, std::move(origin)});
  draft.show(cache_rows());
  draft.show("KEY_FUNCTION", shown_function(draft, "KEY_FUNCTION"));
  draft.show("REVERSE_KEY_FUNCTION", shown_function(draft, "REVERSE_KEY_FUNCTION"));
  entry.make = chosen.read(draft);
  entry.options = draft.options();
  entry.shown = draft.take_shown();
  entry.identity = Value{Value::Dict{{"backend", Value{entry.backend}},
                                     {"params", params},
                                     {"globals", globals.identity},
                                     {"password", Value{entry.options.password}}}};
  return entry;
}

}  // namespace rediscache::config
