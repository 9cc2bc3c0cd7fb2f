// What get_many gives back.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/detail/stored.hpp>
#include <rediscache/keyed_values.hpp>

namespace rediscache::test {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::string name(int i) {
  return "key:" + std::to_string(i);
}

KeyedValues<int> numbers(int count) {
  KeyedValues<int> values;
  values.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    *values.add(name(i)) = i;
  }
  return values;
}

TEST(KeyedValuesTest, AreEmptyAtFirst) {
  const KeyedValues<int> values;
  EXPECT_TRUE(values.empty());
  EXPECT_EQ(values.size(), 0U);
  EXPECT_EQ(values.begin(), values.end());
  EXPECT_EQ(values.find("x"), values.end());
  EXPECT_FALSE(values.contains(""));
  EXPECT_THROW((void)values.at("x"), std::out_of_range);
}

TEST(KeyedValuesTest, AreFoundByKeyBeTheyFewOrMany) {
  for (const int count : {1, 7, 8, 9, 10, 16, 17, 100, 5000}) {
    const KeyedValues<int> values = numbers(count);
    EXPECT_EQ(values.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      const auto found = values.find(name(i));
      ASSERT_NE(found, values.end()) << i << " of " << count;
      EXPECT_EQ(found->first, name(i));
      EXPECT_EQ(found->second, i);
      EXPECT_EQ(values.at(name(i)), i);
      EXPECT_TRUE(values.contains(name(i)));
    }
    for (int i = count; i < count + 100; ++i) {
      EXPECT_EQ(values.find(name(i)), values.end()) << i << " of " << count;
    }
    EXPECT_THROW((void)values.at(""), std::out_of_range);
  }
}

TEST(KeyedValuesTest, KeepTheOrderTheyWereAddedIn) {
  for (const int count : {3, 50}) {
    int expected = 0;
    for (const auto& [key, value] : numbers(count)) {
      EXPECT_EQ(key, name(expected));
      EXPECT_EQ(value, expected++);
    }
    EXPECT_EQ(expected, count);
  }
}

TEST(KeyedValuesTest, HoldAKeyThatIsAddedTwiceOnce) {
  for (const std::size_t room : {2U, 100U}) {
    KeyedValues<int> values;
    values.reserve(room);
    *values.add("a") = 1;
    *values.add("b") = 2;
    EXPECT_EQ(values.add("a"), nullptr);
    EXPECT_THAT(values, ElementsAre(Pair("a", 1), Pair("b", 2))) << room;
  }
}

TEST(KeyedValuesTest, HoldAnyBytesAsKeys) {
  for (const std::size_t room : {3U, 100U}) {
    KeyedValues<int> values;
    values.reserve(room);
    *values.add("") = 1;
    *values.add(std::string_view{"\0", 1}) = 2;
    EXPECT_EQ(values.at(""), 1);
    EXPECT_EQ(values.at((std::string_view{"\0", 1})), 2);
  }
}

TEST(KeyedValuesTest, TakeBackTheLastAndKeepItsError) {
  for (const int count : {4, 40}) {
    KeyedValues<int> values;
    values.reserve(static_cast<std::size_t>(count) + 1);
    for (int i = 0; i < count; ++i) {
      *values.add(name(i)) = i;
      if (i % 2 == 1) {
        values.drop_last(DecodeError{name(i), "broken"});
      }
    }
    EXPECT_EQ(values.size(), static_cast<std::size_t>(count / 2));
    ASSERT_EQ(values.errors().size(), static_cast<std::size_t>(count / 2));
    EXPECT_EQ(values.errors()[0].key(), name(1));
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(values.contains(name(i)), i % 2 == 0) << i << " of " << count;
    }
    EXPECT_EQ(values.add(name(1)), nullptr) << "what did not read would not read again";
    EXPECT_EQ(values.add(name(2)), nullptr);
    *values.add("another") = 111;
    EXPECT_EQ(values.at("another"), 111);
  }
}

