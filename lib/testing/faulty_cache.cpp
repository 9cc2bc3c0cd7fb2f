#include <exception>
#include <memory>
#include <utility>

#include <rediscache/detail/cache_access.hpp>
#include <rediscache/testing/faulty_cache.hpp>

#include "testing/call_faults.hpp"

namespace rediscache::testing {
namespace {

using detail::CacheAccess;

/// A walk that ends before it begins, or fails there.
class FailedPages final : public detail::KeyPages {
 public:
  // NOLINTNEXTLINE(bugprone-throw-keyword-missing): it is kept for next() to throw
  explicit FailedPages(std::exception_ptr error) noexcept : error_{std::move(error)} {}
  bool next(std::vector<std::string>& page) override {
    page.clear();
    if (error_) {
      std::rethrow_exception(error_);
    }
    return false;
  }
  [[nodiscard]] bool complete() const noexcept override { return false; }

 private:
  std::exception_ptr error_;
};

}  // namespace

FaultyCache::FaultyCache(Cache& next, std::uint64_t seed)
    : next_{next}, faults_{std::make_unique<CallFaults>(seed)} {}
FaultyCache::~FaultyCache() = default;

void FaultyCache::add_rule(CallRule rule) {
  faults_->add(std::move(rule), false);
}

void FaultyCache::fail_next(std::uint64_t times, const CallFault& fault, std::vector<CacheCall> calls) {
  if (times > 0) {
    faults_->add({.fault = fault, .rate = 1, .calls = std::move(calls), .times = times}, true);
  }
}

void FaultyCache::heal() {
  faults_->clear();
}

FaultyCacheStatistics FaultyCache::statistics() const {
  return faults_->statistics();
}

bool FaultyCache::do_set(std::string_view key, const ValueView& value, const SetOptions& options) {
  const auto no = [] { return false; };
  return faults_->run(CacheCall::set, [&] { return CacheAccess::set(next_, key, value, options); }, no, no);
}

bool FaultyCache::do_get(std::string_view key, const ValueTarget& target, const KeyOptions& options) {
  const auto no = [] { return false; };
  return faults_->run(CacheCall::get, [&] { return CacheAccess::get(next_, key, target, options); }, no, no);
}

bool FaultyCache::do_ignore(const DecodeError& error) noexcept {
  return CacheAccess::ignore(next_, error);
}

void FaultyCache::do_get_many(std::span<const std::string_view> keys, detail::ManyTarget& targets,
                              const KeyOptions& options) {
  const auto none = [] { return false; };
  faults_->run(
      CacheCall::get_many,
      [&] {
        CacheAccess::get_many(next_, keys, targets, options);
        return true;
      },
      none, none);
}

std::vector<std::string> FaultyCache::do_set_many(std::span<const std::string_view> keys,
                                                  std::span<const ValueView> values,
                                                  const SetManyOptions& options) {
  const auto all = [&] { return std::vector<std::string>(keys.begin(), keys.end()); };
  return faults_->run(
      CacheCall::set_many, [&] { return CacheAccess::set_many(next_, keys, values, options); }, all, all);
}

bool FaultyCache::do_delete(std::string_view key, const KeyOptions& options) {
  const auto no = [] { return false; };
  return faults_->run(CacheCall::del, [&] { return next_.del(key, options); }, no, no);
}

std::int64_t FaultyCache::do_delete_many(std::span<const std::string_view> keys, const KeyOptions& options) {
  const auto none = [] { return std::int64_t{0}; };
  return faults_->run(
      CacheCall::delete_many, [&] { return CacheAccess::delete_many(next_, keys, options); }, none, none);
}

std::int64_t FaultyCache::do_delete_pattern(std::string_view pattern, const PatternOptions& options) {
  const auto none = [] { return std::int64_t{0}; };
  return faults_->run(
      CacheCall::delete_pattern, [&] { return next_.delete_pattern(pattern, options); }, none, none);
}

void FaultyCache::do_clear() {
  const auto nothing = [] { return false; };
  faults_->run(
      CacheCall::clear,
      [&] {
        next_.clear();
        return true;
      },
      nothing, nothing);
}

bool FaultyCache::do_touch(std::string_view key, Timeout timeout, const KeyOptions& options) {
  const auto no = [] { return false; };
  return faults_->run(CacheCall::touch, [&] { return next_.touch(key, timeout, options); }, no, no);
}

Counter FaultyCache::do_incr(std::string_view key, std::int64_t delta, const IncrOptions& options) {
  const auto omitted = [] { return Counter{}; };
  return faults_->run(CacheCall::incr, [&] { return next_.incr(key, delta, options); }, omitted, omitted);
}

bool FaultyCache::do_has_key(std::string_view key, const KeyOptions& options) {
  const auto no = [] { return false; };
  return faults_->run(CacheCall::has_key, [&] { return next_.has_key(key, options); }, no, no);
}

bool FaultyCache::do_persist(std::string_view key, const KeyOptions& options) {
  const auto no = [] { return false; };
  return faults_->run(CacheCall::persist, [&] { return next_.persist(key, options); }, no, no);
}

bool FaultyCache::do_expire(std::string_view key, std::chrono::milliseconds time, const KeyOptions& options) {
  const auto no = [] { return false; };
  return faults_->run(
      CacheCall::expire, [&] { return CacheAccess::expire(next_, key, time, options); }, no, no);
}

bool FaultyCache::do_expire_at(std::string_view key, std::chrono::sys_time<std::chrono::milliseconds> time,
                               const KeyOptions& options) {
  const auto no = [] { return false; };
  return faults_->run(
      CacheCall::expire, [&] { return CacheAccess::expire_at(next_, key, time, options); }, no, no);
}

Counter FaultyCache::do_incr_version(std::string_view key, int delta, const KeyOptions& options) {
  const auto omitted = [] { return Counter{}; };
  return faults_->run(
      CacheCall::incr_version, [&] { return next_.incr_version(key, delta, options); }, omitted, omitted);
}

std::vector<std::string> FaultyCache::do_keys(std::string_view pattern, const PatternOptions& options) {
  const auto none = [] { return std::vector<std::string>{}; };
  return faults_->run(CacheCall::keys, [&] { return next_.keys(pattern, options); }, none, none);
}

KeyScan FaultyCache::do_iter_keys(std::string_view pattern, const PatternOptions& options) {
  const auto none = [] { return KeyScan{std::make_unique<FailedPages>(nullptr)}; };
  try {
    return faults_->run(CacheCall::iter_keys, [&] { return next_.iter_keys(pattern, options); }, none, none);
  } catch (const ConnectionInterrupted&) {
    return KeyScan{std::make_unique<FailedPages>(std::current_exception())};
  }
}

Pttl FaultyCache::do_pttl(std::string_view key, const KeyOptions& options) {
  return faults_->run(
      CacheCall::pttl, [&] { return next_.pttl(key, options); }, [] { return Pttl{}; },
      [] { return Pttl::missing(); });
}

void FaultyCache::do_close() noexcept {
  next_.close();
}

}  // namespace rediscache::testing
