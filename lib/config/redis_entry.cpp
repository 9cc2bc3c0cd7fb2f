// OPTIONS of a cache on Redis, as django-redis and Django spell them.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/error.hpp>

#include "base/text.hpp"
#include "config/assemble.hpp"
#include "config/entry.hpp"
#include "config/location.hpp"
#include "config/names.hpp"
#include "config/typed.hpp"

namespace rediscache::config {
namespace {

/// What Python needs and we do not. MAX_ENTRIES and CULL_FREQUENCY are for caches in memory.
constexpr std::array<std::string_view, 7> unused{
    "CONNECTION_FACTORY",  "CONNECTION_POOL_CLASS", "PARSER_CLASS",  "REDIS_CLIENT_CLASS",
    "REDIS_CLIENT_KWARGS", "MAX_ENTRIES",           "CULL_FREQUENCY"};
constexpr std::array<std::string_view, 2> unused_plain{"pool_class", "parser_class"};
constexpr std::array<std::string_view, 6> others{"CLIENT_CLASS",   "SERIALIZER",    "COMPRESSOR",
                                                 "PICKLE_VERSION", "PASSWORD_FILE", "CONNECTION_POOL_KWARGS"};

template <std::size_t size>
bool has(const std::array<std::string_view, size>& names, std::string_view name) noexcept {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class RedisReader {
 public:
  RedisReader(Draft& draft, bool plain_names)
      : draft_{draft}, reading_{draft.reading()}, plain_names_{plain_names} {}

  void read() {
    draft_.options().serializer = plain_names_ ? "pickle5" : "pickle";
    const std::string path = under(draft_.path(), "OPTIONS");
    for (const auto& [key, value] : draft_.backend_options()) {
      read_option(key.as_text(), value, under(path, key.as_text()));
    }
    choose_pickle();
    read_password_file();
    // Last, for these beat the others.
    read_pool_options();
    read_locations(draft_, database_);
  }

 private:
  void read_option(const std::string& name, const Value& value, const std::string& path) {
    if (std::find(draft_.left().begin(), draft_.left().end(), name) != draft_.left().end()) {
      return;
    }
    if (const OptionRow* const row = find_row(redis_rows(), name)) {
      draft_.take(*row, value, path);
    } else if (has(unused, name) || (plain_names_ && has(unused_plain, name))) {
      reading_.ignored(path);
    } else if (name == "SENTINELS" || name == "SENTINEL_KWARGS") {
      reading_.problem(path, "is for SentinelClient, which is not implemented yet");
    } else if (plain_names_ && read_pool_option(name, value, path)) {
      return;
    } else if (name == "SERIALIZER" || (plain_names_ && name == "serializer")) {
      take_name("SERIALIZER", value, path, read_serializer, draft_.options().serializer);
    } else if (name == "COMPRESSOR") {
      take_name(name, value, path, read_compressor, draft_.options().compressor);
    } else if (name == "CLIENT_CLASS") {
      take_name(name, value, path, read_client_class, draft_.options().client_class);
    } else if (!has(others, name)) {
      reading_.unknown_key(path, name, known_keys());
    }
  }

  using NameReader = std::optional<std::string> (*)(Reading&, const Found&);
  void take_name(std::string_view name, const Value& value, const std::string& path, NameReader reader,
                 std::string& option) {
    if (value.is_none()) {
      return;
    }
    if (auto found = reader(reading_, {value, path})) {
      option = std::move(*found);
      draft_.came(name, reading_.origin(path));
    }
  }

  /// A key of CONNECTION_POOL_KWARGS. False for others.
  bool read_pool_option(const std::string& name, const Value& value, const std::string& path) {
    const std::string_view known = option_of_pool_key(name);
    const OptionRow* const row = known.empty() ? find_row(tls_rows(), name) : find_row(redis_rows(), known);
    if (row != nullptr) {
      draft_.take(*row, value, path);
    } else if (name == "db") {
      read_database(value, path);
    } else if (name == "retry_on_timeout") {
      // On is how we are: what is safe is sent again. Off is Python's default and says nothing.
      static_cast<void>(read_bool(reading_, {value, path}));
    } else {
      return false;
    }
    return true;
  }

  void read_database(const Value& value, const std::string& path) {
    // Django's own documentation writes it as a text.
    const Value number = value.kind() == Value::Kind::text && base::parse_unsigned(value.as_text())
                             ? Value::integer_of(value.as_text())
                             : value;
    if (const auto database = read_count(reading_, {number, path}, 0, INT32_MAX)) {
      database_ = static_cast<int>(*database);
    }
  }

  void read_pool_options() {
    const std::string path = under(under(draft_.path(), "OPTIONS"), "CONNECTION_POOL_KWARGS");
    const Value* const found = option("CONNECTION_POOL_KWARGS");
    if (found == nullptr || found->is_none()) {
      return;
    }
    if (found->kind() != Value::Kind::dict) {
      reading_.wrong({*found, path}, "an object");
      return;
    }
    for (const auto& [key, value] : found->as_dict()) {
      const std::string& name = key.as_text();
      if (!read_pool_option(name, value, under(path, name))) {
        reading_.unknown_key(under(path, name), name, pool_keys());
      }
    }
  }

  void read_password_file() {
    const Value* const file = option("PASSWORD_FILE");
    if (file == nullptr || file->is_none()) {
      return;
    }
    const std::string path = under(under(draft_.path(), "OPTIONS"), "PASSWORD_FILE");
    if (option("PASSWORD") != nullptr) {
      reading_.problem(path, "stands beside PASSWORD; write one of them");
    } else if (const auto name = read_text(reading_, {*file, path})) {
      draft_.options().password = reading_.secret_in(*name, path);
      draft_.came("PASSWORD", "the file " + *name + ", which " + reading_.origin(path) + " names");
    }
  }

  void choose_pickle() {
    const Value* const version = option("PICKLE_VERSION");
    std::string& serializer = draft_.options().serializer;
    if (version == nullptr || !serializer.starts_with("pickle")) {
      return;
    }
    const std::string path = under(under(draft_.path(), "OPTIONS"), "PICKLE_VERSION");
    if (auto chosen = read_pickle_version(reading_, {*version, path})) {
      serializer = std::move(*chosen);
      draft_.came("SERIALIZER", reading_.origin(path));
    }
  }

  [[nodiscard]] const Value* option(std::string_view name) {
    for (const auto& [key, value] : draft_.backend_options()) {
      if (key.as_text() == name) {
        return &value;
      }
    }
    return nullptr;
  }

  [[nodiscard]] std::vector<std::string> known_keys() const {
    std::vector<std::string> known;
    for (const OptionRow& row : redis_rows()) {
      known.emplace_back(row.name);
    }
    known.insert(known.end(), others.begin(), others.end());
    known.insert(known.end(), draft_.left().begin(), draft_.left().end());
    if (plain_names_) {
      known.insert(known.end(), pool_keys().begin(), pool_keys().end());
    }
    return known;
  }

  Draft& draft_;
  Reading& reading_;
  bool plain_names_;
  std::optional<int> database_;
};

}  // namespace

void read_redis(Draft& draft, bool plain_names) {
  const std::size_t problems_before = draft.reading().problems();
  RedisReader{draft, plain_names}.read();
  finish_redis(draft, problems_before);
}

void finish_redis(Draft& draft, std::size_t problems_before) {
  const Options& options = draft.options();
  draft.show("CLIENT_CLASS", options.client_class);
  draft.show("SERIALIZER", options.serializer);
  draft.show("COMPRESSOR", options.compressor.empty() ? "none" : options.compressor);
  draft.show(redis_rows());
  draft.show(tls_rows());
  if (draft.reading().problems() != problems_before) {
    return;
  }
  try {
    static_cast<void>(assemble(options));
  } catch (const InvalidOptions& error) {
    draft.reading().problem(draft.path(), std::string{"cannot be used: "} + error.what());
  }
}

}  // namespace rediscache::config
