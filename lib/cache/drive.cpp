#include "cache/drive.hpp"

#include "proto/error_reply.hpp"

namespace rediscache::cache {

std::optional<Failure> error_among(const Commands& commands, std::span<const Reply> replies) {
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].is_error()) {
      Failure failure = proto::failure_of_reply(replies[i].as_text());
      failure.command = commands.name(i);
      return failure;
    }
  }
  return std::nullopt;
}

Failure unexpected_reply(std::string_view command, const ValueError& error) {
  return {.code = ErrorCode::response,
          .message = error.what(),
          .server = {},
          .command = std::string{command},
          .maybe_executed = true};
}

}  // namespace rediscache::cache
