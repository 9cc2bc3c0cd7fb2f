// A client without a server, for whole caches.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <rediscache/client.hpp>
#include <rediscache/options.hpp>

namespace rediscache::test {

class FakeClient final : public Client {
 public:
  using Answer = std::function<std::optional<Failure>(const Commands& commands, std::span<Reply> replies)>;

  explicit FakeClient(Answer answer) : answer_{std::move(answer)} {}
  std::optional<Failure> execute(const Commands& commands, std::span<Reply> replies, Deadline) override {
    return answer_(commands, replies);
  }
  [[nodiscard]] std::string server() const override { return "fake:1"; }

 private:
  Answer answer_;
};

/// Options of a cache whose commands are answered so.
[[nodiscard]] inline Options options_answered_by(FakeClient::Answer answer) {
  Options options;
  options.client_factory = [answer = std::move(answer)](const Options&) {
    return std::make_unique<FakeClient>(answer);
  };
  return options;
}

/// Options of a cache all of whose commands fail so.
[[nodiscard]] inline Options options_failing_with(Failure failure) {
  return options_answered_by(
      [failure = std::move(failure)](const Commands&, std::span<Reply>) { return std::optional{failure}; });
}

[[nodiscard]] inline Failure failure_with(ErrorCode code, std::string message = "made up") {
  return {.code = code,
          .message = std::move(message),
          .server = "made:1",
          .command = "CMD",
          .connection_lost = true};
}

/// Every command is answered with this reply.
[[nodiscard]] inline Options options_replying(Reply reply) {
  return options_answered_by([reply = std::move(reply)](const Commands&, std::span<Reply> replies) {
    for (Reply& place : replies) {
      place = reply;
    }
    return std::optional<Failure>{};
  });
}

}  // namespace rediscache::test
