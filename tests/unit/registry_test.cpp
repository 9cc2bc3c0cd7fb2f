// Factories by name.
#include "base/registry.hpp"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using Factory = std::function<int()>;

base::Registry<Factory> registry() {
  return {"thing", {{"one", [] { return 1; }}, {"two", [] { return 2; }}}};
}

TEST(Registry, FindsWhatItWasMadeWith) {
  const auto things = registry();
  EXPECT_EQ(things.find("one")(), 1);
  EXPECT_EQ(things.find("two")(), 2);
}

TEST(Registry, FindsWhatWasAdded) {
  auto things = registry();
  things.add("three", [] { return 3; });
  EXPECT_EQ(things.find("three")(), 3);
  EXPECT_EQ(things.find("one")(), 1);
}

TEST(Registry, ReplacesAFactoryOfTheSameName) {
  auto things = registry();
  things.add("two", [] { return 22; });
  EXPECT_EQ(things.find("two")(), 22);
  const auto error = thrown_by<InvalidOptions>([&] { (void)things.find("x"); });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "\"x\" is not a known thing. Known: one, two.") << "and lists it once";
}

TEST(Registry, NamesWhatIsKnownAndNearWhenThereIsNone) {
  const auto things = registry();
  const auto error = thrown_by<InvalidOptions>([&] { (void)things.find("tow"); });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "\"tow\" is not a known thing. Known: one, two. Did you mean \"two\"?");
}

TEST(Registry, GivesAFactoryThatMayAskForAnother) {
  auto things = registry();
  things.add("sum", [&] { return things.find("one")() + things.find("two")(); });
  EXPECT_EQ(things.find("sum")(), 3);
}

TEST(Registry, KeepsAFoundFactoryAliveWhileItIsReplaced) {
  auto things = registry();
  const Factory found = things.find("one");
  things.add("one", [] { return 11; });
  EXPECT_EQ(found(), 1);
}

}  // namespace
}  // namespace rediscache::test
