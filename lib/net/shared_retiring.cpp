// How a shared connection that leads to the wrong server is given up: it finishes what is under way and takes
// no more.
#include <string>
#include <utility>

#include "net/shared_connection.hpp"

namespace rediscache::net {
namespace {

Failure retirement(std::string why) {
  return {.code = ErrorCode::connection, .message = std::move(why), .server = {}, .command = {}};
}

}  // namespace

/// Lets go of a connection to the wrong server. The calls that waited for the replies under way have left.
void SharedConnection::retire(Caller& caller) {
  if (roles_.in_flight() > 0 && !broken_.load()) {
    break_off(retirement("closed: the server said that it is not the one to ask"));
  }
  if (broken_.load()) {
    drain(caller);
  }
}

/// Sends those that are queued elsewhere: this connection only finishes what is under way.
void SharedConnection::decline_queued() {
  const Failure failure = retirement("not sent: the connection leads to the wrong server");
  do {
    for (Slot* slot = pending_; slot != nullptr; slot = static_cast<Slot*>(slot->next)) {
      slot->declined = true;
    }
    while (pending_ != nullptr) {
      finish(*pop_pending(), &failure);
    }
    take_queue();
  } while (pending_ != nullptr);
}

}  // namespace rediscache::net