TEST(KeyedValuesTest, MayBeChangedAndCopied) {
  KeyedValues<int> values = numbers(20);
  for (auto& [key, value] : values) {
    value *= 2;
  }
  const KeyedValues<int> copy = values;
  values = {};
  EXPECT_TRUE(values.empty());
  EXPECT_EQ(copy.at(name(7)), 14);
}

/// Puts the stored integer, or throws what decoding throws.
void read_number(const ValueTarget& target, void* context) {
  const int number = *static_cast<int*>(context);
  if (number < 0) {
    throw DecodeError{"broken", "no number"};
  }
  target.put_integer(number);
}

TEST(KeyedTargetsTest, LeaveOutWhatDoesNotDecodeAndKeepTheRest) {
  KeyedValues<std::int64_t> found;
  detail::KeyedTargets<std::int64_t> targets{found};
  targets.expect(3);
  int first = 1;
  int broken = -1;
  int last = 3;
  targets.add(0, "a", &read_number, &first);
  targets.add(1, "broken", &read_number, &broken);
  targets.add(2, "c", &read_number, &last);
  EXPECT_THAT(found, ElementsAre(Pair("a", 1), Pair("c", 3)));
  ASSERT_EQ(found.errors().size(), 1U);
  EXPECT_EQ(found.errors()[0].key(), "broken");
}

TEST(KeyedTargetsTest, TellOnceOfAKeyAskedForTwice) {
  for (const std::size_t room : {4U, 100U}) {
    KeyedValues<std::int64_t> found;
    detail::KeyedTargets<std::int64_t> targets{found};
    targets.expect(room);
    int number = 1;
    int broken = -1;
    std::size_t position = 0;
    for (const char* const key : {"a", "b", "a", "c", "b"}) {
      targets.add(position++, key, &read_number, *key == 'c' ? &number : &broken);
    }
    EXPECT_THAT(found, ElementsAre(Pair("c", 1))) << room;
    EXPECT_EQ(found.errors().size(), 2U) << room;
    EXPECT_FALSE(found.contains("a"));
    EXPECT_EQ(found.find("b"), found.end());
  }
}

