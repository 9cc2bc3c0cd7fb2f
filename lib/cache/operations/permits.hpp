// The scripts of semaphores and shared locks. The key is a sorted set of who holds it, by when their time is
// over by the server's clock. Who holds it alone has a name that begins with x, others one with s; the token
// follows.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "cache/hold_scripts.hpp"
#include "cache/operations/scripts.hpp"

namespace rediscache::cache {

extern const Script acquire_permit_script;
extern const Script release_permit_script;
extern const Script renew_permit_script;
extern const Script leave_permit_script;
extern const Script count_permits_script;

/// Holds one of `capacity` permits, or all of them alone.
class PermitScripts final : public HoldScripts {
 public:
  enum class Way { one, alone };
  /// Of a lock that any number may share.
  static constexpr std::int64_t unlimited = std::int64_t{1} << 40U;

  PermitScripts(std::string_view name, std::int64_t capacity, Way way);

  [[nodiscard]] const Wording& wording() const noexcept override {
    return is_limited_ ? semaphore_wording : shared_lock_wording;
  }
  [[nodiscard]] ScriptCall acquire(const Claim& claim) const override;
  [[nodiscard]] ScriptCall release(std::string_view token) const override;
  [[nodiscard]] ScriptCall renew(std::string_view token, std::chrono::milliseconds time,
                                 Life life) const override;
  [[nodiscard]] ScriptCall leave(std::string_view token, bool fair) const override;
  [[nodiscard]] const std::string& channel() const noexcept override { return channel_; }
  /// Answers how many hold one.
  [[nodiscard]] ScriptCall count() const;
  /// Answers 1 when that token holds one, else 0.
  [[nodiscard]] ScriptCall is_held(std::string_view token) const;

 private:
  /// As the set has it.
  [[nodiscard]] std::string member(std::string_view token) const;

  Way way_;
  bool is_limited_;
  std::string capacity_;
  std::string fence_;
  std::string waiting_;  // the mark of who waits to hold it alone: its token, for a while
  std::string channel_;
};

}  // namespace rediscache::cache
