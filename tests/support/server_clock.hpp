// The clock of a redis-server, for tests that move it.
#pragma once

#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/socket.hpp"

namespace rediscache::test {

/// Moved for a server that is started with its environment(), by libfaketime; the steady clock is not, and
/// nobody else's. Must outlive the server.
class ServerClock {
 public:
  /// Where libfaketime is (LIBFAKETIME in the environment says so too); empty when it is not installed.
  [[nodiscard]] static std::string library() {
    namespace fs = std::filesystem;
    if (const char* const chosen = std::getenv("LIBFAKETIME")) {
      return chosen;
    }
    std::error_code none;
    for (const auto& directory : fs::directory_iterator{"/usr/lib", none}) {
      if (const fs::path found = directory.path() / "faketime/libfaketime.so.1"; fs::exists(found, none)) {
        return found;
      }
    }
    return {};
  }

  ServerClock() { move(std::chrono::seconds{0}); }

  /// For RedisServer::Settings.
  [[nodiscard]] std::vector<std::string> environment() const {
    // It cannot be initialized from within jemalloc's own beginning: the C library's malloc comes first.
    return {"LD_PRELOAD=" + library() + ":libc.so.6", "FAKETIME_TIMESTAMP_FILE=" + file(),
            "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"};
  }

  /// So far from the real time, at once.
  void move(std::chrono::seconds offset) const {
    const std::string text = std::to_string(offset.count());
    write(offset.count() < 0 ? text : "+" + text);
  }
  /// Stands still at that time, given in seconds since 1970.
  void stop_at(std::time_t time) const {
    std::tm local{};
    ::localtime_r(&time, &local);
    std::array<char, 32> text{};
    write({text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local)});
  }

 private:
  void write(const std::string& text) const {
    std::ofstream{file() + ".new"} << text << '\n';
    std::filesystem::rename(file() + ".new", file());  // never half of it
  }
  [[nodiscard]] std::string file() const { return directory_.path() + "/clock"; }

  TemporaryDirectory directory_;
};

}  // namespace rediscache::test
