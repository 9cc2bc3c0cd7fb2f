#include <memory>

#include <rediscache/dummy_cache.hpp>
#include <rediscache/error.hpp>

#include "cache/set_plan.hpp"

namespace rediscache {
namespace {

class NoPages final : public detail::KeyPages {
 public:
  [[nodiscard]] bool next(std::vector<std::string>& /*page*/) override { return false; }
  [[nodiscard]] bool complete() const noexcept override { return true; }
};

}  // namespace

DummyCache::~DummyCache() = default;

bool DummyCache::do_set(std::string_view /*key*/, const ValueView& /*value*/, const SetOptions& options) {
  cache::check_conditions(options);
  // Of what is over before it began, the key's having been there is told; with nx, its absence.
  return options.nx || !(options.xx || options.timeout.is_over());
}

bool DummyCache::do_get(std::string_view /*key*/, const ValueTarget& /*target*/,
                        const KeyOptions& /*options*/) {
  return false;
}

void DummyCache::do_get_many(std::span<const std::string_view> /*keys*/, detail::ManyTarget& targets,
                             const KeyOptions& /*options*/) {
  targets.expect(0);
}

std::vector<std::string> DummyCache::do_set_many(std::span<const std::string_view> /*keys*/,
                                                 std::span<const ValueView> /*values*/,
                                                 const SetManyOptions& /*options*/) {
  return {};
}

bool DummyCache::do_delete(std::string_view /*key*/, const KeyOptions& /*options*/) {
  return false;
}

std::int64_t DummyCache::do_delete_many(std::span<const std::string_view> /*keys*/,
                                        const KeyOptions& /*options*/) {
  return 0;
}

std::int64_t DummyCache::do_delete_pattern(std::string_view /*pattern*/, const PatternOptions& /*options*/) {
  return 0;
}

void DummyCache::do_clear() {}

bool DummyCache::do_touch(std::string_view /*key*/, Timeout /*timeout*/, const KeyOptions& /*options*/) {
  return false;
}

Counter DummyCache::do_incr(std::string_view key, std::int64_t delta, const IncrOptions& options) {
  if (!options.ignore_key_check) {
    throw KeyNotFound{key};
  }
  return delta;
}

bool DummyCache::do_has_key(std::string_view /*key*/, const KeyOptions& /*options*/) {
  return false;
}

bool DummyCache::do_persist(std::string_view /*key*/, const KeyOptions& /*options*/) {
  return false;
}

bool DummyCache::do_expire(std::string_view /*key*/, std::chrono::milliseconds /*time*/,
                           const KeyOptions& /*options*/) {
  return false;
}

bool DummyCache::do_expire_at(std::string_view /*key*/,
                              std::chrono::sys_time<std::chrono::milliseconds> /*time*/,
                              const KeyOptions& /*options*/) {
  return false;
}

Counter DummyCache::do_incr_version(std::string_view key, int /*delta*/, const KeyOptions& /*options*/) {
  throw KeyNotFound{key};
}

std::vector<std::string> DummyCache::do_keys(std::string_view /*pattern*/,
                                             const PatternOptions& /*options*/) {
  return {};
}

KeyScan DummyCache::do_iter_keys(std::string_view /*pattern*/, const PatternOptions& /*options*/) {
  return KeyScan{std::make_unique<NoPages>()};
}

Pttl DummyCache::do_pttl(std::string_view /*key*/, const KeyOptions& /*options*/) {
  return Pttl::missing();
}

void DummyCache::do_close() noexcept {}

}  // namespace rediscache
