// Operations on many entries.
#include "cache/operations/many.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/fake_link.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

struct NoSink final : ElementSink {
  bool get_ready() override { return false; }
  void take(std::span<Reply> /*elements*/, std::span<const std::uint32_t> /*positions*/) override {}
};

class ManyOperations : public ::testing::Test {
 protected:
  [[nodiscard]] cache::KeyList list(std::optional<int> version = {}) const {
    return {maker_, keys_, version};
  }
  [[nodiscard]] cache::SetMany set_many(Timeout timeout) const { return {list(), values_, *form_, timeout}; }

  cache::KeyMaker maker_{"p", 1, {}, {}};
  std::optional<cache::StoredForm> form_{codec::ValueCodec{make_serializer("json")}};
  std::vector<std::string_view> keys_{"a", "b", "c"};
  std::vector<ValueView> values_{ValueView{std::string_view{"x"}}, ValueView{7}, ValueView{true}};
  FakeLink link_;
  NoSink sink_;
};

TEST_F(ManyOperations, GetManyAsksForAllKeysAtOnce) {
  link_.answer({Reply::array({Reply::text("1"), Reply{}, Reply::text("3")})});
  cache::GetMany get{list(9), sink_};
  const auto found = cache::drive(link_, get);
  ASSERT_TRUE(found);
  EXPECT_THAT(found.value(), Optional(ElementsAre(Reply::text("1"), Reply{}, Reply::text("3"))));
  EXPECT_THAT(link_.sent, ElementsAre(wire({"MGET", "p:9:a", "p:9:b", "p:9:c"})));
  EXPECT_THAT(link_.kinds, ElementsAre(CommandKind::read));
  EXPECT_EQ(cache::GetMany::omitted(), std::nullopt);
}

TEST_F(ManyOperations, GetManyHasNoMoreToReadWhenItsSinkHasTakenAll) {
  Reply taken;
  taken.set_unanswered();
  link_.answer({taken});
  cache::GetMany get{list(), sink_};
  EXPECT_THAT(cache::drive(link_, get).value(), Optional(IsEmpty()));
}

TEST_F(ManyOperations, GetManyFailsOnAnotherNumberOfValues) {
  link_.answer({Reply::array({Reply{}, Reply{}})});
  cache::GetMany get{list(), sink_};
  const auto found = cache::drive(link_, get);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.failure().code, ErrorCode::response);
  EXPECT_EQ(found.failure().command, "MGET");
  EXPECT_THAT(found.failure().message, HasSubstr("3 keys"));
}

TEST_F(ManyOperations, GetManyFailsOnAReplyThatIsNoArray) {
  link_.answer({Reply::text("x")});
  cache::GetMany get{list(), sink_};
  EXPECT_EQ(cache::drive(link_, get).failure().command, "MGET");
}

TEST_F(ManyOperations, DeleteManyCountsWhatWasThere) {
  link_.answer({Reply::integer(2)});
  cache::DeleteMany remove{list()};
  EXPECT_EQ(cache::drive(link_, remove).value(), 2);
  EXPECT_THAT(link_.sent, ElementsAre(wire({"UNLINK", "p:1:a", "p:1:b", "p:1:c"})));
  EXPECT_THAT(link_.kinds, ElementsAre(CommandKind::idempotent_write));
}

TEST_F(ManyOperations, SetManySendsEveryEntryInOneGo) {
  const Reply ok = Reply::status("OK");
  link_.answer({ok, ok, ok});
  auto set = set_many(Timeout{5s});
  EXPECT_THAT(cache::drive(link_, set).value(), IsEmpty());
  EXPECT_THAT(link_.sent, ElementsAre(wire({"SET", "p:1:a", "\"x\"", "PX", "5000"}) +
                                      wire({"SET", "p:1:b", "7", "PX", "5000"}) +
                                      wire({"SET", "p:1:c", "true", "PX", "5000"})));
  EXPECT_THAT(link_.kinds, ElementsAre(CommandKind::idempotent_write));
}

TEST_F(ManyOperations, SetManyWithoutExpirySaysNone) {
  const Reply ok = Reply::status("OK");
  link_.answer({ok, ok, ok});
  auto set = set_many(Timeout{never});
  EXPECT_THAT(cache::drive(link_, set).value(), IsEmpty());
  EXPECT_THAT(link_.sent[0], HasSubstr(wire({"SET", "p:1:b", "7"})));
}

TEST_F(ManyOperations, SetManyTellsWhichKeysFailed) {
  link_.answer({Reply::error("OOM x"), Reply::status("OK"), Reply::error("OOM x")});
  auto set = set_many(Timeout{5s});
  EXPECT_THAT(cache::drive(link_, set).value(), ElementsAre("a", "c")) << "as the caller gave them";
}

