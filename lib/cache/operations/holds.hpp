// What is sent for something that can be held, whatever it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/reply.hpp>

#include "base/result.hpp"
#include "cache/drive.hpp"
#include "cache/hold_scripts.hpp"
#include "cache/operations/scripts.hpp"

namespace rediscache::cache {

/// What became of a try to acquire.
struct Attempt {
  bool acquired = false;
  bool omitted = false;
  std::uint64_t fencing_token = 0;                  ///< when acquired
  std::optional<std::chrono::milliseconds> left{};  ///< of the holder's life, when it ends at all
  std::string holder{};
};

/// A try to acquire.
class AcquireHold {
 public:
  using Result = Attempt;
  static constexpr bool reads_errors = true;

  /// `name` and `call` must live as long as this. Sent twice, the second finds that the first held it.
  AcquireHold(std::string_view name, ScriptCall call)
      : run_{*call.script, CommandKind::idempotent_write, name, std::move(call.arguments)} {}

  Step step(std::span<Reply> replies, Commands& next) { return run_.step(replies, next); }
  [[nodiscard]] base::Result<Attempt> result() const;
  static Attempt omitted() { return {.omitted = true}; }

 private:
  ScriptRun run_;
};

/// Any other of the scripts: its answer, or nothing when omitted.
class AskHold {
 public:
  using Result = std::optional<std::int64_t>;
  static constexpr bool reads_errors = true;

  AskHold(std::string_view name, ScriptCall call, CommandKind kind)
      : run_{*call.script, kind, name, std::move(call.arguments)} {}

  Step step(std::span<Reply> replies, Commands& next) { return run_.step(replies, next); }
  [[nodiscard]] base::Result<Result> result() const {
    auto answer = run_.integer();
    return answer ? base::Result<Result>{answer.value()} : base::Result<Result>{std::move(answer.failure())};
  }
  static Result omitted() { return std::nullopt; }

 private:
  ScriptRun run_;
};

/// Many scripts in one round trip, two when the server does not know them yet. An answer each; nothing for
/// one that failed.
class AskManyHolds {
 public:
  struct One {
    std::string_view name;
    ScriptCall call;
    std::optional<std::int64_t> answer{};
  };
  using Result = std::vector<One>;
  static constexpr bool reads_errors = true;

  /// With `by_text` the scripts are sent whole, which takes one round trip for sure.
  explicit AskManyHolds(std::vector<One> all, bool by_text = false)
      : all_{std::move(all)}, by_text_{by_text} {}

  Step step(std::span<Reply> replies, Commands& next);
  /// The commands that some of several servers did not answer stay without one.
  void lost(const Failure&) {}
  [[nodiscard]] base::Result<Result> result() { return std::move(all_); }
  static Result omitted() { return {}; }

 private:
  std::vector<One> all_;
  std::vector<std::size_t> sent_;  // which of them
  bool by_text_;
};

}  // namespace rediscache::cache
