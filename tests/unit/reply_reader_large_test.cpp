// Large bulk strings, which are received in place, and the bound on memory.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "resp/reply_reader.hpp"
#include "unit/reply_feed.hpp"

namespace rediscache::test {
namespace {

using resp::ReplyReader;
using Progress = ReplyReader::Progress;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t large_bytes = 16 * 1024;

std::string payload(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(i * 31 + i / 251);
  }
  return bytes;
}

std::string bulk(const std::string& bytes) {
  return "$" + std::to_string(bytes.size()) + "\r\n" + bytes + "\r\n";
}

std::vector<std::string> pieces_of(const std::string& bytes, std::size_t step) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    pieces.push_back(bytes.substr(at, step));
  }
  return pieces;
}

TEST(LargeReplies, AreReadWhateverTheirSizeAroundTheLimit) {
  for (const std::size_t size : {large_bytes - 1, large_bytes, large_bytes + 1, 3 * large_bytes}) {
    const std::string bytes = payload(size);
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, size + 100}) {
      ReplyReader reader{1 << 26};
      EXPECT_EQ(replies_of(reader, pieces_of(bulk(bytes), step)), std::vector{Reply::text(bytes)})
          << size << " in pieces of " << step;
      EXPECT_TRUE(reader.idle()) << size << " in pieces of " << step;
    }
  }
}

TEST(LargeReplies, OfAMebibyteAreReadInPiecesOfAnySize) {
  const std::string bytes = payload(1 << 20);
  for (const std::size_t step : {7U, 4096U, 16384U, 65536U, 1U << 21U}) {
    ReplyReader reader{1 << 26};
    EXPECT_EQ(replies_of(reader, pieces_of(bulk(bytes) + "+OK\r\n", step)),
              (std::vector{Reply::text(bytes), Reply::status("OK")}))
        << "in pieces of " << step;
    EXPECT_TRUE(reader.idle());
  }
}

TEST(LargeReplies, WithALeadingZeroInTheirLengthAreRefusedHoweverTheyAreCut) {
  const std::string stream = "$016384\r\n" + payload(large_bytes) + "\r\n";
  for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, stream.size()}) {
    ReplyReader reader{1 << 26};
    EXPECT_THAT(replies_of(reader, pieces_of(stream, step)), IsEmpty());
    EXPECT_THAT(reader.error(), HasSubstr("not a reply of a Redis server")) << "in pieces of " << step;
  }
}

TEST(LargeReplies, MayBeCutAnywhereInHeaderAndEnd) {
  const std::string stream = bulk(payload(large_bytes + 5)) + ":7\r\n" + bulk(payload(large_bytes));
  const std::vector<Reply> expected{Reply::text(payload(large_bytes + 5)), Reply::integer(7),
                                    Reply::text(payload(large_bytes))};
  std::vector<std::size_t> cuts;
  for (std::size_t cut = 1; cut < 12; ++cut) {
    cuts.push_back(cut);  // inside the header and right behind it
  }
  for (std::size_t cut = large_bytes + 5; cut < large_bytes + 40; ++cut) {
    cuts.push_back(cut);  // the end, the reply that follows, and the next header
  }
  for (std::size_t back = 1; back < 5; ++back) {
    cuts.push_back(stream.size() - back);
  }
  for (const std::size_t cut : cuts) {
    ReplyReader reader{1 << 26};
    EXPECT_EQ(replies_of(reader, {stream.substr(0, cut), stream.substr(cut)}), expected) << "cut at " << cut;
    EXPECT_TRUE(reader.idle()) << "cut at " << cut;
  }
}

TEST(LargeReplies, ThatArriveInOnePieceWithTheNextAreToldApart) {
  const std::string bytes = payload(large_bytes * 2);
  ReplyReader reader{1 << 26};
  EXPECT_EQ(replies_of(reader, {"+A\r\n" + bulk(bytes) + "+B\r\n" + bulk(bytes) + "$1\r\nc\r\n"}),
            (std::vector{Reply::status("A"), Reply::text(bytes), Reply::status("B"), Reply::text(bytes),
                         Reply::text("c")}));
}

TEST(LargeReplies, AreNotIdleWhileTheyArrive) {
  ReplyReader reader{1 << 26};
  const std::string stream = bulk(payload(large_bytes));
  Reply reply;
  feed(reader, stream.substr(0, 100));
  EXPECT_EQ(reader.next(reply), Progress::incomplete);
  EXPECT_FALSE(reader.idle());
  feed(reader, stream.substr(100, stream.size() - 101));
  EXPECT_EQ(reader.next(reply), Progress::incomplete) << "one byte is missing";
  EXPECT_FALSE(reader.idle());
  feed(reader, stream.substr(stream.size() - 1));
  EXPECT_EQ(reader.next(reply), Progress::complete);
  EXPECT_TRUE(reader.idle());
}

TEST(LargeReplies, AskForNoMoreThanTheirOwnBytes) {
  ReplyReader reader{1 << 26};
  Reply reply;
  feed(reader, "$20000\r\n");
  EXPECT_EQ(reader.next(reply), Progress::incomplete);
  EXPECT_EQ(reader.space().size(), 20002U) << "what follows belongs to the next reply";
}

TEST(LargeReplies, InsideAnArrayAreReadToo) {
  const std::string bytes = payload(3 * large_bytes);
  const std::string stream = "*3\r\n" + bulk("a") + bulk(bytes) + bulk("b") + "+OK\r\n";
  for (const std::size_t step : {13U, 1000U, 16384U, 1U << 20U}) {
    ReplyReader reader{1 << 26};
    EXPECT_EQ(replies_of(reader, pieces_of(stream, step)),
              (std::vector{Reply::array({Reply::text("a"), Reply::text(bytes), Reply::text("b")}),
                           Reply::status("OK")}))
        << "in pieces of " << step;
    EXPECT_TRUE(reader.idle());
  }
}

