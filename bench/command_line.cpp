#include "command_line.hpp"

#include <charconv>
#include <stdexcept>

namespace bench {
namespace {

std::size_t parse_rounds(std::string_view text) {
  std::size_t rounds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rounds);
  if (error != std::errc{} || end != text.data() + text.size() || rounds == 0) {
    throw std::invalid_argument{"--rounds takes a number from 1 on, not '" + std::string{text} + "'"};
  }
  return rounds;
}

}  // namespace

CommandLine parse_command_line(std::span<char* const> arguments) {
  CommandLine line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    // Both `--rounds 5` and `--rounds=5`.
    const std::size_t equals = argument.starts_with("--") ? argument.find('=') : std::string_view::npos;
    const std::string_view name = argument.substr(0, equals);
    const auto value = [&]() -> std::string_view {
      if (equals != std::string_view::npos) {
        return argument.substr(equals + 1);
      }
      if (++i == arguments.size()) {
        throw std::invalid_argument{std::string{name} + " needs a value"};
      }
      return arguments[i];
    };
    if (name == "--filter") {
      line.filter = value();
    } else if (name == "--json") {
      line.json = value();
    } else if (name == "--rounds") {
      line.rounds = parse_rounds(value());
    } else if (argument == "--quick") {
      line.quick = true;
    } else if (argument == "--plain-allocator") {
      line.plain_allocator = true;
    } else if (argument == "--list") {
      line.list = true;
    } else if (argument == "--help" || argument == "-h") {
      line.help = true;
    } else {
      throw std::invalid_argument{"unknown option '" + std::string{argument} + "'"};
    }
  }
  return line;
}

std::string_view usage() noexcept {
  return R"(Compares rediscache with raw hiredis, a connection for each thread, on a redis-server of its own.

  --quick            less than 90 seconds: shorter batches, fewer rounds, fewer keys, few cells with threads
  --filter REGEX     only cells whose name it is found in, e.g. '^get/unix/pinned'
  --rounds N         rounds for each cell (at least 11 are wanted for a judgement)
  --json FILE        write the results there
  --plain-allocator  leave malloc as it comes instead of telling it to keep its memory
  --list             print the names of the cells and do nothing
  --help             print this
)";
}

}  // namespace bench
