#include "cache/operations/raw_command.hpp"

#include <algorithm>
#include <string>

#include <rediscache/error.hpp>

#include "proto/blocking.hpp"
#include "proto/command_name.hpp"
#include "proto/command_table.hpp"
#include "proto/key_places.hpp"

namespace rediscache::cache {
namespace {

/// A message to nobody. It goes to the replicas behind all that was written before, over whichever
/// connection, so a replica that has it has all of that.
constexpr std::string_view waited_for_channel = "rediscache:wait";

bool waits_for_replicas(std::string_view name) noexcept {
  return proto::same_name(name, "WAIT") || proto::same_name(name, "WAITAOF");
}

}  // namespace

RawCommand::RawCommand(std::string_view command, std::span<const std::string_view> arguments) {
  constexpr std::string_view spaces = " \t\r\n";
  words_.reserve(2 + arguments.size());
  for (std::size_t at = command.find_first_not_of(spaces); at != std::string_view::npos;) {
    const std::size_t end = std::min(command.find_first_of(spaces, at), command.size());
    words_.push_back(command.substr(at, end - at));
    at = command.find_first_not_of(spaces, end);
  }
  if (words_.empty()) {
    throw InvalidArgument{"execute: the command has no name"};
  }
  words_.insert(words_.end(), arguments.begin(), arguments.end());
  const std::string_view name = words_.front();
  const std::span<const std::string_view> rest = std::span{words_}.subspan(1);
  if (const auto why = proto::refused(name, rest)) {
    throw InvalidArgument{"execute: " + *why};
  }
  if (const auto time = proto::blocking_time(name, rest)) {
    if (time->count() == 0) {
      throw InvalidArgument{"execute: " + std::string{name} +
                            " would block for ever with a timeout of 0; give it a time, and call it again"};
    }
    blocking_time_ = *time;
  }
}

void RawCommand::build(Commands& out) const {
  const std::string_view name = words_.front();
  const std::span<const std::string_view> arguments = std::span{words_}.subspan(1);
  if (waits_for_replicas(name)) {
    out.begin("PUBLISH", CommandKind::accumulating_write, 2).arg(waited_for_channel).arg("");
  }
  out.begin(name, proto::kind_of(name), arguments.size());
  const proto::KeyPlaces keys = proto::key_places(name, arguments);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (keys.contains(i)) {
      out.key(arguments[i]);
    } else {
      out.arg(arguments[i]);
    }
  }
  if (proto::answers_at_length(name)) {
    out.answers_at_length();
  }
  if (blocking_time_.count() > 0) {
    out.blocks_for(blocking_time_);
  }
  if (!proto::leaves_connection_alone(name, arguments)) {
    out.over_own_connection();
  }
}

}  // namespace rediscache::cache
