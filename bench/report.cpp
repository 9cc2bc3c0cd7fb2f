#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <stdexcept>

namespace bench {
namespace {

// 123456 -> "123.5k": four digits are more than the measurement is worth.
std::string short_number(double number) {
  constexpr const char* suffixes[] = {"", "k", "M", "G"};
  std::size_t suffix = 0;
  while (number >= 9999.5 && suffix + 1 < std::size(suffixes)) {
    number /= 1000;
    ++suffix;
  }
  std::ostringstream text;
  text << std::fixed << std::setprecision(number < 1000 ? 1 : 0) << number << suffixes[suffix];
  return text.str();
}

std::string range(double from, double to) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << from << ".." << to;
  return text.str();
}

// Beyond this, hiredis against itself says that the machine was too busy to judge by.
bool is_noisy(const Result& result) {
  return std::abs(result.control.median - 1) > 0.05 ||
         result.control.third_quartile - result.control.first_quartile > 0.15;
}

std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
    }
    json += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return json + '"';
}

void write_spread(std::ostream& out, const Spread& spread) {
  out << "{\"q1\": " << spread.first_quartile << ", \"q3\": " << spread.third_quartile
      << ", \"min\": " << spread.least << ", \"max\": " << spread.most << "}";
}

}  // namespace

void print_facts(const Facts& facts) {
  for (const auto& [name, value] : facts) {
    std::printf("%-11s %s\n", name.c_str(), value.c_str());
  }
  std::printf("\n");
}

Table::Table(const std::vector<Cell>& cells) {
  for (const Cell& cell : cells) {
    name_width_ = std::max(name_width_, static_cast<int>(cell.name().size()));
  }
}

void Table::print_header() const {
  std::printf("ratio: throughput of rediscache / hiredis, above 1 we are faster; median of the rounds.\n");
  std::printf("control: hiredis / hiredis. A '~' marks cells where that is too far from 1 to judge by.\n\n");
  std::printf("%-*s %6s   %-11s %-11s  %7s %-11s  %9s %9s %-5s %6s %7s %7s\n", name_width_, "cell", "ratio",
              "quartiles", "min..max", "control", "quartiles", "ours/s", "hiredis/s", "", "rounds", "batch",
              "keys");
}

void Table::print(const Measured& measured) const {
  const auto& [cell, result] = measured;
  std::printf("%-*s %6.2f %c %-11s %-11s  %7.2f %-11s  %9s %9s %-5s %6zu %7zu %7zu\n", name_width_,
              cell.name().c_str(), result.ratio.median, is_noisy(result) ? '~' : ' ',
              range(result.ratio.first_quartile, result.ratio.third_quartile).c_str(),
              range(result.ratio.least, result.ratio.most).c_str(), result.control.median,
              range(result.control.first_quartile, result.control.third_quartile).c_str(),
              short_number(result.ours_per_second).c_str(), short_number(result.peer_per_second).c_str(),
              cell.unit.c_str(), result.rounds, result.operations, cell.keys);
  std::fflush(stdout);
}

void Table::print_failure(const Cell& cell, const std::string& why) const {
  std::printf("%-*s FAILED: %s\n", name_width_, cell.name().c_str(), why.c_str());
  std::fflush(stdout);
}

void write_json(const std::filesystem::path& file, const std::vector<Measured>& all, const Facts& facts) {
  std::ofstream out{file};
  out << "[";
  const char* separator = "\n";
  for (const auto& [cell, result] : all) {
    out << separator << "{\"bench\": " << quoted(cell.bench) << ", \"peer\": \"hiredis\", \"transport\": \""
        << to_string(cell.transport) << "\", \"mode\": \"" << to_string(cell.mode)
        << "\", \"threads\": " << cell.threads << ", \"bytes\": " << cell.bytes << ", \"keys\": " << cell.keys
        << ", \"ratio\": " << result.ratio.median << ", \"spread\": ";
    write_spread(out, result.ratio);
    out << ", \"control\": " << result.control.median << ", \"control_spread\": ";
    write_spread(out, result.control);
    out << ", \"noisy\": " << (is_noisy(result) ? "true" : "false")
        << ", \"ours_per_second\": " << result.ours_per_second
        << ", \"peer_per_second\": " << result.peer_per_second << ", \"unit\": " << quoted(cell.unit)
        << ", \"rounds\": " << result.rounds << ", \"operations\": " << result.operations
        << ", \"machine\": {";
    const char* comma = "";
    for (const auto& [name, value] : facts) {
      out << comma << quoted(name) << ": " << quoted(value);
      comma = ", ";
    }
    out << "}}";
    separator = ",\n";
  }
  out << "\n]\n";
  if (!out.flush()) {
    throw std::runtime_error{"cannot write " + file.string()};
  }
}

}  // namespace bench
