// Replies as values.
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using Type = Reply::Type;

TEST(ReplyTest, IsNilUntilFilled) {
  const Reply reply;
  EXPECT_EQ(reply.type(), Type::nil);
  EXPECT_TRUE(reply.is_nil());
  EXPECT_FALSE(reply.is_error());
}

TEST(ReplyTest, HoldsWhatItWasMadeOf) {
  EXPECT_EQ(Reply::status("OK").as_text(), "OK");
  EXPECT_EQ(Reply::status("OK").type(), Type::status);
  EXPECT_EQ(Reply::error("ERR x").as_text(), "ERR x");
  EXPECT_TRUE(Reply::error("ERR x").is_error());
  EXPECT_EQ(Reply::text(std::string_view{"a\0b", 3}).as_text(), (std::string{"a\0b", 3}));
  EXPECT_EQ(Reply::integer(-5).as_integer(), -5);
  const Reply array = Reply::array({Reply::integer(1), Reply{}});
  ASSERT_EQ(array.as_array().size(), 2U);
  EXPECT_EQ(array.as_array()[0], Reply::integer(1));
  EXPECT_TRUE(array.as_array()[1].is_nil());
}

TEST(ReplyTest, ReadAsAnotherTypeNamesBoth) {
  const auto error = thrown_by<ValueError>([] { (void)Reply::text("7").as_integer(); });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "the server's reply is of type text, expected integer");
  EXPECT_THROW((void)Reply::integer(7).as_text(), ValueError);
  EXPECT_THROW((void)Reply::integer(7).as_array(), ValueError);
  EXPECT_THROW((void)Reply{}.as_text(), ValueError);
  EXPECT_THROW((void)Reply{}.as_integer(), ValueError);
  EXPECT_THROW((void)Reply{}.as_array(), ValueError);
  EXPECT_THROW((void)Reply::array({}).take_text(), ValueError);
}

TEST(ReplyTest, MovesItsTextOut) {
  Reply reply = Reply::text(std::string(1000, 'x'));
  EXPECT_EQ(reply.take_text(), std::string(1000, 'x'));
  EXPECT_EQ(reply, Reply::text(""));
}

TEST(ReplyTest, IsReplacedWhenFilledAgain) {
  Reply reply = Reply::array({Reply::integer(1)});
  reply.set_text() = "text";
  EXPECT_EQ(reply, Reply::text("text"));
  EXPECT_EQ(reply.set_text(Type::error), "") << "the storage comes emptied";
  EXPECT_TRUE(reply.is_error());
  EXPECT_TRUE(reply.set_array().empty());
  EXPECT_EQ(reply, Reply::array({}));
  reply.set_text(Type::status, "whole");
  EXPECT_EQ(reply, Reply::status("whole"));
  reply.set_text(Type::text, std::string_view{"\0 longer than what was there before", 35});
  EXPECT_EQ(reply, Reply::text(std::string_view{"\0 longer than what was there before", 35}));
  reply.set_integer(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(reply.as_integer(), std::numeric_limits<std::int64_t>::min());
  reply.set_nil();
  EXPECT_EQ(reply, Reply{});
}

const std::vector<Reply>& one_of_each() {
  static const std::vector<Reply> replies{
      Reply{},
      Reply::integer(7),
      Reply::text("short"),
      Reply::error(std::string(1000, 'e')),
      Reply::array({}),
      Reply::array({Reply::text(std::string(1000, 'x')), Reply::array({Reply::integer(1)}), Reply{}})};
  return replies;
}

TEST(ReplyTest, IsCopiedAndMovedOverEveryOther) {
  for (const Reply& before : one_of_each()) {
    for (const Reply& given : one_of_each()) {
      Reply copied = before;
      copied = given;
      EXPECT_EQ(copied, given);
      Reply moved = before;
      moved = Reply{given};
      EXPECT_EQ(moved, given);
      moved = std::move(copied);
      EXPECT_EQ(moved, given);
      copied = before;
      EXPECT_EQ(copied, before) << "one that was moved from takes another";
    }
  }
}

TEST(ReplyTest, BecomesAPartOfItselfOrStaysItself) {
  Reply reply = one_of_each().back();
  const Reply& same = reply;
  reply = same;
  EXPECT_EQ(reply, one_of_each().back());
  Reply copied = reply;
  copied = copied.as_array()[1];
  EXPECT_EQ(copied, Reply::array({Reply::integer(1)}));
  reply = std::move(reply.as_array()[0]);
  EXPECT_EQ(reply, Reply::text(std::string(1000, 'x')));
}

TEST(ReplyTest, EqualsOnlyTheSameTypeAndContents) {
  EXPECT_EQ(Reply::text("a"), Reply::text("a"));
  EXPECT_FALSE(Reply::text("a") == Reply::text("b"));
  EXPECT_FALSE(Reply::text("a") == Reply::status("a"));
  EXPECT_FALSE(Reply::integer(1) == Reply::integer(2));
  EXPECT_FALSE(Reply::array({Reply{}}) == Reply::array({}));
  EXPECT_FALSE(Reply::array({Reply::text("a")}) == Reply::array({Reply::error("a")}));
  Reply reused = Reply::text("left over");
  reused.set_nil();
  EXPECT_EQ(reused, Reply{}) << "what was there before plays no part";
}

TEST(ReplyTest, TypesHaveNames) {
  EXPECT_EQ(to_string(Type::nil), "nil");
  EXPECT_EQ(to_string(Type::status), "status");
  EXPECT_EQ(to_string(Type::error), "error");
  EXPECT_EQ(to_string(Type::integer), "integer");
  EXPECT_EQ(to_string(Type::text), "text");
  EXPECT_EQ(to_string(Type::array), "array");
}

}  // namespace
}  // namespace rediscache::test
