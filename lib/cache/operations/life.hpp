// Operations on how long an entry lives, in the form that the policy of the cache wants. `run` is called with
// that operation, and its result is the result.
#pragma once

#include <chrono>
#include <string_view>
#include <utility>

#include <rediscache/timeout.hpp>

#include "base/times.hpp"
#include "cache/herd.hpp"
#include "cache/operations/entries.hpp"
#include "cache/operations/herd.hpp"
#include "cache/operations/herd_pickled.hpp"
#include "cache/operations/scripts.hpp"
#include "cache/stored_form.hpp"

namespace rediscache::cache {

/// The key of an entry: as it was made, and as the caller gave it.
struct EntryKey {
  std::string_view made;
  std::string_view given;
};

/// add: `stored` is kept for `kept`.
template <class Run>
auto run_add(const StoredForm& form, std::string_view made_key, std::string_view stored, Timeout kept,
             const Run& run) {
  if (form.herd() == nullptr) {
    return run(Set{made_key, stored, kept, Condition::absent});
  }
  if (form.pickles_end()) {
    return run(PickledAdd{form, made_key, stored, kept});
  }
  return run(herd_add(made_key, stored, kept));
}

/// touch, expire, pexpire: `time` from now.
template <class Run>
auto run_expire(const StoredForm& form, EntryKey key, std::chrono::milliseconds time, const Run& run) {
  const bool over = time.count() <= 0;  // then the entry is deleted, whatever it holds
  if (form.herd() == nullptr || (over && form.pickles_end())) {
    return run(Expire{key.made, time});
  }
  if (form.pickles_end()) {
    return run(PickledExpire{form,
                             key.made,
                             key.given,
                             {.command = "PEXPIRE",
                              .time = time.count(),
                              .kept = form.herd()->kept_for(time).count(),
                              .over = base::saturating_add(Herd::now(), time)}});
  }
  return run(herd_expire(*form.herd(), key.made, time));
}

template <class Run>
auto run_expire_at(const StoredForm& form, EntryKey key, Herd::Time time, const Run& run) {
  const std::chrono::milliseconds since_epoch = time.time_since_epoch();
  if (form.herd() == nullptr || (time <= Herd::now() && form.pickles_end())) {
    return run(Expire{key.made, since_epoch, "PEXPIREAT"});
  }
  if (form.pickles_end()) {
    return run(PickledExpire{form,
                             key.made,
                             key.given,
                             {.command = "PEXPIREAT",
                              .time = since_epoch.count(),
                              .kept = form.herd()->kept_for(since_epoch).count(),
                              .over = time}});
  }
  return run(herd_expire_at(*form.herd(), key.made, time));
}

/// touch without a timeout; whether the key was there.
template <class Run>
auto run_touch_never(const StoredForm& form, EntryKey key, const Run& run) {
  if (form.herd() == nullptr) {
    return run(Persist{key.made});
  }
  if (form.pickles_end()) {
    return run(PickledExpire{form, key.made, key.given, {.command = "PERSIST", .tells_there = true}});
  }
  return run(herd_touch_never(key.made));
}

template <class Run>
auto run_persist(const StoredForm& form, EntryKey key, const Run& run) {
  if (form.herd() == nullptr) {
    return run(RemoveExpiry{key.made});
  }
  if (form.pickles_end()) {
    return run(PickledExpire{form, key.made, key.given, {.command = "PERSIST"}});
  }
  return run(herd_persist(key.made));
}

template <class Run>
auto run_pttl(const StoredForm& form, std::string_view made_key, const Run& run) {
  if (form.herd() == nullptr) {
    return run(RemainingLife{made_key});
  }
  if (form.pickles_end()) {
    return run(PickledLife{form, made_key});
  }
  return run(herd_pttl(*form.herd(), made_key));
}

}  // namespace rediscache::cache
