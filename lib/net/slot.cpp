#include "net/slot.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace rediscache::net {
namespace {

/// A thread keeps no more than this for calls to come.
constexpr std::size_t most_kept_bytes = 64 * 1024;

// A call may come after this thread's thread_locals with destructors were destroyed: from the destructor of
// another one, of a static object, or from an exit handler. So what calls use has none: a pointer, and a mark
// that there is nobody any more to delete what it points to.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
enum class Keeping : unsigned char { not_begun, begun, over };
thread_local Keeping keeping = Keeping::not_begun;
thread_local Slot* kept = nullptr;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

/// Deletes what the thread keeps when it ends.
struct KeptUntilTheEnd {
  KeptUntilTheEnd() noexcept { keeping = Keeping::begun; }
  KeptUntilTheEnd(const KeptUntilTheEnd&) = delete;
  KeptUntilTheEnd& operator=(const KeptUntilTheEnd&) = delete;
  ~KeptUntilTheEnd() {
    keeping = Keeping::over;
    delete std::exchange(kept, nullptr);  // NOLINT(cppcoreguidelines-owning-memory)
  }
};

/// Whether something may be kept for this thread's next call.
bool may_keep() noexcept {
  if (keeping == Keeping::not_begun) [[unlikely]] {
    thread_local const KeptUntilTheEnd until_the_end;
    static_cast<void>(until_the_end);
  }
  return keeping == Keeping::begun;
}

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
  return kept != nullptr ? std::unique_ptr<Slot>{std::exchange(kept, nullptr)} : std::make_unique<Slot>();
}

void Slot::keep(std::unique_ptr<Slot> slot) noexcept {
  if (slot->request.capacity() <= most_kept_bytes && may_keep()) {
    slot->several.clear();
    delete std::exchange(kept, slot.release());  // NOLINT(cppcoreguidelines-owning-memory)
  }
}

}  // namespace rediscache::net
