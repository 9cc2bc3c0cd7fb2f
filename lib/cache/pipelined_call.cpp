// How a Pipeline queues the calls on sets, hashes, sorted sets and lists.
#include <cstddef>
#include <limits>
#include <string>

#include <rediscache/command.hpp>
#include <rediscache/detail/call.hpp>
#include <rediscache/pipeline.hpp>

#include "cache/operations/described.hpp"
#include "cache/pipeline_state.hpp"

namespace rediscache {
namespace {

/// The index of a call that asks nothing.
constexpr std::size_t unasked = std::numeric_limits<std::size_t>::max();

}  // namespace

std::size_t Pipeline::queue_call(const detail::Call& call) {
  if (cache::asks_nothing(call)) {
    return unasked;
  }
  // Apart: what throws on the way, a value that cannot be stored for one, must not leave half a command
  // behind.
  cache::PipelineState& queue = state();
  Commands built;
  cache::build_call(queue.core(), call, built);
  queue.next().append(built, 0);
  if (call.is_named_as_it_is()) {
    queue.note_name();
  }
  return queue.last();
}

void detail::read_queued_call(cache::PipelineState& state, std::size_t index, ReadReply read, void* result) {
  if (index == unasked) {
    return;
  }
  Reply* const reply = state.reply_to(index);
  if (reply == nullptr) {
    return;
  }
  const std::string key =
      state.is_named(index) ? std::string{state.commands().first_key(index)} : queued_key(state, index);
  state.read_with(*reply, index, [&](Reply& answer) { read(answer, Decoder{state.core(), key}, result); });
}

}  // namespace rediscache
