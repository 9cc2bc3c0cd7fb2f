#include "cell.hpp"

#include <utility>

namespace bench {

std::string_view to_string(Transport transport) noexcept {
  return transport == Transport::tcp ? "tcp" : "unix";
}

std::string_view to_string(Mode mode) noexcept {
  switch (mode) {
    case Mode::pinned:
      return "pinned";
    case Mode::unpinned:
      return "unpinned";
    case Mode::rtt400us:
      return "rtt400us";
    case Mode::rtt1ms:
      break;
  }
  return "rtt1ms";
}

std::chrono::microseconds round_trip_of(Mode mode) noexcept {
  switch (mode) {
    case Mode::rtt400us:
      return std::chrono::microseconds{400};
    case Mode::rtt1ms:
      return std::chrono::milliseconds{1};
    default:
      return std::chrono::microseconds{0};
  }
}

std::string Cell::name() const {
  std::string name = bench;
  name.append("/").append(to_string(transport)).append("/").append(to_string(mode));
  return name + "/" + std::to_string(bytes) + "B/" + std::to_string(threads) + "t";
}

std::vector<Cell> all_cells(bool quick) {
  constexpr std::size_t kib = 1024;
  constexpr std::size_t sizes[] = {16, kib, 64 * kib, kib * kib};

  std::vector<Cell> kinds;
  for (const std::size_t bytes : sizes) {
    kinds.push_back(get_cell(bytes, 1));
  }
  for (const std::size_t bytes : sizes) {
    kinds.push_back(set_cell(bytes, 1));
  }
  for (std::size_t t : {1, 2, 4, 8, 16, 32, 64}) kinds.push_back(get_cell(64, t));
  kinds.push_back(get_many_cell(100, 64));
  kinds.push_back(set_many_cell(100, 64));
  kinds.push_back(pipeline_get_cell(100, 64));
  kinds.push_back(pipeline_set_cell(1000, 64));
  kinds.push_back(quick ? delete_pattern_cell(40'000, 11) : delete_pattern_cell(400'000, 5));

  std::vector<Cell> cells;
  for (const Mode mode : {Mode::pinned, Mode::unpinned}) {
    for (const Transport transport : {Transport::unix_socket, Transport::tcp}) {
      for (Cell cell : kinds) {
        cell.transport = transport;
        cell.mode = mode;
        cells.push_back(std::move(cell));
      }
    }
  }
  for (const Mode mode : {Mode::rtt400us, Mode::rtt1ms}) {
    for (Cell cell : {get_cell(64, 1), set_cell(64, 1)}) {
      cell.transport = Transport::tcp;
      cell.mode = mode;
      cells.push_back(std::move(cell));
    }
  }
  return cells;
}

}  // namespace bench
