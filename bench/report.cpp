#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <stdexcept>
#include <string_view>

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

std::string both(double ours, double peer) {
  return short_number(ours) + " " + short_number(peer);
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

void write_side(std::ostream& out, std::string_view name, const SideResult& side) {
  out << "{\"name\": " << quoted(std::string{name}) << ", \"per_second\": " << side.per_second
      << ", \"client_cpu_us\": " << side.client_cpu << ", \"server_cpu_us\": " << side.server_cpu
      << ", \"latency_us\": {\"p50\": " << side.latency.p50 << ", \"p99\": " << side.latency.p99
      << ", \"p999\": " << side.latency.p999 << ", \"operations\": " << side.latency.operations << "}}";
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
  std::puts("ratio: throughput of rediscache / hiredis with a connection per thread, above 1 we are faster;");
  std::puts(
      "median of the rounds. control: hiredis / hiredis; a '~' marks cells where that is too far from 1");
  std::puts(
      "to judge by. Times and CPU are in us, for ours and hiredis each: of one operation its p50 and p99,");
  std::puts(
      "and the CPU time that client and server spent on it. Over TLS it is OpenSSL with hiredis' reader.");
  std::printf("\n%-*s %6s   %-11s %7s %-11s %9s %9s %-5s %15s %15s %13s %13s\n", name_width_, "cell", "ratio",
              "quartiles", "control", "quartiles", "ours/s", "hiredis/s", "", "p50", "p99", "client CPU",
              "server CPU");
}

void Table::print(const Measured& measured) const {
  const auto& [cell, result] = measured;
  const SideResult& ours = result.ours;
  const SideResult& peer = result.peer;
  const bool timed = ours.latency.operations != 0;
  std::printf("%-*s %6.2f %c %-11s %7.2f %-11s %9s %9s %-5s %15s %15s %13s %13s\n", name_width_,
              cell.name().c_str(), result.ratio.median, is_noisy(result) ? '~' : ' ',
              range(result.ratio.first_quartile, result.ratio.third_quartile).c_str(), result.control.median,
              range(result.control.first_quartile, result.control.third_quartile).c_str(),
              short_number(ours.per_second).c_str(), short_number(peer.per_second).c_str(), cell.unit.c_str(),
              timed ? both(ours.latency.p50, peer.latency.p50).c_str() : "",
              timed ? both(ours.latency.p99, peer.latency.p99).c_str() : "",
              both(ours.client_cpu, peer.client_cpu).c_str(), both(ours.server_cpu, peer.server_cpu).c_str());
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
    out << separator << "{\"bench\": " << quoted(cell.bench) << ", \"transport\": \""
        << to_string(cell.transport) << "\", \"mode\": \"" << to_string(cell.mode)
        << "\", \"threads\": " << cell.threads << ", \"bytes\": " << cell.bytes << ", \"keys\": " << cell.keys
        << ", \"ratio\": " << result.ratio.median << ", \"spread\": ";
    write_spread(out, result.ratio);
    out << ", \"control\": " << result.control.median << ", \"control_spread\": ";
    write_spread(out, result.control);
    out << ", \"noisy\": " << (is_noisy(result) ? "true" : "false") << ", \"ours\": ";
    write_side(out, "rediscache", result.ours);
    out << ", \"peer\": ";
    write_side(out, peer_over(cell.transport), result.peer);
    out << ", \"unit\": " << quoted(cell.unit) << ", \"rounds\": " << result.rounds
        << ", \"operations\": " << result.operations << ", \"machine\": {";
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
