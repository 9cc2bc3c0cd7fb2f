// A cache's servers, asked with less patience than usual.
#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include "cache/core.hpp"

namespace rediscache::cache {

/// For calls in the background, which have an end of their own.
class HurriedLink final : public Link {
 public:
  HurriedLink(Core& core, Client::Deadline end) noexcept : Link{true}, core_{core}, end_{end} {}

  [[nodiscard]] std::optional<Failure> exchange(const Commands& commands, std::span<Reply> replies,
                                                Client::Deadline deadline) override {
    return core_.exchange(commands, replies, deadline);
  }
  [[nodiscard]] Client::Deadline deadline() override { return std::min(end_, core_.deadline()); }

 private:
  Core& core_;
  Client::Deadline end_;
};

}  // namespace rediscache::cache
