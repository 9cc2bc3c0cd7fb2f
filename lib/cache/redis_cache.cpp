#include <utility>

#include <rediscache/redis_cache.hpp>

#include "cache/core.hpp"
#include "cache/operations/entries.hpp"
#include "cache/operations/many.hpp"
#include "cache/operations/scripts.hpp"

namespace rediscache {

using cache::Condition;
using cache::KeyList;
using cache::MadeKey;

RedisCache::RedisCache(std::shared_ptr<cache::Core> core, bool strict) noexcept
    : core_{std::move(core)}, strict_{strict} {}
RedisCache::~RedisCache() = default;
RedisCache::RedisCache(RedisCache&&) noexcept = default;
RedisCache& RedisCache::operator=(RedisCache&&) noexcept = default;

RedisCache RedisCache::strict() const {
  return RedisCache{core_, true};
}

Statistics RedisCache::statistics() const {
  return core_->statistics();
}

std::string RedisCache::make_key(std::string_view key, const KeyOptions& options) const {
  return std::string{core_->keys().make(key, options.version).view()};
}

std::string RedisCache::reverse_key(std::string_view made_key) const {
  return core_->keys().reverse(made_key);
}

bool RedisCache::do_set(std::string_view key, const ValueView& value, const SetOptions& options) {
  if (options.nx && options.xx) {
    throw InvalidArgument{"set: nx and xx exclude each other"};
  }
  const MadeKey made = core_->keys().make(key, options.version);
  const Timeout timeout = options.timeout.or_default(core_->timeout());
  if (timeout.is_over()) {
    return options.nx ? core_->run(cache::Absent{made.view()}, strict_)
                      : core_->run(cache::Delete{made.view()}, strict_);
  }
  std::string scratch;
  const std::string_view stored = core_->codec().encode(key, value, scratch);
  const Condition condition = options.nx   ? Condition::absent
                              : options.xx ? Condition::present
                                           : Condition::none;
  return core_->run(cache::Set{made.view(), stored, timeout, condition}, strict_);
}

bool RedisCache::do_get(std::string_view key, const ValueTarget& target, const KeyOptions& options) {
  const MadeKey made = core_->keys().make(key, options.version);
  std::optional<std::string> stored = core_->run(cache::Get{made.view()}, strict_);
  if (!stored) {
    return false;
  }
  core_->codec().decode(key, std::move(*stored), target);
  return true;
}

void RedisCache::do_get_many(std::span<const std::string_view> keys, detail::ManyTarget& targets,
                             const KeyOptions& options) {
  struct Entry {
    const codec::ValueCodec& codec;
    std::string_view key;
    std::string stored;
  };
  std::vector<Reply> replies =
      core_->run(cache::GetMany{KeyList{core_->keys(), keys, options.version}}, strict_);
  targets.expect(replies.size());
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].is_nil()) {
      continue;
    }
    Entry entry{core_->codec(), keys[i], replies[i].take_text()};
    targets.add(
        keys[i],
        [](const ValueTarget& target, void* context) {
          auto& found = *static_cast<Entry*>(context);
          found.codec.decode(found.key, std::move(found.stored), target);
        },
        &entry);
  }
}

std::vector<std::string> RedisCache::do_set_many(std::span<const std::string_view> keys,
                                                 std::span<const ValueView> values,
                                                 const WriteOptions& options) {
  if (keys.empty()) {
    return {};
  }
  return core_->run(cache::SetMany{KeyList{core_->keys(), keys, options.version}, values, core_->codec(),
                                   options.timeout.or_default(core_->timeout())},
                    strict_);
}

bool RedisCache::do_delete(std::string_view key, const KeyOptions& options) {
  const MadeKey made = core_->keys().make(key, options.version);
  return core_->run(cache::Delete{made.view()}, strict_);
}

std::int64_t RedisCache::do_delete_many(std::span<const std::string_view> keys, const KeyOptions& options) {
  return keys.empty() ? 0
                      : core_->run(cache::DeleteMany{KeyList{core_->keys(), keys, options.version}}, strict_);
}

std::int64_t RedisCache::do_delete_pattern(std::string_view pattern, const PatternOptions& options) {
  const std::size_t itersize = options.itersize > 0 ? options.itersize : core_->scan_itersize();
  return core_->run(
      cache::DeletePattern{core_->keys().pattern(pattern, options.version, options.prefix), itersize},
      strict_);
}

void RedisCache::do_clear() {
  core_->run(cache::Clear{}, strict_);
}

bool RedisCache::do_touch(std::string_view key, Timeout timeout, const KeyOptions& options) {
  const MadeKey made = core_->keys().make(key, options.version);
  const Timeout chosen = timeout.or_default(core_->timeout());
  return chosen.is_never() ? core_->run(cache::Persist{made.view()}, strict_)
                           : core_->run(cache::Expire{made.view(), chosen.time()}, strict_);
}

Counter RedisCache::do_incr(std::string_view key, std::int64_t delta, const IncrOptions& options) {
  using Outcome = cache::Increment::Outcome;
  const MadeKey made = core_->keys().make(key, options.version);
  const cache::Increment increment =
      core_->run(cache::IncrementBy{made.view(), delta, options.ignore_key_check}, strict_);
  switch (increment.outcome) {
    case Outcome::counted:
      return increment.value;
    case Outcome::missing:
      throw KeyNotFound{key};
    case Outcome::not_an_integer:
      throw NotAnInteger{key, increment.message};
    case Outcome::omitted:
      break;
  }
  return {};
}

bool RedisCache::do_has_key(std::string_view key, const KeyOptions& options) {
  const MadeKey made = core_->keys().make(key, options.version);
  return core_->run(cache::Exists{made.view()}, strict_);
}

Pttl RedisCache::do_pttl(std::string_view key, const KeyOptions& options) {
  const MadeKey made = core_->keys().make(key, options.version);
  return core_->run(cache::RemainingLife{made.view()}, strict_);
}

void RedisCache::do_close() noexcept {
  core_->close();
}

}  // namespace rediscache
