// A stream of replies, fed whole and fed in pieces, reads the same, in bounded memory.
//
// Input: a line with the sizes of the pieces, used in turn (a digit is that many bytes, anything else a power
// of two), then the stream. In the stream "~c" stands for 512 times as many x as the code of c says: large
// bulk strings are out of reach for a fuzzer otherwise.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/reply.hpp>

#include "fuzz/fuzz_target.hpp"
#include "resp/reply_reader.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define REDISCACHE_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REDISCACHE_ASAN
#endif
#endif
#ifdef REDISCACHE_ASAN
#include <sanitizer/allocator_interface.h>
#endif

namespace rediscache::fuzz {
namespace {

using resp::ReplyReader;
using Progress = ReplyReader::Progress;

/// Beyond what is received in place and what is trusted, and not far: filling memory takes time.
constexpr std::size_t max_reply_bytes = 48 * 1024;
constexpr std::size_t longest_stream = max_reply_bytes + 8 * 1024;
/// What a reader may hold: room to receive into, and a reply that has grown to twice its size, once more
/// while it is moved.
constexpr std::size_t most_memory = 512 * 1024;

std::size_t allocated_bytes() {
#ifdef REDISCACHE_ASAN
  return __sanitizer_get_current_allocated_bytes();
#else
  return 0;
#endif
}

std::size_t memory_of(const Reply& reply) {
  std::size_t bytes = sizeof(Reply);
  if (reply.type() == Reply::Type::array) {
    const std::vector<Reply>& elements = reply.as_array();
    bytes += (elements.capacity() - elements.size()) * sizeof(Reply);
    for (const Reply& element : elements) {
      bytes += memory_of(element);
    }
  } else if (reply.type() != Reply::Type::nil && reply.type() != Reply::Type::integer &&
             !reply.is_unanswered()) {
    bytes += reply.as_text().capacity();
  }
  return bytes;
}

std::string_view expanded(std::string_view text) {
  constexpr std::size_t unit = 512;
  static std::string out;  // taking that much memory for each input would be half of the work
  out.clear();
  for (std::size_t i = 0; i < text.size() && out.size() < longest_stream; ++i) {
    if (text[i] == '~' && i + 1 < text.size()) {
      const std::size_t wanted = unit * static_cast<unsigned char>(text[++i]);
      out.append(std::min(wanted, longest_stream - out.size()), 'x');
    } else {
      out += text[i];
    }
  }
  return out;
}

std::size_t piece_size(char c) {
  constexpr unsigned largest_power = 16;
  return c >= '0' && c <= '9' ? std::max<std::size_t>(static_cast<std::size_t>(c - '0'), 1)
                              : std::size_t{1} << static_cast<unsigned char>(c) % largest_power;
}

/// A reader and what came out of it.
class Reading {
 public:
  void receive(std::string_view bytes) {
    while (!bytes.empty() && !broken_) {
      bytes.remove_prefix(receive_some(bytes));
      take_replies();
    }
  }
  /// Takes no reply before all is there.
  void receive_whole(std::string_view bytes) {
    while (!bytes.empty()) {
      bytes.remove_prefix(receive_some(bytes));
    }
    take_replies();
  }

  void expect_same_as(const Reading& whole) const {
    promise(replies_ == whole.replies_, "the replies are the same however the stream is cut");
    promise(broken_ == whole.broken_, "a stream is as broken however it is cut");
    if (!broken_) {
      promise(reader_.idle() == whole.reader_.idle(), "what is left is the same however the stream is cut");
    }
  }

 private:
  std::size_t receive_some(std::string_view bytes) {
    const auto space = reader_.space();
    promise(!space.empty(), "there is room for at least one byte");
    const std::size_t count = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), count);
    reader_.received(count);
    return count;
  }

  /// False when there was none.
  bool take_reply() {
    Reply reply;
    const Progress progress = reader_.next(reply);
    if (progress == Progress::incomplete) {
      return false;
    }
    if (progress == Progress::broken) {
      broken_ = true;
      promise(!reader_.error().empty(), "what is broken says why");
      promise(reader_.next(reply) == Progress::broken, "what is broken stays broken");
      return false;
    }
    if (progress == Progress::refused) {
      promise(!reader_.error().empty(), "what is refused says why");
      reply.set_unanswered();
    }
    const std::size_t bytes = memory_of(reply);
    promise(bytes <= 3 * max_reply_bytes, "a reply keeps to its bound");
    taken_bytes_ += bytes + 2 * sizeof(Reply);  // the vector that it goes to doubles
    replies_.push_back(std::move(reply));
    return true;
  }

  void take_replies() {
    while (!broken_ && take_reply()) {
    }
    // Asked seldom, for the answer takes longer than a reply.
    promise(allocated_bytes() < before_ + most_memory + taken_bytes_, "reading takes bounded memory");
  }

  const std::size_t before_ = allocated_bytes();
  ReplyReader reader_{max_reply_bytes};
  std::vector<Reply> replies_;
  std::size_t taken_bytes_ = 0;
  bool broken_ = false;
};

void check(std::string_view input) {
  const auto [sizes, text] = first_line(input);
  const std::string_view stream = expanded(text);

  Reading whole;
  whole.receive_whole(stream);

  const std::size_t before = allocated_bytes();
  Reading cut;
  std::string_view rest = stream;
  for (std::size_t i = 0; !rest.empty(); ++i) {
    const std::size_t wanted = sizes.empty() ? 1 : piece_size(sizes[i % sizes.size()]);
    const std::size_t size = std::min(wanted, rest.size());
    cut.receive(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  // All replies are kept here: each byte of the stream makes a Reply at most, in a vector that doubled.
  promise(allocated_bytes() < before + most_memory + 2 * sizeof(Reply) * stream.size(),
          "a stream leaves bounded memory behind");
  cut.expect_same_as(whole);
}

}  // namespace
}  // namespace rediscache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rediscache::fuzz::check(rediscache::fuzz::text_of(data, size));
  return 0;
}
