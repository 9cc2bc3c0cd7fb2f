#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <rediscache/compressor.hpp>
#include <rediscache/error.hpp>
#include <rediscache/locmem_cache.hpp>
#include <rediscache/serializer.hpp>

#include "cache/set_plan.hpp"
#include "local/locmem.hpp"

namespace rediscache {
namespace local {
namespace {

void expect(bool condition, const char* message) {
  if (!condition) {
    throw InvalidOptions{message};
  }
}

void check(const LocMemOptions& options) {
  expect(options.max_entries > 0, "max_entries is 0; use a DummyCache to keep nothing");
  expect(options.max_bytes > 0, "max_bytes is 0; use a DummyCache to keep nothing");
  expect(options.shards > 0, "shards is 0; at least 1 is needed");
  expect(!options.timeout.is_default(), "timeout is \"the cache's default\", and this is where that is set");
}

codec::ValueCodec codec_of(const LocMemOptions& options) {
  auto serializer =
      options.serializer_object ? options.serializer_object : make_serializer(options.serializer);
  auto compressor = options.compressor_object || options.compressor.empty()
                        ? options.compressor_object
                        : make_compressor(options.compressor);
  return codec::ValueCodec{std::move(serializer), std::move(compressor), options.max_decompressed_bytes};
}

/// So many that each has some entries to choose from.
std::size_t shards_of(const LocMemOptions& options) {
  constexpr std::size_t least_entries = 16;
  return std::clamp<std::size_t>(options.max_entries / least_entries, 1, options.shards);
}

/// Walks through one shard after the other, so that an entry that stays is seen exactly once.
class ShardPages final : public detail::KeyPages {
 public:
  /// `prefix` is that of the keys, where it is not the cache's own.
  ShardPages(std::shared_ptr<LocMem> locmem, std::string pattern, std::optional<std::string_view> prefix)
      : locmem_{std::move(locmem)}, pattern_{std::move(pattern)}, prefix_{prefix} {}

  [[nodiscard]] bool next(std::vector<std::string>& page) override {
    if (complete()) {
      return false;
    }
    for (const std::string& made : locmem_->store.matching(shard_, pattern_)) {
      page.push_back(locmem_->keys.reverse(made, prefix_));
    }
    ++shard_;
    return true;
  }
  [[nodiscard]] bool complete() const noexcept override { return shard_ == locmem_->store.shards(); }

 private:
  std::shared_ptr<LocMem> locmem_;
  std::string pattern_;
  std::optional<std::string> prefix_;
  std::size_t shard_ = 0;
};

}  // namespace

LocMem::LocMem(const LocMemOptions& options)
    : keys{options.key_prefix, options.version, options.key_function, options.reverse_key_function},
      codec{(check(options), codec_of(options))},
      decode_errors{options.on_decode_error, "rediscache"},
      timeout{options.timeout},
      store{{options.max_entries, options.max_bytes, options.cull_frequency},
            shards_of(options),
            options.clock} {}

}  // namespace local

using cache::MadeKey;

LocMemCache::LocMemCache(const LocMemOptions& options) : locmem_{std::make_shared<local::LocMem>(options)} {}
LocMemCache::~LocMemCache() = default;

LocMemStatistics LocMemCache::statistics() const {
  LocMemStatistics statistics = locmem_->store.statistics();
  statistics.unreadable = locmem_->decode_errors.ignored();
  return statistics;
}

bool LocMemCache::do_set(std::string_view key, const ValueView& value, const SetOptions& options) {
  const cache::SetPlan plan = cache::plan_set(locmem_->keys, locmem_->timeout, key, options);
  switch (plan.action) {
    case cache::SetPlan::Action::look:
      return !locmem_->store.contains(plan.key.view());
    case cache::SetPlan::Action::remove:
      return locmem_->store.erase(plan.key.view());
    case cache::SetPlan::Action::store:
      break;
  }
  std::string scratch;
  const std::string_view stored = locmem_->codec.encode(key, value, scratch);
  return locmem_->store.put(plan.key.view(), stored, locmem_->end_of(plan.timeout), plan.condition);
}

bool LocMemCache::do_get(std::string_view key, const ValueTarget& target, const KeyOptions& options) {
  const MadeKey made = locmem_->keys.make(key, options.version);
  std::string stored;
  if (!locmem_->store.get(made.view(), stored)) {
    return false;
  }
  locmem_->codec.decode(key, std::move(stored), target);
  return true;
}

bool LocMemCache::do_ignore(const DecodeError& error) noexcept {
  return locmem_->decode_errors.ignore(error);
}

void LocMemCache::do_get_many(std::span<const std::string_view> keys, detail::ManyTarget& targets,
                              const KeyOptions& options) {
  struct Entry {
    const codec::ValueCodec& codec;
    std::string_view key;
    std::string stored;
  };
  targets.expect(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Entry entry{locmem_->codec, keys[i], {}};
    if (!locmem_->store.get(locmem_->keys.make(entry.key, options.version).view(), entry.stored)) {
      continue;
    }
    targets.add(
        i, entry.key,
        [](const ValueTarget& target, void* context) {
          auto& found = *static_cast<Entry*>(context);
          found.codec.decode(found.key, std::move(found.stored), target);
        },
        &entry);
  }
}

std::vector<std::string> LocMemCache::do_set_many(std::span<const std::string_view> keys,
                                                  std::span<const ValueView> values,
                                                  const SetManyOptions& options) {
  const Timeout life = options.timeout.or_default(locmem_->timeout);
  // All are made before the first is stored: a value that is refused leaves everything as it was.
  std::vector<std::string> scratches(keys.size());
  std::vector<local::Store::Item> items;
  items.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string_view stored =
        life.is_over() ? std::string_view{} : locmem_->codec.encode(keys[i], values[i], scratches[i]);
    items.push_back({std::string{locmem_->keys.make(keys[i], options.version).view()}, stored});
  }
  std::vector<std::string> failed;
  if (life.is_over()) {
    locmem_->store.erase_all(items);
    return failed;
  }
  for (const std::size_t i : locmem_->store.put_all(items, locmem_->end_of(life), options.atomic)) {
    failed.emplace_back(keys[i]);
  }
  return failed;
}

