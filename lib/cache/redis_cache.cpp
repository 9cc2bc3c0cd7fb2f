#include <algorithm>
#include <chrono>
#include <utility>

#include <rediscache/detail/moved_from.hpp>
#include <rediscache/redis_cache.hpp>

#include "cache/core.hpp"
#include "cache/key_pages.hpp"
#include "cache/many_reader.hpp"
#include "cache/operations/entries.hpp"
#include "cache/operations/life.hpp"
#include "cache/operations/many.hpp"
#include "cache/operations/move.hpp"
#include "cache/operations/raw_command.hpp"
#include "cache/operations/scripts.hpp"
#include "cache/set_plan.hpp"

namespace rediscache {

using cache::KeyList;
using cache::MadeKey;

namespace {

/// No clock counts further from now.
constexpr std::chrono::hours longest_deadline{24 * 365 * 100};

/// What runs an operation of whichever type.
auto running(cache::Core& core, const cache::CallMode& mode) {
  return [&core, &mode](auto operation) { return core.run(std::move(operation), mode); };
}

}  // namespace

RedisCache::RedisCache(std::shared_ptr<cache::Core> core, const detail::CallMode& mode) noexcept
    : core_{std::move(core)}, mode_{mode} {}
RedisCache::~RedisCache() = default;
RedisCache::RedisCache(RedisCache&&) noexcept = default;
RedisCache& RedisCache::operator=(RedisCache&&) noexcept = default;

cache::Core& RedisCache::core() const {
  return detail::owned_by(core_, "RedisCache");
}

RedisCache RedisCache::strict() const {
  static_cast<void>(core());
  return RedisCache{core_, mode_.strictly()};
}

RedisCache RedisCache::with_deadline(std::chrono::milliseconds time) const {
  static_cast<void>(core());
  return RedisCache{core_, {mode_.strict, std::clamp<std::chrono::milliseconds>(time, {}, longest_deadline)}};
}

Pipeline RedisCache::pipeline(const PipelineOptions& options) const {
  static_cast<void>(core());
  return Pipeline{core_, mode_, options};
}

Lock RedisCache::lock(std::string_view key, const LockOptions& options) const {
  static_cast<void>(core());
  return Lock{core_, mode_, key, options};
}

Semaphore RedisCache::semaphore(std::string_view key, const SemaphoreOptions& options) const {
  static_cast<void>(core());
  return Semaphore{core_, mode_, key, options};
}

SharedLock RedisCache::shared_lock(std::string_view key, const LockOptions& options) const {
  static_cast<void>(core());
  return SharedLock{core_, mode_, key, options};
}

std::optional<Reply> RedisCache::execute(std::string_view command,
                                         std::span<const std::string_view> arguments) {
  return core().run(cache::RawCommand{command, arguments}, mode_);
}

Statistics RedisCache::statistics() const {
  return core().statistics();
}

std::string RedisCache::make_key(std::string_view key, const KeyOptions& options) const {
  return std::string{core().keys().make(key, options.version).view()};
}

std::string RedisCache::reverse_key(std::string_view made_key) const {
  return core().keys().reverse(made_key);
}

bool RedisCache::do_set(std::string_view key, const ValueView& value, const SetOptions& options) {
  const cache::SetPlan plan = cache::plan_set(core().keys(), core().timeout(), key, options);
  switch (plan.action) {
    case cache::SetPlan::Action::look:
      return core().run(cache::Absent{plan.key.view()}, mode_);
    case cache::SetPlan::Action::remove:
      return core().run(cache::Delete{plan.key.view()}, mode_);
    case cache::SetPlan::Action::store:
      break;
  }
  std::string scratch;
  Timeout kept = plan.timeout;
  const std::string_view stored = core().form().encode(key, value, kept, scratch);
  if (plan.condition == cache::Condition::absent) {
    return cache::run_add(core().form(), plan.key.view(), stored, kept, running(core(), mode_));
  }
  return core().run(cache::Set{plan.key.view(), stored, kept, plan.condition}, mode_);
}

bool RedisCache::do_get(std::string_view key, const ValueTarget& target, const KeyOptions& options) {
  const MadeKey made = core().keys().make(key, options.version);
  std::optional<std::string> stored = core().run(cache::Get{made.view()}, mode_);
  std::optional<Value> value;
  if (!stored || !core().form().open(*stored, value)) {
    return false;
  }
  core().form().decode(key, std::move(*stored), std::move(value), target);
  return true;
}

bool RedisCache::do_ignore(const DecodeError& error) noexcept {
  return core_->decode_errors().ignore(error);
}

void RedisCache::do_get_many(std::span<const std::string_view> keys, detail::ManyTarget& targets,
                             const KeyOptions& options) {
  cache::ManyReader reader{core().form(), keys, targets};
  auto replies = core().run(cache::GetMany{KeyList{core().keys(), keys, options.version}, reader}, mode_);
  if (!replies) {
    reader.forget();
  } else if (!replies->empty()) {
    reader.take_all(*replies);
  }
}

std::vector<std::string> RedisCache::do_set_many(std::span<const std::string_view> keys,
                                                 std::span<const ValueView> values,
                                                 const SetManyOptions& options) {
  if (keys.empty()) {
    return {};
  }
  return core().run(cache::SetMany{KeyList{core().keys(), keys, options.version}, values, core().form(),
                                   options.timeout.or_default(core().timeout()), options.atomic},
                    mode_);
}

bool RedisCache::do_delete(std::string_view key, const KeyOptions& options) {
  const MadeKey made = core().keys().make(key, options.version);
  return core().run(cache::Delete{made.view()}, mode_);
}

std::int64_t RedisCache::do_delete_many(std::span<const std::string_view> keys, const KeyOptions& options) {
  return keys.empty() ? 0
                      : core().run(cache::DeleteMany{KeyList{core().keys(), keys, options.version}}, mode_);
}

std::size_t RedisCache::itersize(const PatternOptions& options) const {
  return options.itersize > 0 ? options.itersize : core().scan_itersize();
}

std::int64_t RedisCache::do_delete_pattern(std::string_view pattern, const PatternOptions& options) {
  std::string made = core().keys().pattern(pattern, options.version, options.prefix);
  return core().run(cache::DeletePattern{std::move(made), itersize(options)}, mode_);
}

std::vector<std::string> RedisCache::do_keys(std::string_view pattern, const PatternOptions& options) {
  std::vector<std::string> keys =
      core().run(cache::Keys{core().keys().pattern(pattern, options.version, options.prefix)}, mode_);
  for (std::string& key : keys) {
    key = core().keys().reverse(key, options.prefix);
  }
  return keys;
}

KeyScan RedisCache::do_iter_keys(std::string_view pattern, const PatternOptions& options) {
  return KeyScan{std::make_unique<cache::ScannedPages>(
      core_, mode_, core().keys().pattern(pattern, options.version, options.prefix), options.prefix,
      itersize(options))};
}

void RedisCache::do_clear() {
  core().run(cache::Clear{}, mode_);
}

bool RedisCache::do_touch(std::string_view key, Timeout timeout, const KeyOptions& options) {
  const MadeKey made = core().keys().make(key, options.version);
  const Timeout chosen = timeout.or_default(core().timeout());
  const cache::EntryKey entry{made.view(), key};
  return chosen.is_never() ? cache::run_touch_never(core().form(), entry, running(core(), mode_))
                           : cache::run_expire(core().form(), entry, chosen.time(), running(core(), mode_));
}

bool RedisCache::do_persist(std::string_view key, const KeyOptions& options) {
  const MadeKey made = core().keys().make(key, options.version);
  return cache::run_persist(core().form(), {made.view(), key}, running(core(), mode_));
}

bool RedisCache::do_expire(std::string_view key, std::chrono::milliseconds time, const KeyOptions& options) {
  const MadeKey made = core().keys().make(key, options.version);
  return cache::run_expire(core().form(), {made.view(), key}, time, running(core(), mode_));
}

bool RedisCache::do_expire_at(std::string_view key, std::chrono::sys_time<std::chrono::milliseconds> time,
                              const KeyOptions& options) {
  const MadeKey made = core().keys().make(key, options.version);
  return cache::run_expire_at(core().form(), {made.view(), key}, time, running(core(), mode_));
}

Counter RedisCache::do_incr_version(std::string_view key, int delta, const KeyOptions& options) {
  const int version = options.version.value_or(core().keys().version());
  const int moved_to = cache::moved_version(version, delta);
  const MadeKey from = core().keys().make(key, version);
  const MadeKey to = core().keys().make(key, moved_to);
  const cache::Rename::Outcome outcome = core().same_server(from.view(), to.view(), mode_)
                                             ? core().run(cache::Rename{from.view(), to.view()}, mode_)
                                             : core().run(cache::MoveEntry{from.view(), to.view()}, mode_);
  switch (outcome) {
    case cache::Rename::Outcome::moved:
      return moved_to;
    case cache::Rename::Outcome::missing:
      throw KeyNotFound{key};
    case cache::Rename::Outcome::omitted:
      break;
  }
  return {};
}

Counter RedisCache::do_incr(std::string_view key, std::int64_t delta, const IncrOptions& options) {
  const MadeKey made = core().keys().make(key, options.version);
  return core().run(cache::IncrementBy{made.view(), delta, options.ignore_key_check}, mode_).counter(key);
}

bool RedisCache::do_has_key(std::string_view key, const KeyOptions& options) {
  const MadeKey made = core().keys().make(key, options.version);
  return core().run(cache::Exists{made.view()}, mode_);
}

Pttl RedisCache::do_pttl(std::string_view key, const KeyOptions& options) {
  const MadeKey made = core().keys().make(key, options.version);
  return cache::run_pttl(core().form(), made.view(), running(core(), mode_));
}

void RedisCache::do_close() noexcept {
  if (core_) {
    core_->close();
  }
}

}  // namespace rediscache
