// Replies that nobody wants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rediscache::resp {

/// Passes over replies by counting their elements: no memory, no recursion, however large and deep they are.
/// Not thread-safe.
class ReplySkipper {
 public:
  enum class Progress {
    done,        ///< all of them have passed
    incomplete,  ///< more bytes are needed
    broken,      ///< not a reply
  };

  /// So many more replies, or elements of one that was begun.
  void add(std::uint64_t items) noexcept { items_ += items; }
  /// So many bytes before them.
  void add_bytes(std::uint64_t bytes) noexcept { bytes_ += bytes; }
  [[nodiscard]] bool active() const noexcept { return items_ > 0 || bytes_ > 0 || in_line_; }

  /// `taken` becomes the number of bytes passed over; the others must be given again.
  [[nodiscard]] Progress pass(std::string_view bytes, std::size_t& taken) noexcept;

 private:
  [[nodiscard]] Progress pass_header(std::string_view bytes, std::size_t& taken) noexcept;
  [[nodiscard]] Progress pass_line(std::string_view bytes, std::size_t& taken) noexcept;

  std::uint64_t items_ = 0;
  std::uint64_t bytes_ = 0;
  bool in_line_ = false;
};

}  // namespace rediscache::resp
