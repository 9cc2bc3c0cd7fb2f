#include "testing/call_faults.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <thread>
#include <utility>

#include <rediscache/error.hpp>

namespace rediscache::testing {
namespace {

bool knows_a_miss(CacheCall kind) noexcept {
  return kind == CacheCall::get || kind == CacheCall::get_many || kind == CacheCall::has_key ||
         kind == CacheCall::pttl;
}

bool applies(const CallRule& rule, CacheCall kind) {
  if (rule.fault.kind == CallFault::Kind::miss && !knows_a_miss(kind)) {
    return false;
  }
  return rule.calls.empty() || std::ranges::find(rule.calls, kind) != rule.calls.end();
}

}  // namespace

std::string_view to_string(CacheCall call) noexcept {
  constexpr std::array<std::string_view, 17> names{
      "set",   "get",       "get_many", "set_many", "del",     "delete_many", "delete_pattern",
      "clear", "touch",     "incr",     "has_key",  "persist", "expire",      "incr_version",
      "keys",  "iter_keys", "pttl"};
  return names.at(static_cast<std::size_t>(call));
}

void CallFaults::add(CallRule rule, bool first) {
  const std::scoped_lock lock{mutex_};
  rules_.insert(first ? rules_.begin() : rules_.end(), std::move(rule));
}

void CallFaults::clear() {
  const std::scoped_lock lock{mutex_};
  rules_.clear();
}

FaultyCacheStatistics CallFaults::statistics() const {
  const std::scoped_lock lock{mutex_};
  return statistics_;
}

std::optional<CallFault> CallFaults::decide(CacheCall kind) {
  const std::scoped_lock lock{mutex_};
  ++statistics_.calls;
  for (auto rule = rules_.begin(); rule != rules_.end(); ++rule) {
    if (rule->times == 0 || !applies(*rule, kind) || dice_.share() >= rule->rate) {
      continue;
    }
    ++statistics_.faults;
    const CallFault fault = rule->fault;
    if (--rule->times == 0) {
      rules_.erase(rule);
    }
    return fault;
  }
  return std::nullopt;
}

std::optional<CallFault> CallFaults::next(CacheCall kind) {
  const std::optional<CallFault> fault = decide(kind);
  if (fault && fault->latency.count() > 0) {
    std::this_thread::sleep_for(fault->latency);
  }
  return fault;
}

void CallFaults::raise(const CallFault& fault, CacheCall kind) {
  Failure failure;
  failure.command = to_string(kind);
  failure.maybe_executed = fault.executed;
  failure.connection_lost = true;
  failure.message = "injected by FaultyCache";
  switch (fault.kind) {
    case CallFault::Kind::timeout_error:
      failure.code = ErrorCode::timeout;
      break;
    case CallFault::Kind::authentication_error:
      failure.code = ErrorCode::authentication;
      failure.message = "NOAUTH " + failure.message;
      failure.connection_lost = false;
      break;
    case CallFault::Kind::tls_error:
      failure.code = ErrorCode::tls;
      break;
    case CallFault::Kind::response_error:
      failure.code = ErrorCode::response;
      failure.message = "OOM " + failure.message;
      failure.connection_lost = false;
      break;
    default:
      failure.code = ErrorCode::connection;
      break;
  }
  failure.raise();
}

}  // namespace rediscache::testing
