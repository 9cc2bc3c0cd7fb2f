// One cache of the settings.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/cache.hpp>
#include <rediscache/options.hpp>
#include <rediscache/value.hpp>

#include "config/option_rows.hpp"
#include "config/reading.hpp"

namespace rediscache::config {

/// A line of describe().
struct Shown {
  std::string name;
  std::string value;
  std::string origin;
};

/// What was read of one cache.
struct Entry {
  std::string alias{};
  std::string backend{};
  Options options{};
  std::vector<Shown> shown{};
  std::function<std::shared_ptr<Cache>()> make{};
  /// All that the cache depends on: two entries that are alike in this are the same cache.
  Value identity{};
};

/// What the global settings say, for the caches that do not say otherwise.
struct Globals {
  Options options{};
  std::map<std::string, std::string> origins{};  ///< by the key of OPTIONS that says the same
  Value identity{};
  std::string otherwise = "default";  ///< where everything else comes from
};

/// An entry while it is read.
class Draft {
 public:
  Draft(Reading& reading, std::string alias, const Value& params, const Globals& globals);

  [[nodiscard]] Reading& reading() noexcept { return reading_; }
  [[nodiscard]] const std::string& alias() const noexcept { return alias_; }
  /// CACHES.alias
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] Options& options() noexcept { return options_; }
  /// CACHES.alias.KEY, if it is there.
  [[nodiscard]] const Value* param(std::string_view key) const { return params_.find(key); }
  [[nodiscard]] const Value::Dict& params() const { return params_.as_dict(); }
  /// Those of OPTIONS; none when there are none.
  [[nodiscard]] const Value::Dict& backend_options();

  /// Keys of OPTIONS that somebody else reads.
  void leave(std::span<const std::string_view> keys) { left_ = keys; }
  [[nodiscard]] std::span<const std::string_view> left() const noexcept { return left_; }

  /// Reads the value of a row's option, which stands there.
  void take(const OptionRow& row, const Value& value, const std::string& where);
  /// Says where something came from.
  void came(std::string_view name, std::string origin) { origins_[std::string{name}] = std::move(origin); }
  [[nodiscard]] std::string origin(std::string_view name) const;
  void show(std::string_view name, std::string value) {
    shown_.push_back({std::string{name}, std::move(value), origin(name)});
  }
  void show(Shown shown) { shown_.push_back(std::move(shown)); }
  void show(std::span<const OptionRow> rows);
  /// What the row of that name shows instead of the option, for something else beats it.
  void replace(Shown shown) { replaced_.push_back(std::move(shown)); }
  [[nodiscard]] std::vector<Shown> take_shown() noexcept { return std::move(shown_); }

 private:
  Reading& reading_;
  std::string alias_;
  std::string path_;
  const Value& params_;
  Options options_;
  std::map<std::string, std::string> origins_;
  std::string otherwise_;
  std::span<const std::string_view> left_{};
  std::vector<Shown> shown_;
  std::vector<Shown> replaced_;
};

/// Reads CACHES.alias. What is wrong is in `reading` then.
[[nodiscard]] Entry read_entry(Reading& reading, const std::string& alias, const Value& raw,
                               const Globals& globals);

/// Reads LOCATION and OPTIONS of a cache on Redis. `plain_names`: OPTIONS has redis-py's names too, as with
/// Django's own backend.
void read_redis(Draft& draft, bool plain_names);
/// Shows the options of a cache on Redis, and checks them if nothing was wrong: so many problems there were
/// before.
void finish_redis(Draft& draft, std::size_t problems_before);

/// Whether DISABLE_REDIS_CACHE is on.
[[nodiscard]] bool is_redis_disabled(Reading& reading);

}  // namespace rediscache::config
