#include "cache/drive.hpp"

#include "proto/error_reply.hpp"

namespace rediscache::cache {

std::optional<Failure> error_among(const Commands& commands, std::span<const Reply> replies) {
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].is_error()) {
      return failure_of(replies[i], commands.name(i));
    }
  }
  return std::nullopt;
}

Failure failure_of(const Reply& error, std::string_view command) {
  Failure failure = proto::failure_of_reply(error.as_text());
  failure.command = command;
  return failure;
}

Failure unexpected_reply(std::string_view command, const ValueError& error) {
  return {.code = ErrorCode::response,
          .message = error.what(),
          .server = {},
          .command = std::string{command},
          .maybe_executed = true};
}

}  // namespace rediscache::cache