TEST_F(ManyOperations, SetManyFailsWhenEveryKeyDid) {
  link_.answer({Reply::error("OOM x"), Reply::error("OOM x"), Reply::error("OOM x")});
  auto set = set_many(Timeout{5s});
  const auto result = cache::drive(link_, set);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.failure().prefix(), "OOM");
  EXPECT_EQ(result.failure().command, "SET");
  EXPECT_THAT(set.omitted(), ElementsAre("a", "b", "c"));
}

TEST_F(ManyOperations, SetManyRefusesATransactionThatAnswersForOtherCommands) {
  const Reply queued = Reply::status("QUEUED");
  link_.answer({Reply::status("OK"), queued, queued, queued,
                Reply::array({Reply::status("OK"), Reply::status("OK")})});
  auto set = set_many(Timeout{5s});
  set.atomic = true;
  const auto result = cache::drive(link_, set);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.failure().code, ErrorCode::response);
  EXPECT_THAT(result.failure().message, HasSubstr("another number of results than it has commands"));
}

TEST_F(ManyOperations, SetManyWithATimeoutThatIsOverDeletes) {
  link_.answer({Reply::integer(1), Reply::integer(0), Reply::integer(1)});
  auto set = set_many(Timeout{0s});
  EXPECT_THAT(cache::drive(link_, set).value(), IsEmpty());
  EXPECT_THAT(link_.sent,
              ElementsAre(wire({"DEL", "p:1:a"}) + wire({"DEL", "p:1:b"}) + wire({"DEL", "p:1:c"})));
}

TEST_F(ManyOperations, SetManySendsNothingWhenAValueDoesNotEncode) {
  const Bytes bytes{std::byte{1}};
  values_[1] = ValueView{std::span<const std::byte>{bytes}};
  auto set = set_many(Timeout{5s});
  EXPECT_THROW((void)cache::drive(link_, set), EncodeError);
  EXPECT_THAT(link_.sent, IsEmpty());
}

TEST_F(ManyOperations, SetManySendsTheCallersLargeBytesFromWhereTheyAre) {
  form_.emplace(codec::ValueCodec{make_serializer("plain")});
  const std::string large(Commands::in_place_bytes, 'v');
  values_[1] = ValueView{std::string_view{large}};
  Commands commands;
  set_many(Timeout{never}).build(commands);
  std::vector<std::string_view> pieces(8);
  pieces.resize(commands.segments(0, pieces));
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[1].data(), large.data());
}

