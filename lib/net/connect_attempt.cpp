#include "net/connect_attempt.hpp"

#include <utility>

#include <poll.h>

#include "net/readiness.hpp"
#include "net/tls_stream.hpp"

namespace rediscache::net {

ConnectAttempt::ConnectAttempt(const ServerSettings& settings, const proto::Handshake& handshake,
                               const SocketAddress& address)
    : settings_{settings}, handshake_{handshake}, waits_for_{POLLOUT} {
  auto socket = Socket::begin_connect(address, base::Deadline{{}});
  if (socket) {
    socket_ = std::move(socket.value());
  } else {
    fail(std::move(socket.failure()));
  }
}

void ConnectAttempt::fail(Failure failure) {
  state_ = State::failed;
  failure_ = std::move(failure);
}

int ConnectAttempt::descriptor() const noexcept {
  if (connection_) {
    return connection_->descriptor();
  }
  return socket_ ? socket_->descriptor() : -1;
}

short ConnectAttempt::waits_for() const noexcept {
  if (state_ == State::signing_in) {
    return connection_->events();
  }
  return waits_for_;
}

void ConnectAttempt::advance() {
  if (state_ == State::connecting && wait_for(descriptor(), POLLOUT, base::Deadline{{}})) {
    end_connect();
  }
  if (state_ == State::shaking_hands) {
    shake_hands();
  }
  if (state_ == State::signing_in && connection_->advance(call_)) {
    end_sign_in();
  }
}

void ConnectAttempt::end_connect() {
  if (auto failure = socket_->end_connect()) {
    fail(std::move(*failure));
  } else if (settings_.tls == nullptr) {
    begin_to_sign_in();
  } else if (auto refused = socket_->begin_tls(*settings_.tls, settings_.endpoint)) {
    fail(std::move(*refused));
  } else {
    state_ = State::shaking_hands;
  }
}

void ConnectAttempt::shake_hands() {
  auto wanted = socket_->continue_tls();
  if (!wanted) {
    fail(std::move(wanted.failure()));
  } else if (wanted.value() == 0) {
    begin_to_sign_in();
  } else {
    waits_for_ = wanted.value();
  }
}

void ConnectAttempt::begin_to_sign_in() {
  replies_.resize(handshake_.commands().size());
  call_ = {.commands = &handshake_.commands(), .replies = replies_, .failure = {}};
  connection_ = std::make_unique<Connection>(std::move(*socket_), settings_);
  connection_->begin(call_);
  state_ = State::signing_in;
}

void ConnectAttempt::end_sign_in() {
  // A server that turns us away says why before it closes: that is the better reason.
  if (auto refusal = handshake_.check(replies_)) {
    fail(std::move(*refusal));
  } else if (call_.failure) {
    fail(connection_->signing_in_failed(std::move(*call_.failure), settings_));
  } else {
    state_ = State::succeeded;
  }
}

void ConnectAttempt::run_out_of_time() {
  switch (state_) {
    case State::connecting:
      fail(connect_timeout());
      break;
    case State::shaking_hands:
      fail(tls_timeout());
      break;
    case State::signing_in:
      connection_->run_out_of_time();
      end_sign_in();
      break;
    case State::succeeded:
    case State::failed:
      break;
  }
}

}  // namespace rediscache::net
