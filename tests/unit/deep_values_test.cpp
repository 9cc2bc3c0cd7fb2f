// Values that are nested deep, on threads with little stack.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/convert.hpp>
#include <rediscache/error.hpp>
#include <rediscache/locmem_cache.hpp>
#include <rediscache/serializer.hpp>
#include <rediscache/value.hpp>

#include "codec/value_codec.hpp"
#include "support/small_stack.hpp"
#include "support/thrown.hpp"

namespace rediscache::deep {

/// A type that holds itself.
struct Tree {
  int number = 0;
  std::vector<Tree> branches{};
};
REDISCACHE_FIELDS(Tree, number, branches)

}  // namespace rediscache::deep

namespace rediscache::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::size_t as_deep_as_may_be = 1000;
constexpr std::size_t far_deeper = 50'000;

/// So many containers inside one another, of every kind by turns. Sets are last in a key.
Value deep_value(std::size_t levels, std::size_t kinds) {
  Value value = 1;
  for (std::size_t i = 0; i < levels; ++i) {
    Value::List list;
    switch (i % kinds) {
      case 0:
        list.push_back(std::move(value));
        value = std::move(list);
        break;
      case 1: {
        Value::Dict dict;
        dict.emplace_back("k", std::move(value));
        dict.emplace_back("other", Value::List(2));
        value = std::move(dict);
        break;
      }
      case 2:
        list.push_back(std::move(value));
        list.emplace_back("more");
        value = Value::tuple(std::move(list));
        break;
      case 3:
        list.push_back(std::move(value));
        value = Value::set(std::move(list));
        break;
      default: {
        Value::Dict dict;
        dict.emplace_back(std::move(value), Value::List(3));
        value = std::move(dict);
        break;
      }
    }
  }
  return value;
}

TEST(DeepValues, AreDestroyedCopiedAndComparedOnASmallStack) {
  run_on_small_stack([] {
    const Value value = deep_value(far_deeper, 5);
    Value copy = value;
    EXPECT_TRUE(copy == value);
    copy = value;
    EXPECT_TRUE(copy == value);
    EXPECT_FALSE(copy == deep_value(far_deeper - 5, 5));
    Value moved = std::move(copy);
    moved = 7;
    const std::vector<Value> many(2, value);
    EXPECT_TRUE(many[0] == many[1]);
  });
}

TEST(DeepValues, MayBeReplacedByWhatIsInsideThem) {
  Value value = deep_value(10, 1);
  value = std::move(value.as_list().front());
  EXPECT_TRUE(value == deep_value(9, 1));
  value = Value{value.as_list().front()};
  value = value.as_list().front();
  EXPECT_TRUE(value == deep_value(7, 1));
  Value text = Value::List{"some text that is too long to stand in the value itself"};
  text = std::move(text.as_list().front());
  EXPECT_EQ(text, Value{"some text that is too long to stand in the value itself"});
}

/// A tree of chance, with at most `left` values.
Value random_tree(std::mt19937& random, std::size_t& left, int depth) {
  const auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  left -= left > 0 ? 1 : 0;
  const unsigned kind = depth > 12 || left == 0 ? pick(3) : pick(8);
  if (kind == 0) {
    return {};
  }
  if (kind == 1) {
    return std::string(pick(40), 'x');
  }
  if (kind == 2) {
    return Bytes(pick(40));
  }
  Value::List list;
  Value::Dict dict;
  for (unsigned i = pick(5); i > 0; --i) {
    if (kind < 6) {
      list.push_back(random_tree(random, left, depth + 1));
    } else {
      Value key = random_tree(random, left, depth + 1);
      dict.emplace_back(std::move(key), random_tree(random, left, depth + 1));
    }
  }
  return kind >= 6   ? Value{std::move(dict)}
         : kind == 3 ? Value{std::move(list)}
         : kind == 4 ? Value::tuple(std::move(list))
                     : Value::set(std::move(list));
}

TEST(DeepValues, AreAsTheyWereWhateverTheirShape) {
  std::mt19937 random{7};  // NOLINT(cert-msc51-cpp): the same trees each time
  for (int round = 0; round < 500; ++round) {
    std::size_t left = 200;
    const Value tree = random_tree(random, left, 0);
    Value copy = tree;
    EXPECT_TRUE(copy == tree && tree == copy);
    left = 200;
    const Value other = random_tree(random, left, 0);
    copy = other;
    EXPECT_TRUE(copy == other);
    EXPECT_EQ(other == tree, tree == other);
  }
}

