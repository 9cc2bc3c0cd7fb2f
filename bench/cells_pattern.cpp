// delete_pattern: half of a database goes. hiredis does it the way django-redis does.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cell.hpp"
#include "data.hpp"

namespace bench {
namespace {

constexpr std::string_view pattern = "session:*";
constexpr std::string_view made_pattern = ":1:session:*";
constexpr std::string_view kept = ":1:page:";
constexpr std::string_view dropped = ":1:session:";

// Through a pipeline, in pieces that do not fill the buffers on the way.
void fill(Connection& server, std::string_view prefix, std::size_t count) {
  constexpr std::size_t piece = 1000;
  for (std::size_t done = 0; done < count;) {
    const std::size_t until = std::min(done + piece, count);
    for (std::size_t i = done; i < until; ++i) {
      const std::string key = std::string{prefix} + std::to_string(i);
      server.append(std::array<std::string_view, 3>{"SET", key, "sixteen bytes..."});
    }
    for (; done < until; ++done) {
      expect_ok(*server.read());
    }
  }
}

void expect_deleted(std::int64_t deleted, std::size_t expected, const char* side) {
  if (deleted != static_cast<std::int64_t>(expected)) {
    throw std::runtime_error{std::string{side} + ": delete_pattern deleted " + std::to_string(deleted) +
                             " keys of " + std::to_string(expected)};
  }
}

std::vector<Batch> ours_delete(std::size_t expected, const Endpoint& endpoint) {
  const auto cache = make_cache(endpoint);
  return {repeat(
      [cache, expected](std::size_t) { expect_deleted(cache->delete_pattern(pattern), expected, "ours"); })};
}

std::int64_t scan_and_delete(Connection& connection) {
  std::vector<std::string> found;
  std::string cursor = "0";
  do {
    const Reply page = connection.command(
        std::array<std::string_view, 6>{"SCAN", cursor, "MATCH", made_pattern, "COUNT", "10"});
    cursor.assign(page->element[0]->str, static_cast<std::size_t>(page->element[0]->len));
    const redisReply& keys = *page->element[1];
    for (std::size_t i = 0; i < keys.elements; ++i) {
      found.emplace_back(keys.element[i]->str, static_cast<std::size_t>(keys.element[i]->len));
    }
  } while (cursor != "0");

  for (const std::string& key : found) {
    connection.append(std::array<std::string_view, 2>{"DEL", key});
  }
  std::int64_t deleted = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    deleted += connection.read()->integer;
  }
  return deleted;
}

std::vector<Batch> peer_delete(std::size_t expected, const Endpoint& endpoint) {
  const auto connection = std::make_shared<Connection>(endpoint);
  return {repeat([connection, expected](std::size_t) {
    expect_deleted(scan_and_delete(*connection), expected, "hiredis");
  })};
}

}  // namespace

Cell delete_pattern_cell(std::size_t keys, std::size_t most_rounds) {
  const std::size_t half = keys / 2;
  return {.bench = "delete_pattern",
          .bytes = 16,
          .keys = keys,
          .unit = "keys",
          .operations = 1,
          .units_per_operation = half,
          .most_rounds = most_rounds,
          .prepare = [half](Connection& server) { fill(server, kept, half); },
          .restore = [half](Connection& server) { fill(server, dropped, half); },
          .check =
              [half](Connection& server) {
                const Reply left = server.command(std::array<std::string_view, 1>{"DBSIZE"});
                expect_deleted(left->integer, half, "what was to stay");
              },
          .ours = [half](const Endpoint& endpoint, std::size_t) { return ours_delete(half, endpoint); },
          .peer = [half](const Endpoint& endpoint, std::size_t) { return peer_delete(half, endpoint); }};
}

}  // namespace bench
