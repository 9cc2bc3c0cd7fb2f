// Bytes, read one part after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <rediscache/error.hpp>

namespace rediscache::codec {

[[noreturn]] inline void fail(const std::string& why) {
  throw ValueError{why};
}

/// Refers to the bytes. Whatever is asked for and not there throws ValueError; nothing is allocated for it.
class ByteCursor {
 public:
  explicit ByteCursor(std::string_view bytes) noexcept : bytes_{bytes} {}

  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - at_; }
  /// What was taken since it was at `begin`.
  [[nodiscard]] std::string_view since(std::size_t begin) const noexcept {
    return {bytes_.data() + begin, at_ - begin};
  }

  std::string_view take(std::uint64_t count) {
    if (count > left()) {
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
  unsigned take_byte() { return static_cast<unsigned char>(take(1)[0]); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace rediscache::codec
