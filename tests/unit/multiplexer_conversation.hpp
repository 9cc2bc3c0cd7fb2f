// A conversation over one connection, written down once and played in many ways.
//
//   Conversation{}
//       .submit("a", {{"GET", "k"}})
//       .write(wire({"GET", "k"}))
//       .feed("$1\r\nv\r\n")
//       .done("a", {Reply::text("v")})
//       .play_in_every_way();
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "proto/multiplexer.hpp"

namespace rediscache::test {

using Words = std::vector<std::string>;

/// A call and all that it refers to.
struct Participant {
  explicit Participant(const std::vector<Words>& words) : replies(words.size()) {
    for (const Words& command : words) {
      names.push_back(std::make_unique<std::string>(command[0]));
      commands.begin(*names.back(), CommandKind::read, command.size() - 1);
      for (std::size_t i = 1; i < command.size(); ++i) {
        values.push_back(std::make_unique<std::string>(command[i]));
        commands.in_place(*values.back());
      }
    }
    call.commands = &commands;
    call.replies = replies;
  }

  std::vector<std::unique_ptr<std::string>> names{};
  std::vector<std::unique_ptr<std::string>> values{};
  Commands commands{};
  std::vector<Reply> replies;
  proto::Call call{};
  std::size_t written = 0;
};

class Conversation {
 public:
  Conversation& submit(std::string call, std::vector<Words> commands) {
    return add({.kind = Kind::submit, .call = std::move(call), .commands = std::move(commands)});
  }
  /// That exactly this is what comes next to be written, and writes it.
  Conversation& write(std::string bytes) { return add({.kind = Kind::write, .bytes = std::move(bytes)}); }
  Conversation& feed(std::string bytes) { return add({.kind = Kind::feed, .bytes = std::move(bytes)}); }
  Conversation& done(std::string call, std::vector<Reply> replies) {
    return add({.kind = Kind::done, .call = std::move(call), .replies = std::move(replies)});
  }

  /// Whole; in pieces of `piece` bytes; and so with a failure after every step and every piece.
  void play_in_every_way(std::size_t piece = 1) const {
    {
      SCOPED_TRACE("played whole");
      Player player;
      player.play(steps_);
      player.expect_nothing_left();
    }
    const std::vector<Step> pieces = cut(piece);
    {
      SCOPED_TRACE("played in pieces of " + std::to_string(piece));
      Player player;
      player.play(pieces);
      player.expect_nothing_left();
    }
    for (std::size_t steps = 0; steps <= pieces.size() && !::testing::Test::HasFailure(); ++steps) {
      SCOPED_TRACE("failed after " + std::to_string(steps) + " pieces");
      Player player;
      player.play({pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(steps)});
      player.fail();
    }
  }

 private:
  enum class Kind { submit, write, feed, done };
  struct Step {
    Kind kind;
    std::string call{};
    std::string bytes{};
    std::vector<Words> commands{};
    std::vector<Reply> replies{};
  };

  class Player {
   public:
    void play(const std::vector<Step>& steps) {
      for (const Step& step : steps) {
        play(step);
        if (::testing::Test::HasFatalFailure()) {
          return;
        }
      }
    }

    void expect_nothing_left() {
      EXPECT_EQ(multiplexer_.in_flight(), 0U);
      EXPECT_FALSE(multiplexer_.has_output());
      EXPECT_TRUE(multiplexer_.idle());
      for (const auto& [name, participant] : calls_) {
        EXPECT_EQ(participant->call.state, proto::Call::State::done) << name;
      }
    }

    /// Breaks the connection: that every call under way is told, once, and no other.
    void fail() {
      const Failure failure{.code = ErrorCode::connection,
                            .message = "reset",
                            .server = "here",
                            .command = {},
                            .connection_lost = true};
      std::map<std::string, bool> was_done;
      for (const auto& [name, participant] : calls_) {
        was_done[name] = participant->call.finished();
      }
      multiplexer_.fail(failure);
      for (const auto& [name, participant] : calls_) {
        SCOPED_TRACE("call " + name);
        if (was_done[name]) {
          EXPECT_EQ(participant->call.state, proto::Call::State::done);
          EXPECT_FALSE(participant->call.failure);
        } else {
          expect_failed(*participant);
        }
        participant->call.failure.reset();
        participant->call.state = proto::Call::State::queued;
      }
      EXPECT_EQ(multiplexer_.in_flight(), 0U);
      EXPECT_FALSE(multiplexer_.has_output());
      multiplexer_.fail(failure);
      for (const auto& [name, participant] : calls_) {
        EXPECT_EQ(participant->call.state, proto::Call::State::queued) << name << " was told twice";
      }
    }

