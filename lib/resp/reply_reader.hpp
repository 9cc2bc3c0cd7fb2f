// Bytes from the server become replies.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <rediscache/reply.hpp>

namespace rediscache::resp {

/// Reads replies out of a stream that comes in pieces of any size. Who owns the socket receives straight into
/// space(), says how much came, and takes replies until there are no more:
///
///   reader.received(recv(fd, reader.space()));
///   while ((progress = reader.next(reply)) == ReplyReader::Progress::complete) ...
///
/// hiredis parses; its object functions fill our own Reply, and a large bulk string at the top level is
/// received directly where it will stay. Not thread-safe.
class ReplyReader {
 public:
  enum class Progress {
    complete,    ///< the reply was read
    incomplete,  ///< more bytes are needed
    broken,      ///< not a reply, or beyond a limit: error() says which; nothing can be read any more
  };

  /// `max_reply_bytes` bounds the memory of one reply. Arrays nest 7 deep at least and 8 at most.
  explicit ReplyReader(std::size_t max_reply_bytes);
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  /// Room for at least one byte. Valid until the next call of any function here. Throws std::bad_alloc.
  [[nodiscard]] std::span<char> space();
  /// The first `count` bytes of space() have been filled.
  void received(std::size_t count);

  /// Reads the next reply into `reply`, which is untouched unless complete.
  [[nodiscard]] Progress next(Reply& reply);

  [[nodiscard]] const std::string& error() const noexcept { return error_; }
  /// In the middle of a large bulk string.
  [[nodiscard]] bool receiving_much() const noexcept { return large_text_ != nullptr; }
  /// True when every byte received belonged to a reply that was read.
  [[nodiscard]] bool idle() const noexcept;

 private:
  struct Hiredis;

  enum class Start { nothing_yet, large_bulk, for_hiredis };

  [[nodiscard]] Start look_at_start();
  [[nodiscard]] std::string too_large() const;
  [[nodiscard]] Progress next_large_bulk(Reply& reply);
  Progress fail(std::string why);

  std::unique_ptr<Hiredis> hiredis_;
  Reply current_;  // being read; complete replies are moved out, so a caller may leave at any time
  std::size_t max_reply_bytes_;
  // A large bulk string being received: bytes of it that are there, and all it has, with the final \r\n.
  std::string* large_text_ = nullptr;
  std::size_t large_received_ = 0;
  std::size_t large_total_ = 0;
  std::string error_;
  std::array<char, 64> ignored_{};  // what comes after an error ends here
};

}  // namespace rediscache::resp
