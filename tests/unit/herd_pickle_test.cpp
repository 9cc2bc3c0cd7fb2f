// What django-redis's HerdClient pickles: how it is told, read, written and given another time.
#include "codec/herd_pickle.hpp"

#include <chrono>
#include <limits>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/serializer.hpp>

#include "cache/stored_form.hpp"
#include "codec/pickle_reader.hpp"
#include "codec/pickle_writer.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using codec::herd_expiry;
using codec::is_herd_pickle;
using codec::read_herd_pickle;
using codec::set_herd_expiry;
using ::testing::HasSubstr;

constexpr double never_over = std::numeric_limits<double>::infinity();
const std::string marker =
    "\x8c\x18"
    "django_redis.client.herd\x94\x8c\x06Marker\x94\x93\x94)\x81\x94";
// CPython 3.11's, of ("x", 1764000000) and of ("x", 1764000000.25).
const std::string of_int =
    "\x80\x04\x95\x35\0\0\0\0\0\0\0"s + marker + "\x8c\x01x\x94J\x00\x81\x24i\x87\x94."s;
const std::string of_float =
    "\x80\x04\x95\x39\0\0\0\0\0\0\0"s + marker + "\x8c\x01x\x94GA\xdaI @\x10\x00\x00\x87\x94."s;
const std::string of_protocol_2 =
    "\x80\x02"s + "cdjango_redis.client.herd\nMarker\nq\0)\x81q\x01X\x01\0\0\0xq\x02J\0\x81\x24i\x87q\x03."s;

/// A pickle without frames of the marker, a value and a time, as their instructions.
std::string pickle_of(const std::string& value, const std::string& over) {
  return "\x80\x04" + marker + value + over + "\x87\x94.";
}
std::string herd_pickle_error(std::string_view pickle) {
  const auto error = thrown_by<ValueError>([&] { (void)read_herd_pickle(pickle); });
  return error ? error->what() : "(nothing)";
}
std::string moved(std::string pickle, double over) {
  set_herd_expiry(pickle, over);
  return pickle;
}

TEST(HerdPickle, IsWrittenAsPythonDoes) {
  std::string written;
  codec::PickleWriter{written, 4}.write_herd(ValueView{std::string_view{"x"}}, 1764000000.25);
  EXPECT_EQ(written, of_float);
}

TEST(HerdPickle, IsReadWithItsTime) {
  for (const std::string& pickle : {of_int, of_float, of_protocol_2}) {
    const codec::HerdPickle read = read_herd_pickle(pickle);
    EXPECT_EQ(read.value, Value{"x"});
    EXPECT_NEAR(read.over.value(), 1764000000, 0.5);
    EXPECT_THAT("JG", HasSubstr(std::string(1, pickle[read.over_at])));
    EXPECT_TRUE(is_herd_pickle(pickle));
    EXPECT_TRUE(is_herd_pickle(pickle.substr(0, codec::herd_pickle_beginning)));
    EXPECT_NEAR(herd_expiry(pickle), 1764000000, 0.5);
  }
}

TEST(HerdPickle, OtherPicklesAreReadAsTheyAre) {
  const codec::HerdPickle read = read_herd_pickle("\x80\x04K\x01K\x02K\x03\x87.");
  EXPECT_EQ(read.value, Value::tuple({1, 2, 3}));
  EXPECT_FALSE(read.over);
  for (const std::string& other : {""s, "\x80"s, "\x80\x04"s, "\x80\x04N."s, "12"s, of_int.substr(0, 47)}) {
    EXPECT_FALSE(is_herd_pickle(other)) << other;
  }
}

