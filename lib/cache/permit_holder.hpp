// What a semaphore and a shared lock are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cache/core.hpp"
#include "cache/holder.hpp"
#include "cache/operations/holds.hpp"
#include "cache/operations/permits.hpp"

namespace rediscache::cache {

/// Holds a permit, or all of them alone. Not thread-safe.
class PermitHolder {
 public:
  PermitHolder(std::shared_ptr<Core> core, const CallMode& mode, std::string_view key,
               const LockOptions& options, std::int64_t capacity, PermitScripts::Way way)
      : PermitHolder{
            core, mode, key, options,
            std::make_shared<PermitScripts>(core->keys().make(key, options.version).view(), capacity, way)} {}

  [[nodiscard]] Holder& hold() noexcept { return holder_; }
  [[nodiscard]] const Holder& hold() const noexcept { return holder_; }

  /// Whether the server knows that this one holds it.
  [[nodiscard]] bool owned() const {
    const std::string_view token = holder_.token();
    return !token.empty() && ask(scripts_->is_held(token)).value_or(0) == 1;
  }
  /// How many hold it.
  [[nodiscard]] std::optional<std::size_t> count() const {
    const auto answer = ask(scripts_->count());
    return answer ? std::optional{static_cast<std::size_t>(*answer)} : std::nullopt;
  }

 private:
  PermitHolder(const std::shared_ptr<Core>& core, const CallMode& mode, std::string_view key,
               const LockOptions& options, std::shared_ptr<const PermitScripts> scripts)
      : scripts_{std::move(scripts)},
        holder_{core,    mode,    key, std::string{core->keys().make(key, options.version).view()},
                options, scripts_} {}

  /// Of the primary, by a script that changes nothing.
  [[nodiscard]] std::optional<std::int64_t> ask(ScriptCall call) const {
    return holder_.core().run(AskHold{holder_.name(), std::move(call), CommandKind::idempotent_write},
                              holder_.mode());
  }

  std::shared_ptr<const PermitScripts> scripts_;
  Holder holder_;
};

}  // namespace rediscache::cache