TEST(LargeReplies, ThatDoNotEndWhereTheySaidAreBroken) {
  ReplyReader reader{1 << 26};
  Reply reply;
  feed(reader, "$20000\r\n");
  EXPECT_EQ(reader.next(reply), Progress::incomplete);
  feed(reader, std::string(20002, 'x'));
  EXPECT_EQ(reader.next(reply), Progress::broken);
  EXPECT_THAT(reader.error(), HasSubstr("does not end where it said"));
  EXPECT_EQ(reader.next(reply), Progress::broken);
  EXPECT_FALSE(reader.idle());
}

TEST(ReplyLimit, RefusesALargeBulkBeforeItArrives) {
  ReplyReader reader{100'000};
  Reply reply;
  feed(reader, "$100001\r\n");
  EXPECT_EQ(reader.next(reply), Progress::refused);
  EXPECT_THAT(reader.error(), HasSubstr("max_reply_bytes (100000)"));
}

TEST(ReplyLimit, RefusesLengthsThatNoMemoryHolds) {
  for (const std::string_view length :
       {"1048577", "9223372036854775807", "18446744073709551613", "18446744073709551615"}) {
    for (const std::string_view more : {"", "x", "xx"}) {
      ReplyReader reader{1 << 20};
      Reply reply;
      feed(reader, "$" + std::string{length} + "\r\n" + std::string{more});
      EXPECT_NE(reader.next(reply), Progress::incomplete) << length << " and " << more;
      EXPECT_NE(reader.error(), "");
    }
  }
}

TEST(ReplyLimit, TakesAReplyJustBelowIt) {
  ReplyReader reader{100'000};
  const std::string bytes = payload(99'000);
  EXPECT_EQ(replies_of(reader, pieces_of(bulk(bytes), 5000)), std::vector{Reply::text(bytes)});
}

TEST(ReplyLimit, DoesNotDependOnHowTheBytesWereCut) {
  // Right at the limit, where the place that holds the text may or may not be counted.
  const std::string bytes = payload(20'000);
  const auto taken = [&](std::size_t limit, std::size_t step) {
    ReplyReader reader{limit};
    return replies_of(reader, pieces_of(bulk(bytes), step)).size();
  };
  for (std::size_t limit = 19'990; limit < 20'200; limit += 10) {
    EXPECT_EQ(taken(limit, 30'000), taken(limit, 1000)) << "limit " << limit;
  }
}

TEST(ReplyLimit, CountsTheRepliesOneByOne) {
  ReplyReader reader{10'000};
  std::string stream;
  for (int i = 0; i < 100; ++i) {
    stream += bulk(payload(5000));
  }
  EXPECT_EQ(replies_of(reader, pieces_of(stream, 16384)).size(), 100U);
  EXPECT_EQ(reader.error(), "");
}

TEST(ReplyLimit, CountsAllElementsOfAnArrayTogether) {
  std::string stream = "*100\r\n";
  for (int i = 0; i < 100; ++i) {
    stream += bulk(payload(500));
  }
  ReplyReader roomy{100'000};
  EXPECT_EQ(replies_of(roomy, {stream}).size(), 1U);
  ReplyReader narrow{40'000};
  EXPECT_TRUE(replies_of(narrow, {stream}).empty());
  EXPECT_THAT(narrow.error(), HasSubstr("max_reply_bytes (40000)"));
}

TEST(ReplyLimit, CountsElementsThatAreTinyByWhatTheyTake) {
  std::string stream = "*10000\r\n";
  for (int i = 0; i < 10'000; ++i) {
    stream += ":1\r\n";
  }
  ReplyReader reader{100'000};
  EXPECT_TRUE(replies_of(reader, pieces_of(stream, 1000)).empty());
  EXPECT_THAT(reader.error(), HasSubstr("max_reply_bytes"));
}

TEST(ReplyLimit, RefusesABulkInsideAnArrayThatKeepsGrowing) {
  ReplyReader reader{100'000};
  std::vector<std::string> pieces{"*1\r\n$2000000000\r\n"};
  pieces.insert(pieces.end(), 100, std::string(5000, 'x'));
  EXPECT_TRUE(replies_of(reader, pieces).empty());
  EXPECT_THAT(reader.error(), HasSubstr("max_reply_bytes"));
}

TEST(ReplyLimit, RefusesALineThatNeverEnds) {
  ReplyReader reader{100'000};
  std::vector<std::string> pieces{"+"};
  pieces.insert(pieces.end(), 100, std::string(5000, 'x'));
  EXPECT_TRUE(replies_of(reader, pieces).empty());
  EXPECT_NE(reader.error(), "");
}

/// Bytes taken from the system's allocator and not given back; 0 under a sanitizer that has its own.
std::size_t allocated() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(ReplyLimit, TakesNoMemoryForElementsThatWereOnlyAnnounced) {
  ReplyReader reader{std::size_t{1} << 40U};
  Reply reply;
  (void)reader.space();
  const std::size_t before = allocated();
  for (const std::string_view claim : {"*1000000\r\n:1\r\n", "*1000000\r\n:1\r\n", "*1000000\r\n"}) {
    feed(reader, claim);
    EXPECT_EQ(reader.next(reply), Progress::incomplete);
  }
  EXPECT_LT(allocated(), before + (std::size_t{4} << 20U)) << "three million places would be far more";
}

}  // namespace
}  // namespace rediscache::test
