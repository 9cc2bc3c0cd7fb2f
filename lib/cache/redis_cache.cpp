#include <utility>

#include <rediscache/redis_cache.hpp>

#include "cache/core.hpp"
#include "cache/key_pages.hpp"
#include "cache/many_reader.hpp"
#include "cache/operations/entries.hpp"
#include "cache/operations/life.hpp"
#include "cache/operations/many.hpp"
#include "cache/operations/move.hpp"
#include "cache/operations/scripts.hpp"
#include "cache/set_plan.hpp"
#include "proto/command_table.hpp"

namespace rediscache {

using cache::KeyList;
using cache::MadeKey;

namespace {

/// What runs an operation of whichever type.
auto running(cache::Core& core, bool strict) {
  return [&core, strict](auto operation) { return core.run(std::move(operation), strict); };
}

}  // namespace

RedisCache::RedisCache(std::shared_ptr<cache::Core> core, bool strict) noexcept
    : core_{std::move(core)}, strict_{strict} {}
RedisCache::~RedisCache() = default;
RedisCache::RedisCache(RedisCache&&) noexcept = default;
RedisCache& RedisCache::operator=(RedisCache&&) noexcept = default;

RedisCache RedisCache::strict() const {
  return RedisCache{core_, true};
}

Pipeline RedisCache::pipeline(const PipelineOptions& options) const {
  return Pipeline{core_, strict_, options};
}

Lock RedisCache::lock(std::string_view key, const LockOptions& options) const {
  return Lock{core_, strict_, key, options};
}

Semaphore RedisCache::semaphore(std::string_view key, const SemaphoreOptions& options) const {
  return Semaphore{core_, strict_, key, options};
}

SharedLock RedisCache::shared_lock(std::string_view key, const LockOptions& options) const {
  return SharedLock{core_, strict_, key, options};
}

std::optional<Reply> RedisCache::execute(std::string_view command,
                                         std::span<const std::string_view> arguments) {
  if (const auto why = proto::refused(command, arguments)) {
    throw InvalidArgument{"execute: " + *why};
  }
  return core_->run(cache::RawCommand{command, arguments}, strict_);
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
  const cache::SetPlan plan = cache::plan_set(core_->keys(), core_->timeout(), key, options);
  switch (plan.action) {
    case cache::SetPlan::Action::look:
      return core_->run(cache::Absent{plan.key.view()}, strict_);
    case cache::SetPlan::Action::remove:
      return core_->run(cache::Delete{plan.key.view()}, strict_);
    case cache::SetPlan::Action::store:
      break;
  }
  std::string scratch;
  Timeout kept = plan.timeout;
  const std::string_view stored = core_->form().encode(key, value, kept, scratch);
  if (plan.condition == cache::Condition::absent) {
    return cache::run_add(core_->form(), plan.key.view(), stored, kept, running(*core_, strict_));
  }
  return core_->run(cache::Set{plan.key.view(), stored, kept, plan.condition}, strict_);
}

bool RedisCache::do_get(std::string_view key, const ValueTarget& target, const KeyOptions& options) {
  const MadeKey made = core_->keys().make(key, options.version);
  std::optional<std::string> stored = core_->run(cache::Get{made.view()}, strict_);
  std::optional<Value> value;
  if (!stored || !core_->form().open(*stored, value)) {
    return false;
  }
  core_->form().decode(key, std::move(*stored), std::move(value), target);
  return true;
}

bool RedisCache::do_ignore(const DecodeError& error) noexcept {
  return core_->decode_errors().ignore(error);
}

void RedisCache::do_get_many(std::span<const std::string_view> keys, detail::ManyTarget& targets,
                             const KeyOptions& options) {
  cache::ManyReader reader{core_->form(), keys, targets};
  auto replies = core_->run(cache::GetMany{KeyList{core_->keys(), keys, options.version}, reader}, strict_);
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
  return core_->run(cache::SetMany{KeyList{core_->keys(), keys, options.version}, values, core_->form(),
                                   options.timeout.or_default(core_->timeout()), options.atomic},
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

std::size_t RedisCache::itersize(const PatternOptions& options) const {
  return options.itersize > 0 ? options.itersize : core_->scan_itersize();
}

std::int64_t RedisCache::do_delete_pattern(std::string_view pattern, const PatternOptions& options) {
  std::string made = core_->keys().pattern(pattern, options.version, options.prefix);
  return core_->run(cache::DeletePattern{std::move(made), itersize(options)}, strict_);
}

std::vector<std::string> RedisCache::do_keys(std::string_view pattern, const PatternOptions& options) {
  std::vector<std::string> keys =
      core_->run(cache::Keys{core_->keys().pattern(pattern, options.version, options.prefix)}, strict_);
  for (std::string& key : keys) {
    key = core_->keys().reverse(key, options.prefix);
  }
  return keys;
}

KeyScan RedisCache::do_iter_keys(std::string_view pattern, const PatternOptions& options) {
  return KeyScan{std::make_unique<cache::ScannedPages>(
      core_, strict_, core_->keys().pattern(pattern, options.version, options.prefix), options.prefix,
      itersize(options))};
}

void RedisCache::do_clear() {
  core_->run(cache::Clear{}, strict_);
}

bool RedisCache::do_touch(std::string_view key, Timeout timeout, const KeyOptions& options) {
  const MadeKey made = core_->keys().make(key, options.version);
  const Timeout chosen = timeout.or_default(core_->timeout());
  const cache::EntryKey entry{made.view(), key};
  return chosen.is_never() ? cache::run_touch_never(core_->form(), entry, running(*core_, strict_))
                           : cache::run_expire(core_->form(), entry, chosen.time(), running(*core_, strict_));
}

bool RedisCache::do_persist(std::string_view key, const KeyOptions& options) {
  const MadeKey made = core_->keys().make(key, options.version);
  return cache::run_persist(core_->form(), {made.view(), key}, running(*core_, strict_));
}

bool RedisCache::do_expire(std::string_view key, std::chrono::milliseconds time, const KeyOptions& options) {
  const MadeKey made = core_->keys().make(key, options.version);
  return cache::run_expire(core_->form(), {made.view(), key}, time, running(*core_, strict_));
}

bool RedisCache::do_expire_at(std::string_view key, std::chrono::sys_time<std::chrono::milliseconds> time,
                              const KeyOptions& options) {
  const MadeKey made = core_->keys().make(key, options.version);
  return cache::run_expire_at(core_->form(), {made.view(), key}, time, running(*core_, strict_));
}

Counter RedisCache::do_incr_version(std::string_view key, int delta, const KeyOptions& options) {
  const int version = options.version.value_or(core_->keys().version());
  const int moved_to = cache::moved_version(version, delta);
  const MadeKey from = core_->keys().make(key, version);
  const MadeKey to = core_->keys().make(key, moved_to);
  const cache::Rename::Outcome outcome = core_->same_server(from.view(), to.view())
                                             ? core_->run(cache::Rename{from.view(), to.view()}, strict_)
                                             : core_->run(cache::MoveEntry{from.view(), to.view()}, strict_);
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
  const MadeKey made = core_->keys().make(key, options.version);
  return core_->run(cache::IncrementBy{made.view(), delta, options.ignore_key_check}, strict_).counter(key);
}

bool RedisCache::do_has_key(std::string_view key, const KeyOptions& options) {
  const MadeKey made = core_->keys().make(key, options.version);
  return core_->run(cache::Exists{made.view()}, strict_);
}

Pttl RedisCache::do_pttl(std::string_view key, const KeyOptions& options) {
  const MadeKey made = core_->keys().make(key, options.version);
  return cache::run_pttl(core_->form(), made.view(), running(*core_, strict_));
}

void RedisCache::do_close() noexcept {
  core_->close();
}

}  // namespace rediscache
