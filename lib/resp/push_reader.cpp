#include "resp/push_reader.hpp"

#include <algorithm>
#include <cstring>

namespace rediscache::resp {
namespace {

constexpr std::size_t push_receive_bytes = 64 * 1024;
/// A buffer beyond this is given back once it is empty.
constexpr std::size_t kept_push_bytes = 1024 * 1024;
/// The header of an array, a text or a number.
constexpr std::size_t longest_push_header = 24;
/// An error of a server is a line of its own making.
constexpr std::size_t longest_line = 64 * 1024;

}  // namespace

/// Where in the bytes received reading is.
class PushReader::Cursor {
 public:
  explicit Cursor(std::string_view bytes) noexcept : bytes_{bytes} {}

  enum class Line { whole, incomplete, too_long };

  /// A line without its end.
  [[nodiscard]] Line line(std::string_view& text, std::size_t longest) noexcept {
    const std::string_view rest = bytes_.substr(at_, longest + 2);
    const auto* const end =
        rest.empty() ? nullptr : static_cast<const char*>(std::memchr(rest.data(), '\r', rest.size()));
    if (end == nullptr || end + 1 == rest.data() + rest.size()) {
      return rest.size() >= longest + 2 ? Line::too_long : Line::incomplete;
    }
    if (end[1] != '\n') {
      return Line::too_long;
    }
    text = {rest.data(), static_cast<std::size_t>(end - rest.data())};
    at_ += text.size() + 2;
    return Line::whole;
  }
  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - at_; }
  [[nodiscard]] std::string_view take(std::size_t count) noexcept {
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

namespace {

/// Digits only; beyond what fits it is as large as can be.
bool parse_size(std::string_view digits, std::size_t& value) noexcept {
  if (digits.empty() || digits.size() > 18) {
    return false;
  }
  value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') {
      return false;
    }
    value = value * 10 + static_cast<std::size_t>(digit - '0');
  }
  return true;
}

bool is_number(std::string_view text) noexcept {
  if (!text.empty() && text.front() == '-') {
    text.remove_prefix(1);
  }
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::span<char> PushReader::space() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (capacity_ > kept_push_bytes) {
      buffer_.reset();
      capacity_ = 0;
    }
  }
  const std::size_t unread = end_ - begin_;
  // While much is waiting for its end, twice as much may come before the next look.
  const std::size_t wanted = std::clamp(unread, push_receive_bytes, kept_push_bytes);
  if (capacity_ - end_ < push_receive_bytes / 2) {
    if (capacity_ - unread < wanted) {
      // Of a large message whose size is known half may be here already: doubling copies it a few times, not
      // once for each mebibyte.
      const std::size_t bigger =
          std::max(unread + 2 * wanted, std::min(needed_ + push_receive_bytes, 2 * unread));
      std::unique_ptr<char[]> moved{new char[bigger]};
      if (unread > 0) {
        std::memcpy(moved.get(), buffer_.get() + begin_, unread);
      }
      buffer_ = std::move(moved);
      capacity_ = bigger;
    } else if (unread > 0) {
      std::memmove(buffer_.get(), buffer_.get() + begin_, unread);
    }
    begin_ = 0;
    end_ = unread;
  }
  return {buffer_.get() + end_, std::min(capacity_ - end_, 2 * kept_push_bytes)};
}

PushReader::Progress PushReader::next(Push& push) noexcept {
  if (!error_.empty()) {
    return Progress::broken;
  }
  const std::size_t unread = end_ - begin_;
  if (unread == 0 || unread < needed_) {
    return Progress::incomplete;
  }
  needed_ = 0;
  Cursor cursor{{buffer_.get() + begin_, unread}};
  const Progress progress = read(cursor, push);
  if (progress == Progress::complete) {
    begin_ += cursor.at();
  }
  return progress;
}

PushReader::Progress PushReader::read(Cursor& cursor, Push& push) noexcept {
  using Line = Cursor::Line;
  constexpr std::string_view nonsense = "not what a Redis server sends to a subscriber";
  const char type = cursor.take(1).front();
  std::string_view line;
  if (type == '+' || type == '-') {
    const Line found = cursor.line(push.text, longest_line);
    push.kind = type == '+' ? Push::Kind::status : Push::Kind::error;
    return found == Line::whole ? Progress::complete
                                : (found == Line::incomplete ? Progress::incomplete : fail(nonsense));
  }
  if (type != '*') {
    return fail(nonsense);
  }
  if (const Line found = cursor.line(line, longest_push_header); found != Line::whole) {
    return found == Line::incomplete ? Progress::incomplete : fail(nonsense);
  }
  push.kind = Push::Kind::array;
  if (!parse_size(line, push.count) || push.count == 0 || push.count > Push::most_elements) {
    return fail(nonsense);
  }
  for (std::size_t i = 0; i < push.count; ++i) {
    if (cursor.left() == 0) {
      return Progress::incomplete;
    }
    const char kind = cursor.take(1).front();
    if (kind != '$' && kind != ':') {
      return fail(nonsense);
    }
    if (const Line found = cursor.line(line, longest_push_header); found != Line::whole) {
      return found == Line::incomplete ? Progress::incomplete : fail(nonsense);
    }
    if (kind == ':') {
      if (!is_number(line)) {
        return fail(nonsense);
      }
      push.elements[i] = line;
      continue;
    }
    if (line == "-1") {
      push.elements[i] = {};
      continue;
    }
    std::size_t length = 0;
    if (!parse_size(line, length)) {
      return fail(nonsense);
    }
    if (cursor.at() + length > max_bytes_) {
      return fail("a message is larger than max_reply_bytes");
    }
    if (cursor.left() < length + 2) {
      needed_ = cursor.at() + length + 2;
      return Progress::incomplete;
    }
    push.elements[i] = cursor.take(length);
    if (cursor.take(2) != "\r\n") {
      return fail(nonsense);
    }
  }
  return Progress::complete;
}

PushReader::Progress PushReader::fail(std::string_view why) noexcept {
  error_ = why;
  return Progress::broken;
}

void PushReader::reset() noexcept {
  begin_ = end_ = needed_ = 0;
  error_ = {};
}

}  // namespace rediscache::resp
