#include "cache/operations/locks.hpp"

namespace rediscache::cache {

LockScripts::LockScripts(std::string_view name)
    : fence_{key_beside(name, "fence")},
      queue_{key_beside(name, "queue")},
      seen_{key_beside(name, "seen")},
      channel_{std::string{name} + ":released"} {}

ScriptCall LockScripts::acquire(const Claim& claim) const {
  ScriptCall call{
      &acquire_lock_script,
      {std::string{claim.token}, claim.timeout ? std::to_string(claim.timeout->count()) : "0", fence_}};
  if (claim.fair) {
    call.script = &acquire_fair_lock_script;
    call.arguments.insert(call.arguments.end(), {queue_, seen_, channel_, claim.waits ? "1" : "0"});
  }
  return call;
}

ScriptCall LockScripts::release(std::string_view token) const {
  return {&release_lock_script, {std::string{token}, channel_, queue_}};
}

ScriptCall LockScripts::renew(std::string_view token, std::chrono::milliseconds time, Life life) const {
  const char* const how = life == Life::add ? "0" : life == Life::replace ? "1" : "2";
  return {&renew_lock_script, {std::string{token}, std::to_string(time.count()), how}};
}

ScriptCall LockScripts::leave(std::string_view token, bool fair) const {
  return fair ? ScriptCall{&leave_fair_lock_script, {std::string{token}, channel_, queue_, seen_}}
              : release(token);
}

}  // namespace rediscache::cache
