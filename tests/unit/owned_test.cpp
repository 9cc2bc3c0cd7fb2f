// The owner of what only the library knows.
#include <memory>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include <rediscache/detail/owned.hpp>

namespace rediscache::test {
namespace {

using detail::Owned;

struct Counted {
  explicit Counted(int& of) noexcept : alive{&of} { ++*alive; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  virtual ~Counted() { --*alive; }
  int* alive;
};
struct Derived final : Counted {
  using Counted::Counted;
};

static_assert(!std::is_copy_constructible_v<Owned<Counted>>);
static_assert(std::is_nothrow_move_constructible_v<Owned<Counted>>);
static_assert(std::is_nothrow_move_assignable_v<Owned<Counted>>);

TEST(OwnedTest, EndsWhatItOwnsWithItself) {
  int alive = 0;
  {
    const Owned<Counted> owned{std::make_unique<Derived>(alive)};
    EXPECT_TRUE(owned);
    EXPECT_EQ(owned->alive, &alive);
    EXPECT_EQ(owned.get(), &*owned);
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
  EXPECT_FALSE(Owned<Counted>{});
}

TEST(OwnedTest, HandsOnWhatItOwns) {
  int first = 0;
  int second = 0;
  Owned<Counted> from{std::make_unique<Counted>(first)};
  Owned<Counted> to{std::make_unique<Counted>(second)};
  to = std::move(from);
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 0) << "what was there ends at once";
  EXPECT_FALSE(from);  // NOLINT(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
  Owned<Counted> last{std::move(to)};
  EXPECT_EQ(last->alive, &first);
  Owned<Counted>& same = last;
  last = std::move(same);
  EXPECT_EQ(first, 1);
  last = std::make_unique<Counted>(second);
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
}

}  // namespace
}  // namespace rediscache::test