class Foreseen {
 public:
  Foreseen() {
    for (int i = 0; i < 12; ++i) {
      names_.push_back(name(i));
    }
    keys_.assign(names_.begin(), names_.end());
    EXPECT_TRUE(targets_.foresee(keys_));
  }
  /// The values whose numbers these are; negative ones do not read.
  Foreseen& add(std::vector<int> numbers) {
    for (int& number : numbers) {
      const auto position = static_cast<std::size_t>(std::abs(number));
      targets_.add(position, keys_[position], &read_number, &number);
    }
    return *this;
  }
  KeyedValues<std::int64_t> end() {
    targets_.end();
    return std::move(found_);
  }
  detail::ManyTarget& targets() { return targets_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::string_view> keys_;
  KeyedValues<std::int64_t> found_;
  detail::KeyedTargets<std::int64_t> targets_{found_};
};

/// Twelve keys foreseen, of which some are there.
KeyedValues<std::int64_t> foreseen(std::vector<int> numbers) {
  return Foreseen{}.add(std::move(numbers)).end();
}

TEST(KeyedTargetsTest, ForeseeWhatIsThere) {
  const auto all = foreseen({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  EXPECT_EQ(all.size(), 12U);
  EXPECT_EQ(all.at(name(11)), 11);
  EXPECT_THAT(foreseen({1, 2, 11}), ElementsAre(Pair(name(1), 1), Pair(name(2), 2), Pair(name(11), 11)));
  EXPECT_TRUE(foreseen({}).empty());
}

TEST(KeyedTargetsTest, ForgetWhatWasForeseenAndIsNotThere) {
  const auto some = foreseen({1, -3, 5});
  EXPECT_THAT(some, ElementsAre(Pair(name(1), 1), Pair(name(5), 5)));
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(some.contains(name(i)), i == 1 || i == 5) << i;
  }
  EXPECT_EQ(some.at(name(5)), 5);
  ASSERT_EQ(some.errors().size(), 1U);
}

TEST(KeyedTargetsTest, TakeWhatWasForeseenInAnyOrder) {
  const auto all = foreseen({11, 3, 0, 7, 1, 2, 10, 9, 8, 4, 6, 5});
  EXPECT_EQ(all.size(), 12U);
  EXPECT_EQ(all.begin()->first, name(0)) << "in the order asked for";
  EXPECT_EQ(all.at(name(9)), 9);
  const auto some = foreseen({-7, 5, -2, 1, -10, 3});
  EXPECT_THAT(some, ElementsAre(Pair(name(1), 1), Pair(name(3), 3), Pair(name(5), 5)));
  EXPECT_EQ(some.errors().size(), 3U);
  EXPECT_FALSE(some.contains(name(7)));
}

TEST(KeyedTargetsTest, TellOfErrorsInTheOrderAskedForToo) {
  std::vector<std::string> names;
  for (int i = 0; i < 12; ++i) {
    names.push_back(name(i));
  }
  const std::vector<std::string_view> keys(names.begin(), names.end());
  KeyedValues<std::int8_t> found;
  detail::KeyedTargets<std::int8_t> targets{found};
  ASSERT_TRUE(targets.foresee(keys));
  int large = 300;
  for (const std::size_t position : {7U, 2U, 11U, 0U}) {
    targets.add(position, keys[position], &read_number, &large);
  }
  targets.end();
  std::vector<std::string> unreadable;
  for (const DecodeError& error : found.errors()) {
    unreadable.push_back(error.key());
  }
  EXPECT_THAT(unreadable, ElementsAre(name(0), name(2), name(7), name(11)));
}

TEST(KeyedTargetsTest, ForgetAllAndBeginAgain) {
  Foreseen forgotten;
  forgotten.add({1, -3, 5}).targets().forget();
  const auto nothing = forgotten.end();
  EXPECT_TRUE(nothing.empty());
  EXPECT_TRUE(nothing.errors().empty());
  Foreseen again;
  again.add({1, -3}).targets().expect(2);  // one after the other after all
  EXPECT_THAT(again.add({5, 6}).end(), ElementsAre(Pair(name(5), 5), Pair(name(6), 6)));
}

TEST(KeyedTargetsTest, ForeseeNothingWhereAKeyComesTwice) {
  std::vector<std::string_view> keys(12, "a");
  KeyedValues<std::int64_t> found;
  detail::KeyedTargets<std::int64_t> targets{found};
  EXPECT_FALSE(targets.foresee(keys));
  targets.expect(keys.size());
  int number = 1;
  targets.add(0, "a", &read_number, &number);
  targets.add(1, "a", &read_number, &number);
  targets.end();
  EXPECT_THAT(found, ElementsAre(Pair("a", 1)));
  EXPECT_TRUE(found.contains("a"));
}

TEST(KeyedTargetsTest, LeaveOutWhatDoesNotConvert) {
  KeyedValues<std::int8_t> found;
  detail::KeyedTargets<std::int8_t> targets{found};
  targets.expect(2);
  int large = 300;
  int small = 30;
  targets.add(0, "large", &read_number, &large);
  targets.add(1, "small", &read_number, &small);
  EXPECT_THAT(found, ElementsAre(Pair("small", 30)));
  ASSERT_EQ(found.errors().size(), 1U);
  EXPECT_EQ(found.errors()[0].key(), "large");
}

TEST(KeyedTargetsTest, ReadAKeyAskedForTwiceOnce) {
  KeyedValues<std::int64_t> found;
  detail::KeyedTargets<std::int64_t> targets{found};
  targets.expect(2);
  int first = 1;
  int second = 2;
  targets.add(0, "a", &read_number, &first);
  targets.add(1, "a", &read_number, &second);
  EXPECT_THAT(found, ElementsAre(Pair("a", 1)));
}

}  // namespace
}  // namespace rediscache::test