TEST(HerdPickle, ItsMarkerIsTakenNowhereElse) {
  const auto plain = thrown_by<ValueError>([] { (void)codec::read_pickle(of_int); });
  ASSERT_TRUE(plain);
  EXPECT_THAT(plain->what(), HasSubstr("it needs django_redis.client.herd.Marker"));
  EXPECT_THAT(herd_pickle_error("\x80\x04" + marker + "."),
              HasSubstr("holds django_redis.client.herd.Marker"));
  EXPECT_THAT(herd_pickle_error("\x80\x04" + marker + "N\x86."),
              HasSubstr("holds django_redis.client.herd.Marker"));
  EXPECT_THAT(herd_pickle_error(pickle_of("h\x03", "K\x01")),
              HasSubstr("holds django_redis.client.herd.Marker"))
      << "inside the value";
  EXPECT_THAT(herd_pickle_error("\x80\x04"
                                "cdjango_redis.client.herd\nMarker\nNN\x87."),
              HasSubstr("Marker"))
      << "the class, and no object of it";
  EXPECT_THAT(herd_pickle_error("\x80\x04"
                                "cdjango_redis.client.herd\nMarker\nN\x85\x81NN\x87."),
              HasSubstr("builds an object"));
  EXPECT_THAT(herd_pickle_error("\x80\x04"
                                "cdjango_redis.client.herd\nMarker\n)R."),
              HasSubstr("calls"));
  EXPECT_THAT(herd_pickle_error("\x80\x04N)\x81."), HasSubstr("builds an object"));
  EXPECT_THAT(herd_pickle_error("\x80\x04"
                                "cshop.models\nMarker\n)\x81."),
              HasSubstr("shop.models.Marker"));
  EXPECT_THAT(herd_pickle_error("\x80\x04)\x81."), HasSubstr("empty stack"));
}

TEST(HerdPickle, ItsTimeMustBeANumber) {
  EXPECT_THAT(herd_pickle_error(pickle_of("N", "\x8c\x01x")), HasSubstr("floating"));
  EXPECT_EQ(read_herd_pickle(pickle_of("N", "K\x01")).over, 1);
  EXPECT_THROW((void)herd_expiry(pickle_of("N", "K\x01")), ValueError) << "that is no time of today";
  EXPECT_THROW((void)herd_expiry("\x80\x04" + marker + "."), ValueError);
  EXPECT_THROW((void)herd_expiry("."), ValueError);
}

TEST(HerdPickle, GetsAnotherTimeInAsManyBytes) {
  for (const std::string& pickle : {of_int, of_float, of_protocol_2}) {
    const std::string later = moved(pickle, 1800000000.25);
    EXPECT_EQ(later.size(), pickle.size());
    EXPECT_EQ(read_herd_pickle(later).value, Value{"x"});
    const double expected = pickle == of_float ? 1800000000.25 : 1800000001;
    EXPECT_EQ(read_herd_pickle(later).over, expected);
    EXPECT_EQ(herd_expiry(later), expected);
    const std::string no_end = moved(later, never_over);
    EXPECT_EQ(no_end.size(), pickle.size());
    EXPECT_EQ(read_herd_pickle(no_end).over, never_over);
    EXPECT_EQ(herd_expiry(no_end), never_over);
    EXPECT_EQ(moved(no_end, 1800000000.25), later);
  }
  EXPECT_EQ(herd_expiry(moved(of_int, 0x1p31)), never_over) << "there is no room for it";
}

TEST(HerdPickle, WorksBeyond2038) {
  const std::string late = pickle_of("N", "\x8a\x05\x00\x00\x00\x80\x00"s);
  EXPECT_EQ(herd_expiry(late), 0x1p31);
  EXPECT_EQ(read_herd_pickle(moved(late, 3e9)).over, 3e9);
  EXPECT_EQ(herd_expiry(moved(late, never_over)), never_over);
  EXPECT_GT(read_herd_pickle(moved(late, never_over)).over, 1e11);
}

TEST(HerdPickle, TellsAValueThatEndsLikeATimeFromOne) {
  // A number whose bytes and what follows read as a float that is a time.
  const std::string pickle = pickle_of("JGA\xd9\x30", "J\x00\x81\x24i"s);
  EXPECT_EQ(herd_expiry(pickle), 1764000000);
  EXPECT_EQ(read_herd_pickle(moved(pickle, 1800000000)).value, read_herd_pickle(pickle).value);
  const std::string foreign = pickle_of("cshop\nOrder\nJGA\xd9\x30", "J\x00\x81\x24i"s);
  EXPECT_THROW((void)herd_expiry(foreign), ValueError) << "rather than a guess";
  EXPECT_EQ(herd_expiry(pickle_of("cshop\nOrder\n", "J\x00\x81\x24i"s)), 1764000000);
}

