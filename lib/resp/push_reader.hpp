// What a server sends to who has subscribed.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace rediscache::resp {

/// One thing that was sent: a status, an error, or an array of texts and numbers.
struct Push {
  enum class Kind { status, error, array };
  static constexpr std::size_t most_elements = 4;

  Kind kind = Kind::status;
  std::string_view text{};                               ///< of a status or an error
  std::array<std::string_view, most_elements> elements;  ///< a number as its digits, nil without data()
  std::size_t count = 0;
};

/// Reads pushes out of a stream that comes in pieces of any size, as ReplyReader reads replies, which costs
/// several allocations for each of them: a push refers to the bytes where they were received.
///
///   reader.received(recv(fd, reader.space()));
///   while ((progress = reader.next(push)) == PushReader::Progress::complete) ...
///
/// Not thread-safe.
class PushReader {
 public:
  enum class Progress { complete, incomplete, broken };

  /// One push may have so many bytes; more, and it is broken.
  explicit PushReader(std::size_t max_bytes) noexcept : max_bytes_{max_bytes} {}

  /// Room for at least one byte. What next() has given is not valid any more. Throws std::bad_alloc.
  [[nodiscard]] std::span<char> space();
  /// The first `count` bytes of space() have been filled.
  void received(std::size_t count) noexcept { end_ += count; }
  /// Reads the next push into `push`, which is valid until space(). Once broken it stays so until reset().
  [[nodiscard]] Progress next(Push& push) noexcept;
  /// Why it is broken.
  [[nodiscard]] std::string_view error() const noexcept { return error_; }
  /// For a new connection.
  void reset() noexcept;

 private:
  class Cursor;

  [[nodiscard]] Progress read(Cursor& cursor, Push& push) noexcept;
  Progress fail(std::string_view why) noexcept;

  const std::size_t max_bytes_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;   // of what was not read yet
  std::size_t end_ = 0;     // of what was received
  std::size_t needed_ = 0;  // bytes from begin_ on, before it makes sense to look again
  std::string_view error_;  // a literal
};

}  // namespace rediscache::resp
