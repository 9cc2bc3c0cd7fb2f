// Bytes into a ReplyReader, replies out of it.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/reply.hpp>

#include "resp/reply_reader.hpp"

namespace rediscache::test {

/// Receives `bytes`, in as many parts as the reader has room for; takes no reply.
inline void feed(resp::ReplyReader& reader, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto space = reader.space();
    ASSERT_FALSE(space.empty());
    const std::size_t count = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), count);
    reader.received(count);
    bytes.remove_prefix(count);
  }
}

/// All replies after these pieces were received one by one, as whoever owns the socket would: with every
/// receive, until the reader wants more. Stops at the first that is refused or broken.
[[nodiscard]] inline std::vector<Reply> replies_of(resp::ReplyReader& reader,
                                                   const std::vector<std::string>& pieces) {
  std::vector<Reply> replies;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const auto space = reader.space();
      const std::size_t count = std::min(space.size(), piece.size());
      EXPECT_GT(count, 0U);
      std::memcpy(space.data(), piece.data(), count);
      reader.received(count);
      piece.remove_prefix(count);
      Reply reply;
      auto progress = reader.next(reply);
      while (progress == resp::ReplyReader::Progress::complete) {
        replies.push_back(std::move(reply));
        progress = reader.next(reply);
      }
      if (progress != resp::ReplyReader::Progress::incomplete) {
        return replies;
      }
    }
  }
  return replies;
}

}  // namespace rediscache::test
