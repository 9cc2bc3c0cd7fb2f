// Moving an entry from one server to another.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <rediscache/command.hpp>
#include <rediscache/reply.hpp>

#include "cache/drive.hpp"
#include "cache/operations/entries.hpp"

namespace rediscache::cache {

/// What Rename does, for keys that live on different servers: the entry is copied with what is left of its
/// life, and then deleted. Not atomic: for a moment it is in both places, and what is written to the old one
/// meanwhile is lost.
class MoveEntry {
 public:
  using Result = Rename::Outcome;

  MoveEntry(std::string_view from, std::string_view to) : from_{from}, to_{to} {}

  Step step(std::span<Reply> replies, Commands& next);
  [[nodiscard]] Rename::Outcome result() const noexcept { return outcome_; }
  static Rename::Outcome omitted() { return Rename::Outcome::omitted; }

 private:
  enum class State : std::uint8_t { reading, writing, deleting };

  std::string_view from_;
  std::string_view to_;
  State state_ = State::reading;
  std::string entry_;  // as DUMP gave it
  Rename::Outcome outcome_ = Rename::Outcome::moved;
};

}  // namespace rediscache::cache
