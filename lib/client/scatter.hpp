// Calls to several servers at once, each with its own commands.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

#include "client/default_client.hpp"

namespace rediscache::client {

/// What one server is asked, and what became of it.
struct Part {
  DefaultClient* client = nullptr;
  Commands commands{};
  std::vector<Reply> replies{};
  std::optional<Failure> failure{};
};

/// What happens on the way, all of it in the calling thread.
struct OnTheWay {
  /// Gives a part its commands, just before they are sent, so that the first server works while the next
  /// one's are written; a part without any is not asked.
  std::function<void(std::size_t part)> fill;
  /// All that can be has been sent.
  std::function<void()> sent;
  /// A part was answered, while others may still be under way. Not told of every one, though.
  std::function<void(std::size_t part)> landed;
};

/// Sends to all and then waits for all, in the calling thread.
///
/// A server that does not answer keeps none of the others from answering; one that has to be connected to
/// first, or sent to again, which is done where it is safe, keeps none waiting, with the help of a thread
/// when it is not the only one.
void exchange_all(std::span<Part> parts, const OnTheWay& on_the_way, Client::Deadline deadline);

}  // namespace rediscache::client