class DeepSerializerTest : public ::testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] codec::ValueCodec codec() const { return codec::ValueCodec{make_serializer(GetParam())}; }
  [[nodiscard]] bool is(std::string_view name) const { return GetParam() == name; }
  /// Of kinds that this serializer has.
  [[nodiscard]] std::size_t kinds() const { return is("pickle") ? 4 : 2; }
  [[nodiscard]] std::string stored(const Value& value) const {
    std::string scratch;
    return std::string{codec().encode("the key", ValueView{value}, scratch)};
  }
  [[nodiscard]] Value read(std::string bytes) const {
    Value value;
    codec().decode("the key", std::move(bytes), ValueTarget{value});
    return value;
  }
  /// Bytes that claim so many levels.
  [[nodiscard]] std::string nested_bytes(std::size_t levels) const {
    if (is("msgpack")) {
      return std::string(levels, '\x91') + '\xc0';
    }
    if (is("pickle")) {
      return std::string(levels, ']') + std::string(levels - 1, 'a') + '.';
    }
    return std::string(levels, '[') + std::string(levels, ']');
  }
  /// Bytes of a list of so many numbers.
  [[nodiscard]] std::string bytes_of_numbers(std::size_t count) const {
    if (is("msgpack")) {
      std::string bytes = "\xdd";
      for (unsigned shift = 32; shift > 0;) {
        shift -= 8;
        bytes += static_cast<char>(count >> shift & 0xffU);
      }
      return bytes + std::string(count, '\x01');
    }
    if (is("pickle")) {
      return "](" + std::string(count, 'N') + "e.";
    }
    std::string bytes = "[0";
    for (std::size_t i = 1; i < count; ++i) {
      bytes += ",0";
    }
    return bytes + "]";
  }
};

TEST_P(DeepSerializerTest, WritesAndReadsOnASmallStack) {
  run_on_small_stack([&] {
    const Value value = deep_value(as_deep_as_may_be, kinds());
    EXPECT_TRUE(read(stored(value)) == value);
  });
}

TEST_P(DeepSerializerTest, RefusesToWriteWhatItWouldNotRead) {
  run_on_small_stack([&] {
    for (const std::size_t levels : {as_deep_as_may_be + 1, std::size_t{20'000}}) {
      const auto error = thrown_by<EncodeError>([&] { (void)stored(deep_value(levels, kinds())); });
      ASSERT_TRUE(error);
      EXPECT_THAT(error->what(), HasSubstr("deeper than 1000 levels"));
      EXPECT_EQ(error->key(), "the key");
    }
  });
}

TEST_P(DeepSerializerTest, RefusesToReadWhatIsNestedDeeper) {
  if (is("plain")) {
    return;  // then it is text
  }
  run_on_small_stack([&] {
    EXPECT_NO_THROW((void)read(nested_bytes(as_deep_as_may_be)));
    for (const std::size_t levels : {as_deep_as_may_be + 1, std::size_t{1'000'000}}) {
      const auto error = thrown_by<DecodeError>([&] { (void)read(nested_bytes(levels)); });
      ASSERT_TRUE(error);
      EXPECT_THAT(error->what(), HasSubstr("deeper than 1000 levels")) << levels;
      EXPECT_EQ(error->key(), "the key");
    }
  });
}

TEST_P(DeepSerializerTest, RefusesToReadMoreValuesThanItMay) {
  if (is("plain")) {
    return;
  }
  const auto error = thrown_by<DecodeError>([&] { (void)read(bytes_of_numbers(4'000'001)); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("more than 4000000 values"));
  EXPECT_EQ(error->key(), "the key");
  EXPECT_EQ(read(bytes_of_numbers(100'000)).as_list().size(), 100'000U);
}

/// That a type which holds itself is read, or refused with the key named, but ends no thread.
TEST_P(DeepSerializerTest, ReadsOwnTypesAsFarAsTheStackReaches) {
  LocMemCache cache{{.serializer = GetParam()}};
  Value value = Value::Dict{{"number", 1}, {"branches", Value::List{}}};
  for (int i = 0; i < 450; ++i) {
    Value::List branches;
    branches.push_back(std::move(value));
    Value::Dict dict{{"number", 1}, {"branches", {}}};
    dict[1].second = std::move(branches);
    value = std::move(dict);
  }
  cache.set("k", value);
  EXPECT_EQ(cache.get<deep::Tree>("k").value_or(deep::Tree{}).number, 1);
  run_on_small_stack([&] {
    const auto error = thrown_by<DecodeError>([&] { (void)cache.get<deep::Tree>("k"); });
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what(), StartsWith("key \"k\": field \"branches\": element 0: "));
    EXPECT_THAT(error->what(), HasSubstr("deeper than the stack of this thread"));
  });
}

INSTANTIATE_TEST_SUITE_P(Formats, DeepSerializerTest,
                         ::testing::Values("plain", "json", "msgpack", "pickle"));

TEST(DeepPickles, ShareNoMoreThanTheyMay) {
  Value value;
  const codec::ValueCodec codec{make_serializer("pickle")};
  const auto reason = [&](std::string bytes) -> std::string {
    const auto error =
        thrown_by<DecodeError>([&] { codec.decode("the key", std::move(bytes), ValueTarget{value}); });
    return error ? error->what() : "";
  };
  // A list of a million, a hundred times.
  std::string repeated = "](](" + std::string(1'000'000, 'N') + "e\x94";
  for (int i = 0; i < 100; ++i) {
    repeated += "h";
    repeated += '\0';
  }
  EXPECT_THAT(reason(repeated + "e."), HasSubstr("repeats its parts too often"));
  EXPECT_THAT(reason(std::string(5'000'000, '(')), HasSubstr("deeper than 1000 levels"));
  EXPECT_THAT(reason("N" + std::string(5'000'000, '2')), HasSubstr("more than 4000000 values"));
}

}  // namespace
}  // namespace rediscache::test
