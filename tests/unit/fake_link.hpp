// Where operations send their commands, when no server is wanted.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "cache/drive.hpp"
#include "unit/bytes_of.hpp"

namespace rediscache::test {

/// Answers each exchange with what was prepared for it, and remembers what was sent.
class FakeLink final : public cache::Link {
 public:
  FakeLink& answer(std::vector<Reply> replies) {
    answers_.emplace_back(std::move(replies));
    return *this;
  }
  FakeLink& fail(Failure failure) {
    answers_.emplace_back(std::move(failure));
    return *this;
  }

  std::optional<Failure> exchange(const Commands& commands, std::span<Reply> replies,
                                  Client::Deadline deadline) override {
    sent.push_back(bytes_of(commands));
    kinds.push_back(commands.strictest_kind());
    deadlines.push_back(deadline);
    EXPECT_EQ(replies.size(), commands.size());
    if (answers_.empty()) {
      ADD_FAILURE() << "one exchange too many: " << sent.back().substr(0, 200);
      return Failure{.code = ErrorCode::connection, .message = "no answer", .server = {}, .command = {}};
    }
    const auto answer = std::move(answers_.front());
    answers_.pop_front();
    if (const auto* const failure = std::get_if<Failure>(&answer)) {
      return *failure;
    }
    const auto& prepared = std::get<std::vector<Reply>>(answer);
    EXPECT_EQ(prepared.size(), replies.size()) << sent.back().substr(0, 200);
    std::copy_n(prepared.begin(), std::min(prepared.size(), replies.size()), replies.begin());
    return std::nullopt;
  }
  [[nodiscard]] Client::Deadline deadline() override {
    return Client::Deadline{} + std::chrono::seconds{++deadlines_asked_};
  }

  [[nodiscard]] bool all_answered() const noexcept { return answers_.empty(); }

  std::vector<std::string> sent{};
  std::vector<CommandKind> kinds{};
  std::vector<Client::Deadline> deadlines{};

 private:
  std::deque<std::variant<std::vector<Reply>, Failure>> answers_{};
  mutable int deadlines_asked_ = 0;
};

}  // namespace rediscache::test
