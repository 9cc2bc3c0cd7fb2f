// Calls to several servers at once, each with its own commands.
#pragma once

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

/// Sends to all and then waits for all, in the calling thread. A server that does not answer keeps none of
/// the others from answering, and one that has to be connected to first, with the help of a thread when it is
/// not the only one, keeps none waiting. What failed is sent again when that is safe.
void exchange_all(std::span<Part* const> parts, Client::Deadline deadline);

}  // namespace rediscache::client
