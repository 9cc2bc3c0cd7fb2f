// A cache that stores nothing and remembers what reached it behind the templates.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/rediscache.hpp>

namespace rediscache::spelling {

class RecordingCache final : public Cache {
 public:
  // What the next reads find; nothing: a miss.
  std::optional<Value> stored;

  // What the last call brought.
  std::vector<std::string> keys;
  std::vector<ValueView::Kind> kinds;
  std::string pattern;
  SetOptions set_options;
  WriteOptions write_options;  // of set_many too
  bool atomic = false;
  IncrOptions incr_options;
  PatternOptions pattern_options;
  Timeout timeout;
  std::optional<int> version;
  std::int64_t delta = 0;

 private:
  bool do_set(std::string_view key, const ValueView& value, const SetOptions& options) override {
    keys.assign(1, std::string{key});
    kinds.assign(1, value.kind());
    set_options = options;
    return true;
  }
  bool do_get(std::string_view key, const ValueTarget& target, const KeyOptions& options) override {
    keys.assign(1, std::string{key});
    version = options.version;
    if (stored) {
      target.put(Value{*stored});
    }
    return stored.has_value();
  }
  void do_get_many(std::span<const std::string_view> asked, detail::ManyTarget& targets,
                   const KeyOptions& options) override {
    keys.assign(asked.begin(), asked.end());
    version = options.version;
    targets.expect(asked.size());
    for (std::size_t i = 0; i < asked.size(); ++i) {
      targets.add(
          i, asked[i],
          [](const ValueTarget& target, void* value) { target.put(Value{*static_cast<Value*>(value)}); },
          &stored.value());
    }
  }
  std::vector<std::string> do_set_many(std::span<const std::string_view> given,
                                       std::span<const ValueView> values,
                                       const SetManyOptions& options) override {
    keys.assign(given.begin(), given.end());
    kinds.clear();
    for (const ValueView& value : values) {
      kinds.push_back(value.kind());
    }
    write_options = {.timeout = options.timeout, .version = options.version};
    atomic = options.atomic;
    return {};
  }
  bool do_delete(std::string_view key, const KeyOptions& options) override {
    keys.assign(1, std::string{key});
    version = options.version;
    return true;
  }
  std::int64_t do_delete_many(std::span<const std::string_view> given, const KeyOptions& options) override {
    keys.assign(given.begin(), given.end());
    version = options.version;
    return static_cast<std::int64_t>(given.size());
  }
  std::int64_t do_delete_pattern(std::string_view glob, const PatternOptions& options) override {
    pattern = glob;
    pattern_options = options;
    return 0;
  }
  void do_clear() override {}
  bool do_touch(std::string_view key, Timeout left, const KeyOptions& options) override {
    keys.assign(1, std::string{key});
    timeout = left;
    version = options.version;
    return true;
  }
  Counter do_incr(std::string_view key, std::int64_t by, const IncrOptions& options) override {
    keys.assign(1, std::string{key});
    delta = by;
    incr_options = options;
    return by;
  }
  bool do_has_key(std::string_view key, const KeyOptions& options) override {
    keys.assign(1, std::string{key});
    version = options.version;
    return true;
  }
  bool do_persist(std::string_view key, const KeyOptions& options) override {
    keys.assign(1, std::string{key});
    version = options.version;
    return true;
  }
  bool do_expire(std::string_view key, std::chrono::milliseconds left, const KeyOptions& options) override {
    keys.assign(1, std::string{key});
    timeout = Timeout{left};
    version = options.version;
    return true;
  }
  bool do_expire_at(std::string_view key, std::chrono::sys_time<std::chrono::milliseconds> time,
                    const KeyOptions& options) override {
    return do_expire(key, time.time_since_epoch(), options);
  }
  Counter do_incr_version(std::string_view key, int by, const KeyOptions& options) override {
    keys.assign(1, std::string{key});
    delta = by;
    version = options.version;
    return by;
  }
  std::vector<std::string> do_keys(std::string_view glob, const PatternOptions& options) override {
    pattern = glob;
    pattern_options = options;
    return {};
  }
  KeyScan do_iter_keys(std::string_view glob, const PatternOptions& options) override {
    struct NoPages final : detail::KeyPages {
      bool next(std::vector<std::string>&) override { return false; }
      [[nodiscard]] bool complete() const noexcept override { return true; }
    };
    pattern = glob;
    pattern_options = options;
    return KeyScan{std::make_unique<NoPages>()};
  }
  Pttl do_pttl(std::string_view key, const KeyOptions& options) override {
    keys.assign(1, std::string{key});
    version = options.version;
    return Pttl::of(std::chrono::milliseconds{1500});
  }
  void do_close() noexcept override {}
};

}  // namespace rediscache::spelling
