#include "config/sources.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.hpp"

namespace rediscache::config {
namespace {

/// More is no settings file.
constexpr std::size_t largest_file = std::size_t{16} << 20U;

std::optional<std::string> variable_of_process(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only those who change the environment beside threads are unsafe
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

[[noreturn]] void throw_errno() {
  throw std::runtime_error{std::generic_category().message(errno)};
}

std::string file_of_process(const std::string& path) {
  // Not blocking: a pipe that nobody writes to must not hold up the program.
  const base::Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file.valid()) {
    throw_errno();
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) {
    throw_errno();
  }
  if (!S_ISREG(status.st_mode)) {
    throw std::runtime_error{"it is not a regular file"};
  }
  std::string text;
  std::array<char, 4096> part{};
  while (text.size() <= largest_file) {
    const ssize_t count = ::read(file.get(), part.data(), part.size());
    if (count == 0) {
      return text;
    }
    if (count < 0 && errno != EINTR) {
      throw_errno();
    }
    text.append(part.data(), count < 0 ? 0 : static_cast<std::size_t>(count));
  }
  throw std::runtime_error{"it has more than 16 MiB"};
}

}  // namespace

SettingsSources complete(SettingsSources sources) {
  if (!sources.variable) {
    sources.variable = variable_of_process;
  }
  if (!sources.read_file) {
    sources.read_file = file_of_process;
  }
  return sources;
}

}  // namespace rediscache::config
