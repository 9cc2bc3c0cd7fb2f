#include "resp/reply_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "resp/grow.hpp"
#include "resp/header.hpp"

namespace rediscache::resp {
namespace {

constexpr std::size_t receive_bytes = 16 * 1024;
/// A bulk string that has not arrived whole is received in place from this size on.
constexpr std::size_t large_bulk_bytes = 16 * 1024;
/// So much is made room for at once, beyond what was trusted.
constexpr std::size_t large_piece_bytes = 256 * 1024;
/// Memory taken on the word of the server, before the bytes are there.
constexpr std::size_t trusted_bytes = 64 * 1024 * 1024;
constexpr std::size_t trusted_elements = 1024;
/// A buffer beyond this is given back once it is empty.
constexpr std::size_t kept_buffer_bytes = 1024 * 1024;

}  // namespace

std::span<char> ReplyReader::space() {
  if (large_text_ != nullptr) {
    std::string& text = *large_text_;
    if (text.size() == large_received_) {
      grow_unfilled(text, std::min(large_total_, large_received_ + large_piece_bytes));
    }
    return {text.data() + large_received_, text.size() - large_received_};
  }
  if (broken_ || begin_ == end_) {
    begin_ = end_ = 0;
    if (capacity_ > kept_buffer_bytes) {
      buffer_.reset();
      capacity_ = 0;
    }
  }
  const std::size_t unread = end_ - begin_;
  // While much is waiting for its end, twice as much may come before the next look.
  const std::size_t wanted = std::clamp(unread, receive_bytes, kept_buffer_bytes);
  if (capacity_ - end_ < wanted) {
    if (capacity_ - unread >= wanted) {
      std::memmove(buffer_.get(), buffer_.get() + begin_, unread);
    } else {
      const std::size_t bigger = unread + 2 * wanted;
      std::unique_ptr<char[]> moved{new char[bigger]};
      if (unread > 0) {
        std::memcpy(moved.get(), buffer_.get() + begin_, unread);
      }
      buffer_ = std::move(moved);
      capacity_ = bigger;
    }
    begin_ = 0;
    end_ = unread;
  }
  return {buffer_.get() + end_, std::min(capacity_ - end_, 2 * kept_buffer_bytes)};
}

void ReplyReader::received(std::size_t count) noexcept {
  if (large_text_ != nullptr) {
    large_received_ += count;
  } else {
    end_ += count;
  }
}

ReplyReader::Progress ReplyReader::next(Reply& reply) {
  try {
    return read(reply);
  } catch (...) {
    broken_ = true;  // something of the reply may be lost
    throw;
  }
}

ReplyReader::Progress ReplyReader::read(Reply& reply) {
  if (broken_) {
    return Progress::broken;
  }
  if (skipper_.active()) [[unlikely]] {
    std::size_t taken = 0;
    const auto skipped = skipper_.pass(unread(), taken);
    begin_ += taken;
    if (skipped == ReplySkipper::Progress::broken) {
      static_cast<void>(fail("an element has no known type or length"));
      return Progress::broken;
    }
    if (skipped == ReplySkipper::Progress::incomplete) {
      return Progress::incomplete;
    }
  }
  while (true) {
    switch (large_text_ != nullptr ? read_large_bulk() : read_item()) {
      case Item::incomplete:
        return Progress::incomplete;
      case Item::refused:
        return Progress::refused;
      case Item::broken:
        return Progress::broken;
      case Item::array:
        continue;
      case Item::whole:
        break;
    }
    while (!levels_.empty() && levels_.back().left == 0) {
      levels_.pop_back();
    }
    if (levels_.empty()) {
      budget_ = max_reply_bytes_;
      reply = std::move(current_);
      return Progress::complete;
    }
  }
}

bool ReplyReader::idle() const noexcept {
  return !broken_ && large_text_ == nullptr && !skipper_.active() && levels_.empty() && begin_ == end_;
}

ReplyReader::Item ReplyReader::read_item() {
  const std::string_view bytes = unread();
  if (bytes.empty()) {
    return Item::incomplete;
  }
  switch (bytes.front()) {
    case '$':
      return read_bulk(bytes);
    case '*':
      return read_array(bytes);
    case '+':
    case '-':
      return read_line(bytes);
    case ':':
      break;
    default:
      return fail("it begins with no type that is known");
  }
  const Header header = read_header(bytes);
  if (header.kind != Header::Kind::whole) {
    return header.kind == Header::Kind::incomplete ? Item::incomplete : fail("an integer is none");
  }
  begin_ += header.bytes;
  Reply* const reply = place(0);
  if (reply == nullptr) {
    return refuse(0, 0, too_large());
  }
  reply->set_integer(header.number);
  return Item::whole;
}

/// A status or an error.
ReplyReader::Item ReplyReader::read_line(std::string_view unread) {
  const std::size_t end = unread.find("\r\n", scanned_);
  if (end == std::string_view::npos) {
    if (unread.size() > budget_) {
      return refuse(1, 0, too_large());
    }
    scanned_ = unread.size() - 1;  // which may be a \r
    return Item::incomplete;
  }
  scanned_ = 0;
  begin_ += end + 2;
  Reply* const reply = place(end - 1);
  if (reply == nullptr) {
    return refuse(0, 0, too_large());
  }
  reply->set_text(unread.front() == '-' ? Reply::Type::error : Reply::Type::status,
                  unread.substr(1, end - 1));
  return Item::whole;
}

ReplyReader::Item ReplyReader::read_bulk(std::string_view unread) {
  const Header header = read_header(unread);
  if (header.kind != Header::Kind::whole) {
    return header.kind == Header::Kind::incomplete ? Item::incomplete
                                                   : fail("the length of a bulk string is none");
  }
  if (header.number < 0) {
    if (header.number != -1) {
      return fail("the length of a bulk string is negative");
    }
    begin_ += header.bytes;
    Reply* const nil = place(0);
    if (nil == nullptr) {
      return refuse(0, 0, too_large());
    }
    nil->set_nil();
    return Item::whole;
  }
  const auto length = static_cast<std::uint64_t>(header.number);
  const std::string_view there = unread.substr(header.bytes);
  const bool whole = there.size() >= 2 && there.size() - 2 >= length;
  // Refused before it arrives: waiting for what will be refused helps nobody.
  if (budget_ < sizeof(Reply) || length > budget_ - sizeof(Reply)) {
    begin_ += header.bytes;
    return refuse(0, length + 2, too_large());
  }
  if (!whole && length < large_bulk_bytes) {
    return Item::incomplete;
  }
  Reply* const reply = place(length);
  if (!whole) {
    std::string& text = reply->set_text();
    text.reserve(std::min<std::size_t>(length + 2, trusted_bytes));
    text.assign(there);
    large_text_ = &text;
    large_total_ = length + 2;
    large_received_ = there.size();
    begin_ = end_;
    return Item::incomplete;
  }
  if (there[length] != '\r' || there[length + 1] != '\n') {
    return fail("a bulk string does not end where it said");
  }
  begin_ += header.bytes + length + 2;
  reply->set_text(Reply::Type::text, there.substr(0, length));
  return Item::whole;
}

ReplyReader::Item ReplyReader::read_large_bulk() {
  if (large_received_ < large_total_) {
    return Item::incomplete;
  }
  std::string& text = *std::exchange(large_text_, nullptr);
  if (!text.ends_with("\r\n")) {
    return fail("a bulk string does not end where it said");
  }
  text.resize(large_total_ - 2);
  return Item::whole;
}

ReplyReader::Item ReplyReader::read_array(std::string_view unread) {
  const Header header = read_header(unread);
  if (header.kind != Header::Kind::whole) {
    return header.kind == Header::Kind::incomplete ? Item::incomplete
                                                   : fail("the length of an array is none");
  }
  if (header.number < -1) {
    return fail("the length of an array is negative");
  }
  begin_ += header.bytes;
  const auto elements = static_cast<std::uint64_t>(std::max<std::int64_t>(header.number, 0));
  if (elements > 0 && levels_.size() == deepest_array) {
    return refuse(elements, 0, "the reply nests arrays more than " + std::to_string(deepest_array) + " deep");
  }
  Reply* const reply = elements > budget_ / sizeof(Reply) ? nullptr : place(0);
  if (reply == nullptr) {
    return refuse(elements, 0, too_large());
  }
  if (header.number < 0) {
    reply->set_nil();
    return Item::whole;
  }
  std::vector<Reply>& into = reply->set_array();
  if (elements == 0) {
    return Item::whole;
  }
  into.reserve(std::min<std::uint64_t>(elements, trusted_elements));
  levels_.push_back({&into, elements});
  return Item::array;
}

/// Where the next item goes: the reply, or a new element of the innermost array. Null beyond the budget. An
/// element stays where it is until it is whole: only then is the next one added to its array.
Reply* ReplyReader::place(std::size_t bytes) {
  if (budget_ < sizeof(Reply) || budget_ - sizeof(Reply) < bytes) {
    return nullptr;
  }
  budget_ -= sizeof(Reply) + bytes;
  if (levels_.empty()) {
    return &current_;
  }
  Level& level = levels_.back();
  Reply& added = level.elements->emplace_back();
  --level.left;
  return &added;
}

std::string ReplyReader::too_large() const {
  return "the reply is larger than max_reply_bytes (" + std::to_string(max_reply_bytes_) + ")";
}

/// Gives the reply up at an item that has no place. `items` and `bytes` of that one are still to come, and
/// all that the arrays around it miss.
ReplyReader::Item ReplyReader::refuse(std::uint64_t items, std::uint64_t bytes, std::string why) {
  if (!levels_.empty()) {
    --levels_.back().left;
  }
  for (const Level& level : levels_) {
    items += level.left;
  }
  levels_.clear();
  current_ = {};
  scanned_ = 0;
  budget_ = max_reply_bytes_;
  skipper_.add(items);
  skipper_.add_bytes(bytes);
  error_ = std::move(why);
  return Item::refused;
}

ReplyReader::Item ReplyReader::fail(std::string why) {
  broken_ = true;
  levels_.clear();
  error_ = "not a reply of a Redis server: " + std::move(why);
  return Item::broken;
}

}  // namespace rediscache::resp
