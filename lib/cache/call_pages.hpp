// Members and fields from the server, a page at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <rediscache/call_options.hpp>
#include <rediscache/detail/pages.hpp>

#include "cache/core.hpp"

namespace rediscache::cache {

/// SSCAN or HSCAN, one page for each time that it is asked. Holds the cache's core, so that a walk may
/// outlive the cache.
class CallPages final : public detail::ReplyPages {
 public:
  /// The kinds are those of the key and of the glob.
  struct Walk {
    std::string_view command;
    detail::Argument::Kind key_kind;
    detail::Argument::Kind match_kind;
  };
  CallPages(std::shared_ptr<Core> core, const CallMode& mode, const Walk& walk, std::string_view key,
            const ScanOptions& options)
      : core_{std::move(core)},
        mode_{mode},
        walk_{walk},
        key_{key},
        match_{options.match},
        version_{options.version},
        count_{options.count} {}

  [[nodiscard]] bool next(detail::ReadReply read, void* elements) override;
  [[nodiscard]] bool complete() const noexcept override { return state_ == State::complete; }

 private:
  enum class State { walking, complete, omitted };

  std::shared_ptr<Core> core_;
  CallMode mode_;
  Walk walk_;
  std::string key_;
  std::optional<std::string> match_;
  std::optional<int> version_;
  std::size_t count_;
  std::string cursor_ = "0";
  State state_ = State::walking;
};

}  // namespace rediscache::cache
