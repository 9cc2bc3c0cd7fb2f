// Settings for tests, with an environment and files of their own.
#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <rediscache/settings.hpp>

namespace rediscache::test {

using Variables = std::map<std::string, std::string>;

/// An environment of these variables, and these files; nothing of the process's own.
inline SettingsSources sources_of(Variables variables = {}, std::map<std::string, std::string> files = {}) {
  return {.variable =
              [variables = std::move(variables)](const std::string& name) {
                const auto found = variables.find(name);
                return found == variables.end() ? std::nullopt : std::optional{found->second};
              },
          .read_file =
              [files = std::move(files)](const std::string& path) {
                const auto found = files.find(path);
                if (found == files.end()) {
                  throw std::runtime_error{"No such file or directory"};
                }
                return found->second;
              }};
}

/// CACHES with a "default" on Redis: `more` follows LOCATION, `options` are the contents of OPTIONS.
inline std::string one_cache(const std::string& options = {}, const std::string& more = {}) {
  return R"({"default": {"BACKEND": "django_redis.cache.RedisCache",
             "LOCATION": "redis://127.0.0.1:6379/1")" +
         (more.empty() ? "" : ", " + more) + R"(, "OPTIONS": {)" + options + "}}}";
}

}  // namespace rediscache::test
