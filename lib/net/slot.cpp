#include "net/slot.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace rediscache::net {
namespace {

/// A thread keeps no more than this for calls to come.
constexpr std::size_t most_kept_bytes = 64 * 1024;

thread_local std::unique_ptr<Slot> kept;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

}  // namespace

void Slot::reset(std::size_t command_count, bool alive) {
  commands = command_count;
  must_be_alive = alive;
  closes = ends_send = maybe_executed = declined = false;
  timed = answered = 0;
  failure.reset();
  if (command_count != 1) {
    several.resize(command_count);
  }
  state.store(0, std::memory_order_relaxed);
}

void Slot::copy_request(const Commands& from) {
  request.clear();
  request.reserve(from.bytes());
  std::array<std::string_view, 16> pieces;
  while (request.size() < from.bytes()) {
    const std::size_t count = from.segments(request.size(), pieces);
    for (std::size_t i = 0; i < count; ++i) {
      request += pieces[i];
    }
  }
}

void Slot::move_replies_to(std::span<Reply> replies) {
  if (commands == 1) {
    replies[0] = std::move(single);
  } else {
    std::move(several.begin(), several.end(), replies.begin());
  }
}

std::unique_ptr<Slot> Slot::take() {
  return kept ? std::move(kept) : std::make_unique<Slot>();
}

void Slot::keep(std::unique_ptr<Slot> slot) noexcept {
  if (slot->request.capacity() <= most_kept_bytes) {
    slot->several.clear();
    kept = std::move(slot);
  }
}

}  // namespace rediscache::net
