// Caches that are called while threads and the process end, in programs of their own: at_exit.cpp, linked
// with the shared and the static library, and under valgrind where that is there.
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/redis_server.hpp"
#include "support/server_suite.hpp"
#ifdef LIFETIME_WITH_OPENSSL
#include "support/certificates.hpp"
#endif

namespace rediscache::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// How the scenes are played: the environment has the paths.
enum class Linked : std::uint8_t { shared, statically, statically_under_valgrind };

std::string environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

/// A program that has ended, and all that it printed.
struct Ended {
  int status = -1;
  std::string output{};
};

Ended run(std::vector<std::string> words) {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/output";
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(120);
    const int fd = ::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    ::dup2(fd, STDOUT_FILENO);
    ::dup2(fd, STDERR_FILENO);
    // What OpenSSL left, and objects of a plug-in that nobody destroys, are no leaks.
    if (words[1].starts_with("own_") || words.back() == "threads") {
      ::setenv("LSAN_OPTIONS", "detect_leaks=0", 1);  // NOLINT(concurrency-mt-unsafe)
    }
    std::vector<char*> arguments;
    for (std::string& word : words) {
      arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::ifstream in{file};
  Ended ended{.output = {std::istreambuf_iterator<char>{in}, {}}};
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  return ended;
}

class LifetimeTest : public ServerSuite, public ::testing::WithParamInterface<Linked> {
 protected:
  void SetUp() override {
    if (GetParam() == Linked::statically_under_valgrind && environment("VALGRIND").empty()) {
      GTEST_SKIP() << "VALGRIND names no program";
    }
    ServerSuite::SetUp();
  }

  [[nodiscard]] static Ended play(const std::string& scene, const std::string& url,
                                  const std::string& ca_file = {}) {
    std::vector<std::string> words;
    if (GetParam() == Linked::statically_under_valgrind) {
      words = {environment("VALGRIND"), "-q", "--error-exitcode=99"};
    }
    words.push_back(environment(GetParam() == Linked::shared ? "AT_EXIT_SHARED" : "AT_EXIT_STATIC"));
    words.push_back(scene);
    words.push_back(url);
    if (!ca_file.empty()) {
      words.push_back(ca_file);
    }
    return run(std::move(words));
  }
  [[nodiscard]] Ended play(const std::string& scene) { return play(scene, server().unix_url()); }

  /// Plays a scene, which ends well and prints these lines.
  void expect_good(const std::string& scene, const std::vector<std::string>& lines) {
    expect_good(play(scene), lines);
  }
  static void expect_good(const Ended& ended, const std::vector<std::string>& lines) {
    EXPECT_EQ(ended.status, 0) << ended.output;
    EXPECT_THAT(ended.output, Not(HasSubstr("wrong: "))) << ended.output;
    EXPECT_THAT(ended.output, HasSubstr("ok: a call before main()"));
    for (const std::string& line : lines) {
      EXPECT_THAT(ended.output, HasSubstr("ok: " + line));
    }
  }
};

std::string linked_name(const ::testing::TestParamInfo<Linked>& info) {
  switch (info.param) {
    case Linked::shared:
      return "Shared";
    case Linked::statically:
      return "Static";
    default:
      return "Valgrind";
  }
}
INSTANTIATE_TEST_SUITE_P(Linked, LifetimeTest,
                         ::testing::Values(Linked::shared, Linked::statically,
                                           Linked::statically_under_valgrind),
                         linked_name);

TEST_P(LifetimeTest, CallsWorkInTheDestructorsOfStaticObjects) {
  expect_good("static_destructor", {"a call in main()", "a call in the destructor of a static object"});
}

TEST_P(LifetimeTest, TheFirstCacheMayBeMadeInTheDestructorOfAStaticObject) {
  expect_good("first_call_of_all", {"the first cache of all"});
}

TEST_P(LifetimeTest, CallsWorkInExitHandlers) {
  expect_good("exit_handler", {"a call in main()", "a call in an exit handler"});
}

TEST_P(LifetimeTest, CallsWorkInTheDestructorsOfThreadLocalObjects) {
  expect_good("thread_locals", {"a call in a thread", "a call in main()",
                                "a call in the destructor of a thread_local object"});
}

TEST_P(LifetimeTest, AStaticLockThatIsHeldIsReleased) {
  expect_good("static_lock", {"a lock that a static object holds"});
  EXPECT_FALSE(raw().exists(":1:held"));
}

TEST_P(LifetimeTest, WhatIsRegisteredUnderNamesIsThereUntilTheEnd) {
  expect_good("registries", {"registered names in main()", "settings in main()",
                             "registered names at the very end", "settings at the very end"});
}

TEST_P(LifetimeTest, CachesByAliasAreThereUntilTheEnd) {
  expect_good("process_wide_caches", {"a cache by its alias at the very end", "a dummy at the very end"});
}

TEST_P(LifetimeTest, CachesInTheProcessWorkUntilTheEnd) {
  expect_good("local_caches", {"LocMemCache at the very end", "FailoverCache at the very end"});
}

TEST_P(LifetimeTest, MessagesAreLoggedUntilTheEnd) {
  const Ended ended = play("logs");
  expect_good(ended, {"a call that is logged", "a call that is logged at the very end"});
  const std::size_t early = ended.output.find("ignored: ", ended.output.find("ok: a call before main()"));
  ASSERT_NE(early, std::string::npos) << ended.output;
  EXPECT_NE(ended.output.find("ignored: ", early + 1), std::string::npos)
      << "the last message was lost: " << ended.output;
}

TEST_P(LifetimeTest, TheFirstMessageMayBeLoggedAtTheEnd) {
  const Ended ended = play("first_log_of_all");
  expect_good(ended, {"the first message of all"});
  EXPECT_NE(ended.output.find("ignored: ", ended.output.find("ok: a call before main()")), std::string::npos)
      << ended.output;
}

TEST_P(LifetimeTest, ThreadsMayGoOnCallingWhileTheProcessExits) {
  const int times = GetParam() == Linked::statically_under_valgrind ? 1 : 10;
  for (int i = 0; i < times; ++i) {
    expect_good("threads", {"threads that do not end"});
  }
}

TEST_P(LifetimeTest, BackgroundWorkEndsWithTheProcess) {
  const int times = GetParam() == Linked::statically_under_valgrind ? 1 : 2;
  for (int i = 0; i < times; ++i) {
    expect_good("background_work", {"background work"});
  }
}

TEST_P(LifetimeTest, TheProcessMayExitInACallback) {
  expect_good("exit_in_callback", {"a callback that exits"});
  expect_good("exit_in_on_lost", {"an on_lost that exits"});
}

class PluginLifetimeTest : public ServerSuite {};

TEST_F(PluginLifetimeTest, APluginMayBeLetGoOf) {
  const Ended ended = run({environment("LOADS_PLUGIN"), environment("LIFETIME_PLUGIN"), server().unix_url()});
  EXPECT_EQ(ended.status, 0) << ended.output;
  EXPECT_THAT(ended.output, AllOf(HasSubstr("ok: calls"), HasSubstr("ok: the plug-in was let go of")));
}

TEST_F(PluginLifetimeTest, ThreadsOfAPluginThatWasLetGoOfRunOn) {
  const Ended ended =
      run({environment("LOADS_PLUGIN"), environment("LIFETIME_PLUGIN"), server().unix_url(), "threads"});
  EXPECT_EQ(ended.status, 0) << ended.output;
  EXPECT_THAT(ended.output,
              AllOf(HasSubstr("ok: calls"), HasSubstr("ok: the code of running threads is kept"),
                    HasSubstr("ok: the plug-in was let go of")));
}

#ifdef LIFETIME_WITH_OPENSSL

class TlsLifetimeTest : public LifetimeTest {
 public:
  static void SetUpTestSuite() {
    ServerSuite::SetUpTestSuite();
    files_ = std::make_unique<PemFiles>();
    const Authority authority{"Test CA"};
    const Certificate certificate = authority.issue({});
    files_->write("ca.pem", authority.certificate());
    files_->write("server.pem", certificate.certificate);
    files_->write("server.key", certificate.key);
    tls_server_ = std::make_unique<RedisServer>(
        RedisServer::Settings{.tls = RedisServer::Tls{.certificate_file = files_->path("server.pem"),
                                                      .key_file = files_->path("server.key"),
                                                      .ca_file = files_->path("ca.pem")}});
  }
  static void TearDownTestSuite() {
    tls_server_.reset();
    files_.reset();
    ServerSuite::TearDownTestSuite();
  }

 protected:
  [[nodiscard]] static Ended play_tls(const std::string& scene) {
    return play(scene, tls_server_->tls_url(), files_->path("ca.pem"));
  }

 private:
  static inline std::unique_ptr<PemFiles> files_;
  static inline std::unique_ptr<RedisServer> tls_server_;
};
INSTANTIATE_TEST_SUITE_P(Linked, TlsLifetimeTest,
                         ::testing::Values(Linked::shared, Linked::statically,
                                           Linked::statically_under_valgrind),
                         linked_name);

TEST_P(TlsLifetimeTest, CallsWorkUntilTheEnd) {
  expect_good(play_tls("static_destructor"),
              {"a call in main()", "a call in the destructor of a static object"});
  expect_good(play_tls("exit_handler"), {"a call in an exit handler"});
  expect_good(play_tls("thread_locals"), {"a call in the destructor of a thread_local object"});
  expect_good(play_tls("static_lock"), {"a lock that a static object holds"});
}

TEST_P(TlsLifetimeTest, ThreadsMayGoOnCallingWhileTheProcessExits) {
  const int times = GetParam() == Linked::statically_under_valgrind ? 1 : 10;
  for (int i = 0; i < times; ++i) {
    expect_good(play_tls("threads"), {"threads that do not end"});
  }
}

TEST_P(TlsLifetimeTest, AfterTheProgramsOwnOpensslWasShutDownCallsSaySo) {
  const Ended ended = play_tls("own_static_destructor");
  EXPECT_EQ(ended.status, 0) << ended.output;
  EXPECT_THAT(ended.output, AllOf(HasSubstr("ok: a call in main()"), HasSubstr("OpenSSL has been shut down"),
                                  HasSubstr("wrong: a call in the destructor")));
}

TEST_P(TlsLifetimeTest, AfterTheProgramsOwnOpensslWasShutDownStaticObjectsAreDestroyed) {
  const Ended ended = play_tls("own_static_lock");
  EXPECT_EQ(ended.status, 0) << ended.output;
  EXPECT_THAT(ended.output,
              AllOf(HasSubstr("ok: a lock that a static object holds"), Not(HasSubstr("wrong: "))));
}

#endif

}  // namespace
}  // namespace rediscache::test