TEST_F(ManyOperations, SetManyKeepsEveryLargeValueThatWasBuilt) {
  const std::string first(20'000, 'a');
  const std::string second(20'000, 'b');
  values_ = {ValueView{std::string_view{first}}, ValueView{std::string_view{second}}, ValueView{7}};
  Commands commands;
  set_many(Timeout{never}).build(commands);
  EXPECT_EQ(bytes_of(commands), wire({"SET", "p:1:a", '"' + first + '"'}) +
                                    wire({"SET", "p:1:b", '"' + second + '"'}) + wire({"SET", "p:1:c", "7"}));
}

/// Builds in the scratch, as a serializer may, and gives a part of it that does not begin where that does.
class Framing final : public Serializer {
 public:
  std::string_view encode(const ValueView& value, std::string& scratch) const override {
    scratch += "header";
    scratch += value.text();
    return std::string_view{scratch}.substr(6);
  }
  void decode(std::string&&, const ValueTarget&) const override {}
};

TEST_F(ManyOperations, SetManyKeepsEveryLargeValueThatIsAPartOfTheScratch) {
  form_.emplace(codec::ValueCodec{std::make_shared<Framing>()});
  const std::string first(20'000, 'a');
  const std::string second(20'000, 'b');
  keys_ = {"a", "b"};
  values_ = {ValueView{std::string_view{first}}, ValueView{std::string_view{second}}};
  Commands commands;
  set_many(Timeout{never}).build(commands);
  const bool kept = bytes_of(commands) == wire({"SET", "p:1:a", first}) + wire({"SET", "p:1:b", second});
  EXPECT_TRUE(kept) << "a value refers to the scratch of the one after it";
}

Reply page(std::string_view cursor, std::initializer_list<std::string_view> keys) {
  std::vector<Reply> found;
  for (const auto key : keys) {
    found.push_back(Reply::text(key));
  }
  return Reply::array({Reply::text(cursor), Reply::array(std::move(found))});
}

std::string scan(std::string_view cursor) {
  return wire({"SCAN", std::string{cursor}, "MATCH", "p:*", "COUNT", "100"});
}

TEST(DeletePatternTest, UnlinksEachPageWhileItAsksForTheNext) {
  FakeLink link;
  link.answer({page("17", {"a", "b"})});
  link.answer({Reply::integer(2), page("99", {"c"})});
  link.answer({Reply::integer(1), page("0", {"d", "e"})});
  link.answer({Reply::integer(1)});
  cache::DeletePattern operation{"p:*", 100};
  EXPECT_EQ(cache::drive(link, operation).value(), 4) << "one was gone already";
  EXPECT_THAT(link.sent, ElementsAre(scan("0"), wire({"UNLINK", "a", "b"}) + scan("17"),
                                     wire({"UNLINK", "c"}) + scan("99"), wire({"UNLINK", "d", "e"})));
}

TEST(DeletePatternTest, GoesOnAfterEmptyPages) {
  FakeLink link;
  link.answer({page("5", {})});
  link.answer({page("6", {})});
  link.answer({page("7", {"a"})});
  link.answer({Reply::integer(1), page("0", {})});
  cache::DeletePattern operation{"p:*", 100};
  EXPECT_EQ(cache::drive(link, operation).value(), 1);
  EXPECT_THAT(link.sent, ElementsAre(scan("0"), scan("5"), scan("6"), wire({"UNLINK", "a"}) + scan("7")));
}

TEST(DeletePatternTest, EndsAtOnceWhenNothingMatches) {
  FakeLink link;
  link.answer({page("0", {})});
  cache::DeletePattern operation{"p:*", 100};
  EXPECT_EQ(cache::drive(link, operation).value(), 0);
  EXPECT_TRUE(link.all_answered());
}

TEST(DeletePatternTest, HasADeadlineForEachPage) {
  FakeLink link;
  link.answer({page("5", {})});
  link.answer({page("0", {})});
  cache::DeletePattern operation{"p:*", 100};
  (void)cache::drive(link, operation).value();
  ASSERT_EQ(link.deadlines.size(), 2U);
  EXPECT_LT(link.deadlines[0], link.deadlines[1]);
}

TEST(DeletePatternTest, KeepsCountWhenALaterPageFails) {
  FakeLink link;
  link.answer({page("17", {"a", "b"})});
  link.answer({Reply::integer(2), page("99", {"c"})});
  link.fail({.code = ErrorCode::timeout, .message = "late", .server = {}, .command = "UNLINK"});
  cache::DeletePattern operation{"p:*", 100};
  const auto result = cache::drive(link, operation);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.failure().code, ErrorCode::timeout);
  EXPECT_EQ(operation.omitted(), 2);
}

TEST(DeletePatternTest, CountsWhatWasRemovedTogetherWithAScanThatWasRefused) {
  FakeLink link;
  link.answer({page("17", {"a", "b"})});
  link.answer({Reply::integer(2), Reply::error("LOADING x")});
  cache::DeletePattern operation{"p:*", 100};
  const auto result = cache::drive(link, operation);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.failure().command, "SCAN");
  EXPECT_EQ(operation.omitted(), 2) << "these were really removed";
}

TEST(DeletePatternTest, FailsWhenTheServerRefuses) {
  FakeLink link;
  link.answer({page("17", {"a"})});
  link.answer({Reply::error("NOPERM no"), page("0", {})});
  cache::DeletePattern operation{"p:*", 100};
  const auto result = cache::drive(link, operation);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.failure().code, ErrorCode::authentication);
  EXPECT_EQ(result.failure().command, "UNLINK");
}

TEST(DeletePatternTest, FailsOnPagesThatAreNone) {
  for (const Reply& answer : {Reply{}, Reply::text("0"), Reply::array({}), Reply::array({Reply::text("0")}),
                              Reply::array({Reply::text("0"), Reply::text("k")}),
                              Reply::array({Reply::integer(0), Reply::array({})}),
                              Reply::array({Reply::text("0"), Reply::array({Reply::integer(1)})})}) {
    FakeLink link;
    link.answer({answer});
    cache::DeletePattern operation{"p:*", 100};
    const auto result = cache::drive(link, operation);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.failure().code, ErrorCode::response);
    EXPECT_EQ(result.failure().command, "SCAN");
  }
}

TEST(DeletePatternTest, TakesNoIntegerForAPage) {
  FakeLink link;
  link.answer({Reply::integer(5)});
  cache::DeletePattern operation{"p:*", 100};
  EXPECT_FALSE(cache::drive(link, operation)) << "nothing was unlinked yet, so nothing was removed";
  EXPECT_EQ(operation.omitted(), 0);
}

}  // namespace
}  // namespace rediscache::test
