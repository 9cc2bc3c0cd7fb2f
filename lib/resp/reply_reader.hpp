// Bytes from the server become replies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/reply.hpp>

#include "resp/reply_skipper.hpp"

namespace rediscache::resp {

/// Reads replies of RESP2 out of a stream that comes in pieces of any size. The owner of the socket receives
/// straight into space(), says how much came, and takes replies until there are no more:
///
///   reader.received(recv(fd, reader.space()));
///   while ((progress = reader.next(reply)) == ReplyReader::Progress::complete) ...
///
/// A large bulk string is received directly where it will stay. Nothing here recurses: the depth and the size
/// of a reply are bounded, and a reply beyond the bounds is skipped by counting, so the replies behind it
/// reach their callers. Not thread-safe.
class ReplyReader {
 public:
  enum class Progress {
    complete,    ///< the reply was read
    incomplete,  ///< more bytes are needed
    refused,     ///< the reply is beyond a limit, error() says which; its bytes are skipped as they come
    broken,      ///< not a reply: error() says why; nothing can be read any more
  };

  /// Arrays within arrays.
  static constexpr std::size_t deepest_array = 128;

  /// `max_reply_bytes` bounds the memory of one reply.
  explicit ReplyReader(std::size_t max_reply_bytes)
      : max_reply_bytes_{max_reply_bytes}, budget_{max_reply_bytes} {}
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;
  ~ReplyReader() = default;

  /// Room for at least one byte. Valid until the next call of any function here. Throws std::bad_alloc.
  [[nodiscard]] std::span<char> space();
  /// The first `count` bytes of space() have been filled.
  void received(std::size_t count) noexcept;

  /// Reads the next reply into `reply`, which is untouched unless complete.
  [[nodiscard]] Progress next(Reply& reply);
  /// The next `count` replies are for nobody: next() passes over them.
  void skip(std::size_t count) noexcept { skipper_.add(count); }

  /// Why the last reply was refused, or the stream is broken.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }
  /// In the middle of something large.
  [[nodiscard]] bool receiving_much() const noexcept { return large_text_ != nullptr || skipper_.active(); }
  /// True when every byte received belonged to a reply that was read.
  [[nodiscard]] bool idle() const noexcept;

 private:
  /// An array that is being read: its elements lie in `elements`, `left` of them are still to come.
  struct Level {
    std::vector<Reply>* elements;
    std::uint64_t left;
  };
  /// What became of one item: a reply, or an element of one.
  enum class Item { whole, array, incomplete, refused, broken };

  [[nodiscard]] Progress read(Reply& reply);
  [[nodiscard]] Item read_item();
  [[nodiscard]] Item read_line(std::string_view unread);
  [[nodiscard]] Item read_bulk(std::string_view unread);
  [[nodiscard]] Item read_array(std::string_view unread);
  [[nodiscard]] Item read_large_bulk();
  [[nodiscard]] Reply* place(std::size_t bytes);
  [[nodiscard]] Item refuse(std::uint64_t items, std::uint64_t bytes, std::string why);
  [[nodiscard]] Item fail(std::string why);
  [[nodiscard]] std::string too_large() const;
  [[nodiscard]] std::string_view unread() const noexcept { return {buffer_.get() + begin_, end_ - begin_}; }

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;    // of what was received and not read
  std::size_t end_ = 0;      // of it
  std::size_t scanned_ = 0;  // so much of it holds no end of a line
  Reply current_;            // being read; complete replies are moved out, so a caller may leave at any time
  std::vector<Level> levels_;
  ReplySkipper skipper_;
  std::size_t max_reply_bytes_;
  std::size_t budget_;  // what is left of it for the reply that is being read
  // A large bulk string being received: bytes of it that are there, and all it has, with the final \r\n.
  std::string* large_text_ = nullptr;
  std::size_t large_received_ = 0;
  std::size_t large_total_ = 0;
  bool broken_ = false;
  std::string error_;
};

}  // namespace rediscache::resp
