#include "config/backends.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <rediscache/error.hpp>
#include <rediscache/redis_cache.hpp>

#include "base/registry.hpp"
#include "config/expect.hpp"
#include "config/memory_backends.hpp"
#include "config/typed.hpp"

namespace rediscache {
namespace config {
namespace {

constexpr std::string_view djangos_redis = "django.core.cache.backends.redis.RedisCache";
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> dotted_backends{
    {{"django_redis.cache.RedisCache", "redis"},
     {djangos_redis, "redis"},
     {"django.core.cache.backends.locmem.LocMemCache", "locmem"},
     {"django.core.cache.backends.dummy.DummyCache", "dummy"}}};

CacheMaker read_redis_backend(Draft& draft) {
  read_redis(draft, *draft.param("BACKEND") == Value{djangos_redis});
  return [options = draft.options()] { return std::make_shared<RedisCache>(options); };
}

/// LOCATION and OPTIONS as they are, for a backend of the program's own.
CacheMaker read_own(Draft& draft, const BackendFactory& factory) {
  Options& options = draft.options();
  options.location.clear();
  const std::string path = under(draft.path(), "LOCATION");
  if (const Value* const location = draft.param("LOCATION"); location != nullptr && !location->is_none()) {
    for (auto& [place, text] : read_texts(draft.reading(), {*location, path})) {
      options.location.push_back(std::move(text));
    }
    // Nobody here knows what it is, or whether it is secret; nor what the others are.
    draft.show({"LOCATION", "***", draft.reading().origin(path)});
  }
  for (const auto& [key, value] : draft.backend_options()) {
    draft.show({"OPTIONS." + key.as_text(), "***",
                draft.reading().origin(under(under(draft.path(), "OPTIONS"), key.as_text()))});
  }
  BackendSettings settings{
      .alias = draft.alias(), .options = options, .extra = Value{draft.backend_options()}};
  return [factory, settings = std::move(settings)] {
    auto cache = factory(settings);
    expect(cache != nullptr, "the backend factory returned no cache");
    return cache;
  };
}

base::Registry<Backend>& backends() {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): never destroyed, see base/registry.hpp
  static auto& registry =
      *new base::Registry<Backend>{"backend",
                                   {{"redis", {.read = read_redis_backend, .needs_redis = true}},
                                    {"locmem", {.read = read_locmem}},
                                    {"dummy", {.read = read_dummy}},
                                    {"failover", {.read = read_failover, .needs_redis = true}}}};
  return registry;
}

}  // namespace

std::string_view short_backend(std::string_view name) noexcept {
  const auto* const found = std::find_if(dotted_backends.begin(), dotted_backends.end(),
                                         [&](const auto& each) { return each.first == name; });
  return found == dotted_backends.end() ? name : found->second;
}

Backend backend(std::string_view name) {
  return backends().find(name);
}

std::vector<std::string> backend_names() {
  std::vector<std::string> names = backends().names();
  for (const auto& each : dotted_backends) {
    names.emplace_back(each.first);
  }
  return names;
}

}  // namespace config

void register_backend(std::string name, BackendFactory factory) {
  config::backends().add(std::move(name), {.read = [factory = std::move(factory)](config::Draft& draft) {
                           return config::read_own(draft, factory);
                         }});
}

}  // namespace rediscache
