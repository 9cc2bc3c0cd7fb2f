// Keys from the server, a page at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/key_scan.hpp>

#include "cache/core.hpp"

namespace rediscache::cache {

/// SCAN, one page for each time that it is asked. Holds the cache's core, so that a walk may outlive the
/// cache.
class ScannedPages final : public detail::KeyPages {
 public:
  /// `prefix` is that of the keys, where it is not the cache's own.
  ScannedPages(std::shared_ptr<Core> core, const CallMode& mode, std::string pattern,
               std::optional<std::string_view> prefix, std::size_t itersize)
      : core_{std::move(core)},
        mode_{mode},
        pattern_{std::move(pattern)},
        prefix_{prefix},
        itersize_{itersize} {}

  [[nodiscard]] bool next(std::vector<std::string>& page) override;
  [[nodiscard]] bool complete() const noexcept override { return state_ == State::complete; }

 private:
  enum class State { walking, complete, omitted };

  std::shared_ptr<Core> core_;
  CallMode mode_;
  std::string pattern_;
  std::optional<std::string> prefix_;
  std::size_t itersize_;
  std::string cursor_ = "0";
  State state_ = State::walking;
  bool in_part_ = false;  // a server did not answer
};

}  // namespace rediscache::cache
