// Settings out of environment variables alone.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <rediscache/redis_cache.hpp>
#include <rediscache/settings.hpp>

#include "base/text.hpp"
#include "config/backends.hpp"
#include "config/location.hpp"
#include "config/logger.hpp"
#include "config/settings_state.hpp"
#include "config/sources.hpp"

namespace rediscache {
namespace config {
namespace {

/// A host or a path as a URL takes it.
std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain = "-._~/";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
        plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 0xfU];
    }
  }
  return out;
}

class EnvironmentReader {
 public:
  explicit EnvironmentReader(const SettingsSources& sources) : reading_{"the environment", sources} {}

  SettingsState read(const Options& base) {
    const Value none{Value::Dict{}};
    Draft draft{reading_, "default", none, Globals{.options = base, .otherwise = "the program's options"}};
    const bool is_disabled = is_redis_disabled(reading_);
    draft.show({"BACKEND", is_disabled ? "dummy" : "redis",
                is_disabled ? reading_.origin("DISABLE_REDIS_CACHE") : reading_.origin(place())});
    draft.show(cache_rows());
    Entry entry{.alias = draft.alias(), .backend = is_disabled ? "dummy" : "redis"};
    if (is_disabled) {
      entry.make = backend(entry.backend).read(draft);
    } else {
      read_redis_options(draft);
      entry.make = [options = draft.options()] { return std::make_shared<RedisCache>(options); };
    }
    reading_.finish(logger_of(base));
    entry.options = draft.options();
    entry.shown = draft.take_shown();
    SettingsState state{.sources = reading_.sources()};
    state.entries.push_back(std::move(entry));
    return state;
  }

 private:
  [[nodiscard]] std::optional<std::string> variable(const std::string& name) const {
    auto value = reading_.sources().variable(name);
    return value && value->empty() ? std::nullopt : value;
  }

  /// The first variable that is set and says where the server is; "REDIS_URL" when none does.
  [[nodiscard]] std::string place() const {
    for (const char* const name : {"REDIS_TLS_URL", "REDIS_URL", "REDIS_HOST", "REDIS_PORT", "REDIS_DB"}) {
      if (variable(name)) {
        return name;
      }
    }
    return "REDIS_URL";
  }

  void read_redis_options(Draft& draft) {
    const std::size_t problems_before = reading_.problems();
    if (auto password = variable("REDIS_PASSWORD")) {
      draft.options().password = std::move(*password);
      draft.came("PASSWORD", reading_.origin("REDIS_PASSWORD"));
    }
    if (auto tls = variable("REDIS_TLS_URL")) {
      take_locations(draft, {{"REDIS_TLS_URL", std::move(*tls)}}, std::nullopt);
    } else if (auto url = variable("REDIS_URL")) {
      take_locations(draft, {{"REDIS_URL", std::move(*url)}}, std::nullopt);
    } else {
      take_parts(draft);
    }
    finish_redis(draft, problems_before);
  }

  void take_parts(Draft& draft) {
    auto host = variable("REDIS_HOST");
    auto port = variable("REDIS_PORT");
    const auto database = variable("REDIS_DB");
    if (!host && !port && !database) {
      reading_.problem("REDIS_URL", "is not set, nor is REDIS_TLS_URL, REDIS_HOST, REDIS_PORT or REDIS_DB");
      return;
    }
    if (port && port->starts_with("tcp://")) {
      // Container platforms set it so for a service that is called "redis".
      const std::string address = port->substr(6);
      const std::size_t colon = address.rfind(':');
      host = host ? host : address.substr(0, colon);
      port = colon == std::string::npos ? "" : address.substr(colon + 1);
    }
    const auto number = port ? base::parse_unsigned(*port) : std::optional<std::uint64_t>{6379};
    if (!number || *number == 0 || *number > UINT16_MAX) {
      reading_.problem("REDIS_PORT", "is no port; it takes a number from 1 to 65535");
      return;
    }
    if (database && base::parse_unsigned(*database).value_or(UINT64_MAX) > INT32_MAX) {
      reading_.problem("REDIS_DB", "is no database; it takes a number from 0");
      return;
    }
    const std::string name = host.value_or("127.0.0.1");
    std::string url;
    if (name.starts_with('/')) {
      url = "unix://" + encoded(name) + "?db=" + database.value_or("0");
    } else {
      // An address of IPv6, which is written in brackets.
      const bool has_colons = name.find(':') != std::string::npos && !name.starts_with('[');
      const std::string authority = name.starts_with('[') ? name
                                    : has_colons          ? '[' + name + ']'
                                                          : encoded(name);
      url = "redis://" + authority + ':' + std::to_string(*number) + '/' + database.value_or("0");
    }
    take_locations(draft, {{place(), std::move(url)}}, std::nullopt);
  }

  Reading reading_;
};

}  // namespace
}  // namespace config

Settings Settings::from_environment(const Options& base, const SettingsSources& sources) {
  return config::SettingsState::settings(config::EnvironmentReader{sources}.read(base));
}

}  // namespace rediscache
