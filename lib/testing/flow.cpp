#include "testing/flow.hpp"

#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

namespace rediscache::testing {

namespace asio = boost::asio;

Flow::Owner::~Owner() = default;

Flow::Flow(Owner& owner, Socket& from, Socket& to, const Shaper& shaper, Counters& counters,
           Counters::Count& bytes)
    : owner_{owner},
      from_{from},
      to_{to},
      shaper_{shaper},
      counters_{counters},
      bytes_{bytes},
      timer_{from.get_executor()} {}

void Flow::start() {
  started_ = true;
  read();
}

bool Flow::set(const FlowFault& fault) {
  if (has_lost_ || shaper_.has_lost()) {
    return false;
  }
  shaper_.set(fault);
  stalled_ = false;
  swallows_ = false;
  // What the old fault held back comes now.
  std::erase_if(queue_, [](const Piece& piece) { return piece.breaks.has_value(); });
  for (Piece& piece : queue_) {
    piece.due = {};
  }
  timer_.cancel();
  if (started_) {
    write();
    read();
  }
  return true;
}

void Flow::drop_queue() noexcept {
  queue_.clear();
  queued_bytes_ = 0;
  sent_of_first_ = 0;
}

void Flow::break_now(Break how) {
  ++counters_.breaks;
  switch (how) {
    case Break::close:
    case Break::reset:
      owner_.close_now(how == Break::reset);
      break;
    case Break::half_close: {
      boost::system::error_code ignored;
      static_cast<void>(to_.shutdown(Socket::shutdown_send, ignored));
      swallows_ = true;
      has_lost_ = true;
      drop_queue();
      break;
    }
    case Break::black_hole:
      swallows_ = true;
      has_lost_ = has_lost_ || !queue_.empty();
      drop_queue();
      break;
    case Break::stall:
      stalled_ = true;
      break;
  }
}

void Flow::cancel() {
  timer_.cancel();
}

void Flow::read() {
  if (reading_ || input_ended_ || queued_bytes_ >= most_queued || !from_.is_open()) {
    return;
  }
  reading_ = true;
  from_.async_read_some(
      asio::buffer(buffer_),
      [this, keep = owner_.keep_alive()](const boost::system::error_code& error, std::size_t count) {
        reading_ = false;
        received(error, count);
      });
}

void Flow::received(const boost::system::error_code& error, std::size_t count) {
  if (!from_.is_open()) {
    return;
  }
  if (error) {
    input_ended_ = true;
    if (error != asio::error::eof || swallows_) {
      owner_.close_now(error == asio::error::connection_reset);
      return;
    }
    shaper_.end(std::chrono::steady_clock::now(), queue_);
    write();
    return;
  }
  if (swallows_) {
    has_lost_ = true;
  } else {
    const std::size_t pieces = queue_.size();
    shaper_.shape({buffer_.data(), count}, std::chrono::steady_clock::now(), queue_);
    for (std::size_t i = pieces; i < queue_.size(); ++i) {
      queued_bytes_ += queue_[i].bytes.size();
    }
    note_faults();
    write();
  }
  read();
}

void Flow::note_faults() {
  const auto add = [](Counters::Count& total, std::uint64_t& noted, std::uint64_t now) {
    if (now != noted) {
      total += now - std::exchange(noted, now);
    }
  };
  add(counters_.corrupted_bytes, noted_corrupted_, shaper_.corrupted());
  add(counters_.duplicated_chunks, noted_duplicated_, shaper_.duplicated());
  add(counters_.delayed_chunks, noted_delayed_, shaper_.delayed());
}

void Flow::write() {
  while (!waiting_ && !stalled_ && !queue_.empty() && to_.is_open()) {
    Piece& first = queue_.front();
    if (first.due > std::chrono::steady_clock::now()) {
      wait_until(first.due);
      return;
    }
    if (first.breaks) {
      const Break how = *first.breaks;
      queue_.pop_front();
      break_now(how);
      continue;
    }
    if (first.ends) {
      queue_.pop_front();
      boost::system::error_code ignored;
      static_cast<void>(to_.shutdown(Socket::shutdown_send, ignored));
      owner_.has_ended();
      return;
    }
    boost::system::error_code error;
    const std::string_view rest = std::string_view{first.bytes}.substr(sent_of_first_);
    const std::size_t sent = to_.write_some(asio::buffer(rest), error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
      wait_until_writable();
      return;
    }
    if (error) {
      owner_.close_now(false);
      return;
    }
    bytes_ += sent;
    sent_of_first_ += sent;
    queued_bytes_ -= sent;
    if (sent_of_first_ == first.bytes.size()) {
      queue_.pop_front();
      sent_of_first_ = 0;
    }
  }
  read();  // there may be room again
}

void Flow::wait_until(Shaper::Time due) {
  waiting_ = true;
  timer_.expires_at(due);
  timer_.async_wait([this, keep = owner_.keep_alive()](const boost::system::error_code&) {
    waiting_ = false;
    write();
  });
}

void Flow::wait_until_writable() {
  waiting_ = true;
  to_.async_wait(Socket::wait_write, [this, keep = owner_.keep_alive()](const boost::system::error_code&) {
    waiting_ = false;
    write();
  });
}

}  // namespace rediscache::testing
