// Room for what is being inflated, whose size nobody knows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include <rediscache/error.hpp>

namespace rediscache::codec {

/// Makes room as it is needed, never because a header claims a size, and throws ValueError past the limit.
class GrowingOutput {
 public:
  GrowingOutput(std::string& out, std::size_t max_bytes) : out_{out}, max_bytes_{max_bytes} { out_.clear(); }

  /// Where the next bytes go; never empty.
  [[nodiscard]] std::span<char> room() {
    if (used_ > max_bytes_) {
      throw ValueError{"the value inflates to more than " + std::to_string(max_bytes_) +
                       " bytes; Options::max_decompressed_bytes allows more"};
    }
    if (used_ == out_.size()) {
      // A byte more than is allowed, to see whether there is one.
      out_.resize(std::min(max_bytes_ + 1, std::max<std::size_t>(used_ * 2, 4096)));
    }
    return {out_.data() + used_, out_.size() - used_};
  }
  void use(std::size_t bytes) noexcept { used_ += bytes; }
  void finish() {
    static_cast<void>(room());
    out_.resize(used_);
  }

 private:
  std::string& out_;
  std::size_t max_bytes_;
  std::size_t used_ = 0;
};

[[noreturn]] inline void throw_damaged(const char* format) {
  throw ValueError{std::string{"the value begins as "} + format + " and is damaged, or cut off"};
}

}  // namespace rediscache::codec