bool LocMemCache::do_delete(std::string_view key, const KeyOptions& options) {
  return locmem_->store.erase(locmem_->keys.make(key, options.version).view());
}

std::int64_t LocMemCache::do_delete_many(std::span<const std::string_view> keys, const KeyOptions& options) {
  std::int64_t deleted = 0;
  for (const std::string_view key : keys) {
    deleted += do_delete(key, options) ? 1 : 0;
  }
  return deleted;
}

std::int64_t LocMemCache::do_delete_pattern(std::string_view pattern, const PatternOptions& options) {
  return locmem_->store.erase_matching(locmem_->keys.pattern(pattern, options.version, options.prefix));
}

void LocMemCache::do_clear() {
  locmem_->store.clear();
}

bool LocMemCache::do_touch(std::string_view key, Timeout timeout, const KeyOptions& options) {
  const MadeKey made = locmem_->keys.make(key, options.version);
  return locmem_->store.keep_until(made.view(), locmem_->end_of(timeout.or_default(locmem_->timeout)));
}

Counter LocMemCache::do_incr(std::string_view key, std::int64_t delta, const IncrOptions& options) {
  const MadeKey made = locmem_->keys.make(key, options.version);
  return locmem_->store.increment(made.view(), delta, options.ignore_key_check).counter(key);
}

bool LocMemCache::do_has_key(std::string_view key, const KeyOptions& options) {
  return locmem_->store.contains(locmem_->keys.make(key, options.version).view());
}

bool LocMemCache::do_persist(std::string_view key, const KeyOptions& options) {
  return locmem_->store.persist(locmem_->keys.make(key, options.version).view());
}

bool LocMemCache::do_expire(std::string_view key, std::chrono::milliseconds time, const KeyOptions& options) {
  const MadeKey made = locmem_->keys.make(key, options.version);
  return locmem_->store.keep_until(made.view(), locmem_->store.clock().in(time));
}

bool LocMemCache::do_expire_at(std::string_view key, std::chrono::sys_time<std::chrono::milliseconds> time,
                               const KeyOptions& options) {
  const MadeKey made = locmem_->keys.make(key, options.version);
  return locmem_->store.keep_until(made.view(), locmem_->store.clock().at(time));
}

Counter LocMemCache::do_incr_version(std::string_view key, int delta, const KeyOptions& options) {
  const int version = options.version.value_or(locmem_->keys.version());
  const int moved_to = cache::moved_version(version, delta);
  const bool moved =
      locmem_->store.move(locmem_->keys.make(key, version).view(), locmem_->keys.make(key, moved_to).view());
  if (!moved) {
    throw KeyNotFound{key};
  }
  return moved_to;
}

std::vector<std::string> LocMemCache::do_keys(std::string_view pattern, const PatternOptions& options) {
  std::vector<std::string> keys;
  for (const std::string& key : do_iter_keys(pattern, options)) {
    keys.push_back(key);
  }
  return keys;
}

KeyScan LocMemCache::do_iter_keys(std::string_view pattern, const PatternOptions& options) {
  return KeyScan{std::make_unique<local::ShardPages>(
      locmem_, locmem_->keys.pattern(pattern, options.version, options.prefix), options.prefix)};
}

Pttl LocMemCache::do_pttl(std::string_view key, const KeyOptions& options) {
  return locmem_->store.remaining(locmem_->keys.make(key, options.version).view());
}

void LocMemCache::do_close() noexcept {}

}  // namespace rediscache