   private:
    void play(const Step& step) {
      switch (step.kind) {
        case Kind::submit:
          calls_[step.call] = std::make_unique<Participant>(step.commands);
          multiplexer_.submit(calls_[step.call]->call);
          to_write_.push_back(step.call);
          EXPECT_TRUE(multiplexer_.has_output());
          EXPECT_FALSE(multiplexer_.idle());
          return;
        case Kind::write:
          return write(step.bytes);
        case Kind::feed:
          return feed(step.bytes);
        case Kind::done: {
          const Participant& participant = *calls_.at(step.call);
          EXPECT_EQ(participant.call.state, proto::Call::State::done) << step.call;
          EXPECT_EQ(participant.replies, step.replies) << step.call;
          EXPECT_EQ(participant.call.answered, step.replies.size());
          EXPECT_FALSE(participant.call.failure);
          return;
        }
      }
    }

    void write(const std::string& expected) {
      std::size_t at = 0;
      while (at < expected.size()) {
        std::array<std::string_view, 3> pieces;
        const std::size_t used = multiplexer_.output(pieces);
        ASSERT_GT(used, 0U) << "nothing to write, expected " << expected.substr(at);
        std::size_t wrote = 0;
        for (std::size_t i = 0; i < used && at + wrote < expected.size(); ++i) {
          const std::size_t count = std::min(pieces[i].size(), expected.size() - at - wrote);
          ASSERT_EQ(pieces[i].substr(0, count), expected.substr(at + wrote, count));
          wrote += count;
        }
        multiplexer_.wrote(wrote);
        note_written(wrote);
        at += wrote;
      }
    }

    void note_written(std::size_t bytes) {
      while (bytes > 0) {
        Participant& participant = *calls_.at(to_write_.front());
        const std::size_t count = std::min(bytes, participant.commands.bytes() - participant.written);
        participant.written += count;
        bytes -= count;
        if (participant.written == participant.commands.bytes()) {
          EXPECT_EQ(participant.call.state, proto::Call::State::sent);
          to_write_.pop_front();
        } else {
          EXPECT_EQ(participant.call.state, proto::Call::State::sending);
        }
      }
    }

    void feed(std::string_view bytes) {
      while (!bytes.empty()) {
        const auto room = multiplexer_.input();
        const std::size_t count = std::min(room.size(), bytes.size());
        std::memcpy(room.data(), bytes.data(), count);
        const auto failure = multiplexer_.received(count);
        ASSERT_FALSE(failure) << failure->message;
        bytes.remove_prefix(count);
      }
    }

    void expect_failed(const Participant& participant) {
      ASSERT_EQ(participant.call.state, proto::Call::State::failed);
      ASSERT_TRUE(participant.call.failure);
      const Failure& failure = *participant.call.failure;
      EXPECT_EQ(failure.code, ErrorCode::connection);
      EXPECT_EQ(failure.message, "reset");
      EXPECT_EQ(failure.server, "here");
      EXPECT_EQ(failure.command, participant.commands.name(0));
      EXPECT_TRUE(failure.connection_lost);
      // A command cannot have been executed before its last byte was written; the first of several can.
      const bool whole = participant.written == participant.commands.bytes();
      const bool maybe = whole || (participant.written > 0 && participant.commands.size() > 1);
      EXPECT_EQ(failure.maybe_executed, maybe) << participant.written << " bytes were written";
    }

    proto::Multiplexer multiplexer_{std::size_t{1} << 26U};
    std::map<std::string, std::unique_ptr<Participant>> calls_;
    std::deque<std::string> to_write_;
  };

  Conversation& add(Step step) {
    steps_.push_back(std::move(step));
    return *this;
  }

  [[nodiscard]] std::vector<Step> cut(std::size_t piece) const {
    std::vector<Step> pieces;
    for (const Step& step : steps_) {
      if (step.kind != Kind::write && step.kind != Kind::feed) {
        pieces.push_back(step);
        continue;
      }
      for (std::size_t at = 0; at < step.bytes.size(); at += piece) {
        pieces.push_back({.kind = step.kind, .bytes = step.bytes.substr(at, piece)});
      }
    }
    return pieces;
  }

  std::vector<Step> steps_;
};

}  // namespace rediscache::test
