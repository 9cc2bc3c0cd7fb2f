#include "config/no_cache.hpp"

#include <rediscache/error.hpp>

namespace rediscache::config {
namespace {

class NoPages final : public detail::KeyPages {
 public:
  bool next(std::vector<std::string>& page) override {
    page.clear();
    return false;
  }
  [[nodiscard]] bool complete() const noexcept override { return true; }
};

class NoCache final : public Cache {
  bool do_set(std::string_view /*key*/, const ValueView& /*value*/, const SetOptions& /*options*/) override {
    return true;
  }
  bool do_get(std::string_view /*key*/, const ValueTarget& /*target*/,
              const KeyOptions& /*options*/) override {
    return false;
  }
  void do_get_many(std::span<const std::string_view> /*keys*/, detail::ManyTarget& /*targets*/,
                   const KeyOptions& /*options*/) override {}
  std::vector<std::string> do_set_many(std::span<const std::string_view> /*keys*/,
                                       std::span<const ValueView> /*values*/,
                                       const SetManyOptions& /*options*/) override {
    return {};
  }
  bool do_delete(std::string_view /*key*/, const KeyOptions& /*options*/) override { return false; }
  std::int64_t do_delete_many(std::span<const std::string_view> /*keys*/,
                              const KeyOptions& /*options*/) override {
    return 0;
  }
  std::int64_t do_delete_pattern(std::string_view /*pattern*/, const PatternOptions& /*options*/) override {
    return 0;
  }
  void do_clear() override {}
  bool do_touch(std::string_view /*key*/, Timeout /*timeout*/, const KeyOptions& /*options*/) override {
    return false;
  }
  Counter do_incr(std::string_view key, std::int64_t delta, const IncrOptions& options) override {
    if (!options.ignore_key_check) {
      throw KeyNotFound{key};
    }
    return delta;
  }
  bool do_has_key(std::string_view /*key*/, const KeyOptions& /*options*/) override { return false; }
  bool do_persist(std::string_view /*key*/, const KeyOptions& /*options*/) override { return false; }
  bool do_expire(std::string_view /*key*/, std::chrono::milliseconds /*time*/,
                 const KeyOptions& /*options*/) override {
    return false;
  }
  bool do_expire_at(std::string_view /*key*/, std::chrono::sys_time<std::chrono::milliseconds> /*time*/,
                    const KeyOptions& /*options*/) override {
    return false;
  }
  Counter do_incr_version(std::string_view key, int /*delta*/, const KeyOptions& /*options*/) override {
    throw KeyNotFound{key};
  }
  std::vector<std::string> do_keys(std::string_view /*pattern*/, const PatternOptions& /*options*/) override {
    return {};
  }
  KeyScan do_iter_keys(std::string_view /*pattern*/, const PatternOptions& /*options*/) override {
    return KeyScan{std::make_unique<NoPages>()};
  }
  Pttl do_pttl(std::string_view /*key*/, const KeyOptions& /*options*/) override { return Pttl::missing(); }
  void do_close() noexcept override {}
};

}  // namespace

std::shared_ptr<Cache> make_dummy() {
  return std::make_shared<NoCache>();
}

}  // namespace rediscache::config
