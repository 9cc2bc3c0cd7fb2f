// Where log messages go.
#include "base/log.hpp"

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "unit/log_capture.hpp"

namespace rediscache::test {
namespace {

TEST(Log, GoesAtErrorLevelToTheLoggerOfThatName) {
  const LogCapture mine{"log_test"};
  const LogCapture other{"log_test_other"};
  base::log_error("log_test", "something happened");
  ASSERT_EQ(mine.messages().size(), 1U);
  EXPECT_EQ(mine.messages()[0].level, spdlog::level::err);
  EXPECT_EQ(mine.messages()[0].text, "something happened");
  EXPECT_TRUE(other.messages().empty());
}

TEST(Log, TellsWarningsFromErrors) {
  const LogCapture log{"log_test"};
  base::log_warning("log_test", "mind {}");
  ASSERT_EQ(log.messages().size(), 1U);
  EXPECT_EQ(log.messages()[0].level, spdlog::level::warn);
  EXPECT_EQ(log.messages()[0].text, "mind {}");
}

TEST(Log, TakesBracesForWhatTheyAre) {
  const LogCapture log{"log_test"};
  base::log_error("log_test", "{} {0} {");
  ASSERT_EQ(log.messages().size(), 1U);
  EXPECT_EQ(log.messages()[0].text, "{} {0} {");
}

TEST(Log, WithoutALoggerOfThatNameSharesTheSinksOfTheDefaultLogger) {
  const auto before = spdlog::default_logger();
  const LogCapture standard{"log_test_default"};
  spdlog::set_default_logger(spdlog::get("log_test_default"));
  base::log_error("log_test_unknown", "first");
  base::log_error("log_test_unknown", "second");
  spdlog::set_default_logger(before);
  ASSERT_EQ(standard.messages().size(), 2U);
  EXPECT_EQ(standard.messages()[1].text, "second");
  EXPECT_NE(spdlog::get("log_test_unknown"), nullptr) << "made once and kept, so that programs can find it";
  spdlog::drop("log_test_unknown");
}

TEST(Log, OfASinkThatThrowsIsLostAndNothingElseHappens) {
  struct Broken final : spdlog::sinks::base_sink<std::mutex> {
    int tries = 0;
    void sink_it_(const spdlog::details::log_msg&) override {
      ++tries;
      throw 42;  // no std::exception: spdlog lets it through
    }
    void flush_() override {}
  };
  const auto sink = std::make_shared<Broken>();
  const auto logger = std::make_shared<spdlog::logger>("log_test_broken", sink);
  spdlog::register_logger(logger);
  EXPECT_NO_THROW(base::log_error("log_test_broken", "lost"));
  EXPECT_EQ(sink->tries, 1);
  spdlog::drop("log_test_broken");
}

TEST(LogDeathTest, AfterSpdlogWasShutDownGoesToStderr) {
  EXPECT_EXIT(
      {
        spdlog::shutdown();  // as programs do at their end, before static caches are gone
        base::log_error("rediscache", "at the end");
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(0), "at the end");
}

TEST(LogDeathTest, GoesToStderrUnlessTheProgramConfiguredSpdlog) {
  EXPECT_EXIT(
      {
        base::log_warning("log_test_nobody", "nobody configured anything");
        std::_Exit(spdlog::get("log_test_nobody") == nullptr ? 0
                                                             : 1);  // what the program makes later is used
      },
      ::testing::ExitedWithCode(0),
      "^\\[20..-..-..T..:..:......Z\\] \\[log_test_nobody\\] \\[warning\\] nobody configured anything\n$");
}

TEST(LogDeathTest, GoesNowhereWhenTheProgramTurnedSpdlogOff) {
  EXPECT_EXIT(
      {
        spdlog::set_level(spdlog::level::off);
        base::log_error("rediscache", "nobody wants to know");
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(0), "^$");
}

TEST(Log, GoesToTheSinkAndNowhereElse) {
  const LogCapture log{"log_test"};
  std::vector<std::string> lines;
  base::Logger logger{"log_test", [&](LogLevel level, std::string_view message) {
                        lines.push_back(std::string{to_string(level)} + ": " + std::string{message});
                      }};
  base::log_error(logger, "a");
  base::log_warning(logger, "b");
  base::log_info(logger, "c");
  EXPECT_EQ(lines, (std::vector<std::string>{"error: a", "warning: b", "info: c"}));
  EXPECT_TRUE(log.messages().empty());
  logger.sink = [](LogLevel, std::string_view) { throw 42; };
  EXPECT_NO_THROW(base::log_error(logger, "lost"));
}

}  // namespace
}  // namespace rediscache::test
