// rediscache_bench: see README.md here and --help.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <regex>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "allocator.hpp"
#include "cell.hpp"
#include "command_line.hpp"
#include "machine.hpp"
#include "report.hpp"
#include "runner.hpp"
#include "running.hpp"
#include "server.hpp"
#include "tls_files.hpp"

namespace {

std::vector<bench::Cell> chosen_cells(const bench::CommandLine& line) {
  std::vector<bench::Cell> cells = bench::all_cells(line.quick);
  try {
    const std::regex filter{line.filter};
    std::erase_if(cells, [&](const bench::Cell& cell) { return !std::regex_search(cell.name(), filter); });
  } catch (const std::regex_error&) {
    throw std::invalid_argument{"--filter: '" + line.filter + "' is not a regular expression"};
  }
  if (cells.empty()) {
    throw std::invalid_argument{"--filter: no cell is called like '" + line.filter + "'; see --list"};
  }
  return cells;
}

bool run(const std::vector<bench::Cell>& cells, const bench::CommandLine& line) {
  if (!line.plain_allocator) {
    bench::steady_allocator();
  }
  bench::stop_on_interrupt();
  const bench::TlsFiles tls_files;
  const bench::PrivateServer server{tls_files.for_server()};
  bench::Facts facts = bench::machine_facts(server.version());
  facts.emplace_back("allocator", line.plain_allocator ? "as it comes" : "keeps its memory");
  bench::print_facts(facts);

  const std::size_t usual_rounds = line.quick ? 11 : 21;
  const double batch_seconds = line.quick ? 0.015 : 0.030;
  const bench::Runner runner{server, line.rounds == 0 ? usual_rounds : line.rounds, batch_seconds};
  const bench::Table table{cells};
  table.print_header();
  std::vector<bench::Measured> done;
  bool failed = false;
  for (const bench::Cell& cell : cells) {
    try {
      done.push_back({cell, runner.run(cell)});
      table.print(done.back());
    } catch (const bench::Interrupted&) {
      throw;
    } catch (const std::exception& error) {
      failed = true;
      table.print_failure(cell, error.what());
    }
  }
  if (line.json) {
    bench::write_json(*line.json, done, facts);
  }
  return !failed;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::span<char* const> arguments{argv, static_cast<std::size_t>(argc)};
    const auto line = bench::parse_command_line(arguments.subspan(arguments.empty() ? 0 : 1));
    if (line.help) {
      std::fputs(bench::usage().data(), stdout);
      return EXIT_SUCCESS;
    }
    const std::vector<bench::Cell> cells = chosen_cells(line);
    if (line.list) {
      for (const bench::Cell& cell : cells) {
        std::puts(cell.name().c_str());
      }
      return EXIT_SUCCESS;
    }
    return run(cells, line) ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "rediscache_bench: %s\n\n%s", error.what(), bench::usage().data());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rediscache_bench: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