/// A form with the herd policy and that serializer.
cache::StoredForm form_of(const char* serializer, const char* compressor = nullptr) {
  return cache::StoredForm{codec::ValueCodec{make_serializer(serializer),
                                             compressor ? make_compressor(compressor) : nullptr, 1U << 20U},
                           cache::Herd{60s}};
}
std::string encoded_entry(const cache::StoredForm& form, const ValueView& value, Timeout timeout) {
  std::string scratch;
  return std::string{form.encode("k", value, timeout, scratch)};
}
Value decoded(const cache::StoredForm& form, std::string stored) {
  std::optional<Value> value;
  if (!form.open(stored, value)) {
    return Value{"(missing)"};
  }
  Value found;
  form.decode("k", std::move(stored), std::move(value), ValueTarget{found});
  return found;
}

TEST(HerdStoredForm, IsPythonsWithPicklesAndOursWithOthers) {
  const ValueView text{std::string_view{"text"}};
  EXPECT_TRUE(is_herd_pickle(encoded_entry(form_of("pickle"), text, 10s)));
  EXPECT_TRUE(encoded_entry(form_of("pickle5"), text, 10s).starts_with("\x80\x05"));
  EXPECT_TRUE(encoded_entry(form_of("json"), text, 10s).starts_with("\x01herd1:"));
  EXPECT_EQ(encoded_entry(form_of("pickle"), ValueView{5}, 10s), "5");
  EXPECT_FALSE(is_herd_pickle(encoded_entry(form_of("pickle"), text, rediscache::never)));
}

TEST(HerdStoredForm, PickledGoesThereAndBack) {
  for (const char* const compressor : {static_cast<const char*>(nullptr), "zlib"}) {
    const cache::StoredForm form = form_of("pickle", compressor);
    for (const Value& value : {Value{"text"}, Value{}, Value{Value::List{1, "two"}}, Value{7}}) {
      EXPECT_EQ(decoded(form, encoded_entry(form, ValueView{value}, 10s)), value);
      EXPECT_EQ(decoded(form, encoded_entry(form, ValueView{value}, rediscache::never)), value);
    }
    const std::string stored = encoded_entry(form, ValueView{std::string_view{"text"}}, 10s);
    EXPECT_TRUE(form.has_end(stored));
    EXPECT_FALSE(form.is_over(stored));
    const auto over = form.with_end("k", stored, cache::Herd::now() - 61s);
    ASSERT_TRUE(over);
    EXPECT_TRUE(form.is_over(*over));
    EXPECT_EQ(decoded(form, *over), Value{"(missing)"});
    const auto no_end = form.with_end("k", *over, cache::Herd::Time{});
    ASSERT_TRUE(no_end);
    EXPECT_FALSE(form.is_over(*no_end));
    EXPECT_EQ(decoded(form, *no_end), Value{"text"});
    EXPECT_FALSE(form.with_end("k", "5", cache::Herd::now()));
    EXPECT_FALSE(form.has_end("5"));
  }
}

TEST(HerdStoredForm, TellsWhatIsWrongWithAPickle) {
  const cache::StoredForm form = form_of("pickle");
  const std::string broken = pickle_of("\x8c\x02\xff\xff", "J\x00\x81\x24i"s);
  const auto error = thrown_by<DecodeError>([&] { (void)decoded(form, broken); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("text that is not UTF-8"));
  EXPECT_EQ(error->key(), "k");
  const auto ending =
      thrown_by<DecodeError>([&] { (void)form.with_end("k", pickle_of("N", "K\x01"), cache::Herd::now()); });
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->key(), "k");
  EXPECT_FALSE(form.is_over(pickle_of("N", "K\x01")));
}

}  // namespace
}  // namespace rediscache::test
