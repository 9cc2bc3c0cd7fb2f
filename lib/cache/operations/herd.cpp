#include "cache/operations/herd.hpp"

#include "base/times.hpp"

namespace rediscache::cache {
HerdOperation<Set> herd_add(std::string_view key, std::string_view stored, Timeout kept) {
  return {herd_add_script,
          CommandKind::accumulating_write,
          key,
          {std::string{stored}, Herd::text(Herd::now()),
           kept.is_never() ? "" : std::to_string(kept.time().count())}};
}

HerdOperation<Expire> herd_expire(const Herd& herd, std::string_view key, std::chrono::milliseconds time) {
  const bool over = time.count() <= 0;  // then it is deleted, and stays no longer
  return {herd_expire_script,
          CommandKind::idempotent_write,
          key,
          {"PEXPIRE", std::to_string(time.count()),
           over ? "" : Herd::text(base::saturating_add(Herd::now(), time)),
           std::to_string(over ? time.count() : herd.kept_for(time).count())}};
}

HerdOperation<Expire> herd_expire_at(const Herd& herd, std::string_view key, Herd::Time time) {
  const bool over = time <= Herd::now();
  const auto since_epoch = time.time_since_epoch();
  return {herd_expire_script,
          CommandKind::idempotent_write,
          key,
          {"PEXPIREAT", std::to_string(since_epoch.count()), over ? "" : Herd::text(time),
           std::to_string((over ? since_epoch : herd.kept_for(since_epoch)).count())}};
}

HerdOperation<Expire> herd_touch_never(std::string_view key) {
  return {herd_touch_never_script, CommandKind::idempotent_write, key, {}};
}

HerdOperation<RemoveExpiry> herd_persist(std::string_view key) {
  return {
      herd_expire_script, CommandKind::idempotent_write, key, {"PERSIST", "", Herd::text(Herd::Time{}), ""}};
}

HerdOperation<RemainingLife> herd_pttl(const Herd& herd, std::string_view key) {
  return {herd_pttl_script, CommandKind::read, key, {std::to_string(herd.herd_timeout().count())}};
}

}  // namespace rediscache::cache
