// Room for what is being inflated, whose size nobody knows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <string>
#include <string_view>

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

/// What one call of a library for frames has done.
struct FrameStep {
  std::size_t read;
  std::size_t written;
  bool failed;
  bool at_end;  ///< of a frame
};

/// Calls `step(bytes left, room)` until the last of the frames is at its end. False when the bytes are not
/// whole and valid frames.
template <class Step>
[[nodiscard]] bool inflate_frames(std::string_view bytes, std::string& out, std::size_t max_bytes,
                                  Step&& step) {
  GrowingOutput output{out, max_bytes};
  bool at_end = false;
  while (!bytes.empty() || !at_end) {
    const FrameStep done = step(bytes, output.room());
    if (done.failed || (done.read == 0 && done.written == 0)) {
      return false;
    }
    at_end = done.at_end;
    bytes.remove_prefix(done.read);
    output.use(done.written);
  }
  output.finish();
  return true;
}

/// Has `compress(room)` fill `out`; it returns how many bytes it used, or what `is_error` knows as an error.
template <class Compress, class IsError>
void compress_into(std::string& out, std::size_t bound, Compress&& compress, IsError&& is_error) {
  out.resize(bound);
  const std::size_t used = compress(std::span<char>{out});
  if (is_error(used) != 0) {
    throw std::bad_alloc{};  // nothing else can be wrong
  }
  out.resize(used);
}

}  // namespace rediscache::codec
