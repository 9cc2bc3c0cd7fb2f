// Names are looked up while the system's resolver is slow or fails, and while memory runs out.
#include "net/resolver.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include "faults/run_short.hpp"
#include "support/memory.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

/// What the system does with names that end in ".test".
struct SystemResolver {
  std::atomic<bool> hangs{false};
  std::atomic<bool> fails{false};
  std::atomic<int> asked{0};
  std::atomic<int> answered{0};
};

SystemResolver& system_resolver() {
  static SystemResolver it;
  return it;
}

}  // namespace
}  // namespace rediscache::test

// The system's name.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** found) {
  using namespace rediscache::test;
  using Original = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto original = reinterpret_cast<Original>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (host == nullptr || !std::string_view{host}.ends_with(".test")) {
    return original(host, service, hints, found);
  }
  SystemResolver& it = system_resolver();
  ++it.asked;
  static_cast<void>(eventually([&] { return !it.hangs; }, std::chrono::seconds{60}));
  const int result = it.fails ? EAI_AGAIN : original("127.0.0.1", service, hints, found);
  ++it.answered;
  return result;
}

namespace rediscache::test {
namespace {

class ResolverTest : public ::testing::Test {
 protected:
  ResolverTest() {
    it_.hangs = it_.fails = false;
    it_.asked = it_.answered = 0;
  }
  ~ResolverTest() override {
    it_.hangs = false;
    EXPECT_TRUE(eventually([&] { return it_.answered == it_.asked; }));
  }
  /// Names that no other test uses.
  static std::string name(std::string_view of) { return std::string{of} + ".test"; }
  static auto resolve(const std::string& host, std::chrono::milliseconds time, std::uint16_t port = 1) {
    return net::resolve(host, port, base::Deadline::in(time));
  }

  SystemResolver& it_ = system_resolver();
};

TEST_F(ResolverTest, ThoseWhoAskForOneNameShareTheLookUp) {
  it_.hangs = true;
  std::atomic<int> found{0};
  std::vector<std::jthread> asking;
  for (int i = 0; i < 8; ++i) {
    asking.emplace_back([&] { found += resolve(name("shared"), 30s) ? 1 : 0; });
  }
  ASSERT_TRUE(eventually([&] { return it_.asked > 0; }));
  const auto late = resolve(name("shared"), 20ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.failure().code, ErrorCode::timeout);
  EXPECT_EQ(it_.asked, 1);
  it_.hangs = false;
  asking.clear();
  EXPECT_EQ(found, 8);
}

TEST_F(ResolverTest, AnAnswerThatCameTooLateServesTheNextCall) {
  it_.hangs = true;
  ASSERT_FALSE(resolve(name("late"), 20ms));
  it_.hangs = false;
  ASSERT_TRUE(eventually([&] { return it_.answered == 1; }));
  EXPECT_TRUE(resolve(name("late"), 15s));
  EXPECT_EQ(it_.asked, 1);
  EXPECT_TRUE(resolve(name("late"), 15s));
  EXPECT_EQ(it_.asked, 2) << "once";
}

TEST_F(ResolverTest, AnAnswerOfAMomentAgoServesWhileTheNextTakesLong) {
  ASSERT_TRUE(resolve(name("old"), 15s));
  it_.hangs = true;
  EXPECT_TRUE(resolve(name("old"), 15s));
  EXPECT_TRUE(resolve(name("old"), 20ms)) << "however little time there is";
  EXPECT_EQ(it_.asked, 2);
}

TEST_F(ResolverTest, AFailureIsToldAndTheNameIsAskedForAgain) {
  it_.fails = true;
  for (int i = 0; i < 40; ++i) {
    const auto failed = resolve(name("failing"), 15s);
    ASSERT_FALSE(failed);
    ASSERT_EQ(failed.failure().code, ErrorCode::connection);
  }
  it_.fails = false;
  EXPECT_TRUE(resolve(name("failing"), 15s));
}

TEST_F(ResolverTest, SixteenNamesThatHangAreEnoughAndThoseThatAreKnownGoOn) {
  ASSERT_TRUE(resolve(name("known"), 15s));
  it_.hangs = true;
  for (int i = 0; i < 16; ++i) {
    ASSERT_FALSE(resolve(name("hanging" + std::to_string(i)), 1ms));
  }
  ASSERT_TRUE(eventually([&] { return it_.asked == 17; }));
  const auto refused = resolve(name("one more"), 15s);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.failure().message.find("16 earlier look-ups"), std::string::npos);
  EXPECT_TRUE(resolve(name("known"), 15s));
  it_.hangs = false;
  EXPECT_TRUE(eventually([&] { return static_cast<bool>(resolve(name("one more"), 15s)); }));
}

class ResolverMemoryTest : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Each, ResolverMemoryTest, ::testing::Values(false, true),
                         [](const auto& each) { return each.param ? "FromThenOn" : "Once"; });

TEST_P(ResolverMemoryTest, ALookUpThatHadNoMemoryStopsNoLaterOne) {
  std::uint16_t port = 100;
  for (std::size_t number = 0; number < 200; ++number) {
    SCOPED_TRACE("allocation " + std::to_string(number));
    Ending ending{};
    const std::string host = "memory.of.the.caller.test";
    for (int again = 0; again < 4; ++again) {
      EXPECT_NO_THROW(ending = run_short(number, GetParam(),
                                         [&] { (void)net::resolve(host, port, base::Deadline::in(15s)); }))
          << "anything but std::bad_alloc";
    }
    ASSERT_TRUE(net::resolve(host, port, base::Deadline::in(15s)));
    ++port;
    if (ending == Ending::never_came_to_it && number > 20) {
      return;
    }
  }
  FAIL() << "there is no end to it";
}

TEST_P(ResolverMemoryTest, AThreadThatHadNoMemoryStopsNoLaterOne) {
  std::uint16_t port = 1000;
  for (std::size_t number = 0; number < 200; ++number) {
    SCOPED_TRACE("allocation " + std::to_string(number));
    const std::string host = "memory.of.the.thread.test";
    bool ran_out = false;
    {
      const ShortageInNewThreads shortage{number, GetParam()};
      const auto found = net::resolve(host, port, base::Deadline::in(15s));
      ran_out = shortage.ran_out();
      ASSERT_TRUE(found || ran_out);
      ASSERT_TRUE(found || found.failure().code == ErrorCode::connection) << "it is told, not awaited";
    }
    ASSERT_TRUE(net::resolve(host, port, base::Deadline::in(15s)));
    ++port;
    if (!ran_out && number > 20) {
      return;
    }
  }
  FAIL() << "there is no end to it";
}

}  // namespace
}  // namespace rediscache::test
