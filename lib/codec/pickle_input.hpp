// The bytes of a pickle, one part after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <rediscache/error.hpp>

#include "base/text.hpp"

namespace rediscache::codec::pickle {

[[noreturn]] inline void fail(const std::string& why) {
  throw ValueError{why};
}

/// Refers to the bytes. Whatever is asked for and not there throws ValueError; nothing is allocated for it.
class Input {
 public:
  explicit Input(std::string_view bytes) noexcept : bytes_{bytes} {}

  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - at_; }

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - at_) {
      fail("it ends too early");
    }
    const std::string_view taken{bytes_.data() + at_, static_cast<std::size_t>(count)};
    at_ += taken.size();
    return taken;
  }
  /// Takes the next byte if it is that one.
  bool take_if(unsigned char byte) noexcept {
    const bool is_next = at_ < bytes_.size() && static_cast<unsigned char>(bytes_[at_]) == byte;
    at_ += is_next ? 1 : 0;
    return is_next;
  }
  /// A number of that many bytes, the lowest first.
  std::uint64_t take_number(std::size_t count) {
    const std::string_view taken = take(count);
    if (count == 1) {
      return static_cast<unsigned char>(taken[0]);
    }
    std::uint64_t number = 0;
    for (std::size_t i = count; i-- > 0;) {
      number = number << 8U | static_cast<unsigned char>(taken[i]);
    }
    return number;
  }
  /// Bytes behind their count, which takes `width` bytes.
  std::string_view take_counted(std::size_t width) { return take(take_number(width)); }
  /// Up to the end of the line, which is taken as well.
  std::string_view take_line() {
    const std::size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) {
      fail("it ends too early");
    }
    const std::string_view line = take(end - at_);
    ++at_;
    return line;
  }
  std::uint64_t take_index() {
    const auto index = base::parse_unsigned(take_line());
    if (!index) {
      fail("a place in the memo that is no number");
    }
    return *index;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace rediscache::codec::pickle
