#include <cstddef>
#include <utility>
#include <vector>

#include "cell.hpp"

namespace bench {
namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t many_threads[] = {1, 2, 4, 8, 16, 32, 64};
constexpr std::size_t some_threads[] = {1, 8, 64};

void add(std::vector<Cell>& cells, Cell cell, Transport transport, Mode mode) {
  cell.transport = transport;
  cell.mode = mode;
  cells.push_back(std::move(cell));
}

// What calls cost that a lone thread makes.
void add_lone(std::vector<Cell>& cells, bool quick) {
  constexpr std::size_t sizes[] = {16, kib, 64 * kib, kib * kib};
  std::vector<Cell> kinds;
  for (const std::size_t bytes : sizes) {
    kinds.push_back(get_cell(bytes, 1));
  }
  for (const std::size_t bytes : sizes) {
    kinds.push_back(set_cell(bytes, 1));
  }
  kinds.push_back(get_many_cell(100, 64));
  kinds.push_back(set_many_cell(100, 64));
  kinds.push_back(pipeline_get_cell(100, 64));
  kinds.push_back(pipeline_set_cell(1000, 64));
  kinds.push_back(quick ? delete_pattern_cell(40'000, 11) : delete_pattern_cell(400'000, 5));

  for (const Mode mode : {Mode::pinned, Mode::unpinned}) {
    for (const Transport transport : {Transport::unix_socket, Transport::tcp}) {
      for (const Cell& cell : kinds) {
        add(cells, cell, transport, mode);
      }
    }
    for (const Cell& cell : {get_cell(kib, 1), set_cell(kib, 1)}) {
      add(cells, cell, Transport::tls, mode);
    }
  }
}

void add_threads(std::vector<Cell>& cells, Transport transport, Mode mode) {
  for (const std::size_t threads : many_threads) {
    add(cells, get_cell(64, threads), transport, mode);
  }
  for (const std::size_t threads : many_threads) {
    add(cells, set_cell(64, threads), transport, mode);
  }
  for (const std::size_t threads : some_threads) {
    add(cells, mix_cell(64, threads), transport, mode);
  }
}

}  // namespace

std::vector<Cell> all_cells(bool quick) {
  std::vector<Cell> cells;
  add_lone(cells, quick);
  if (quick) {
    for (const Mode mode : {Mode::pinned, Mode::unpinned}) {
      for (const std::size_t threads : some_threads) {
        add(cells, get_cell(64, threads), Transport::unix_socket, mode);
      }
    }
    for (const Mode mode : {Mode::rtt400us, Mode::rtt1ms}) {
      add(cells, get_cell(64, 1), Transport::tcp, mode);
      add(cells, set_cell(64, 1), Transport::tcp, mode);
    }
    return cells;
  }
  for (const Mode mode : {Mode::pinned, Mode::unpinned}) {
    for (const Transport transport : {Transport::unix_socket, Transport::tcp, Transport::tls}) {
      add_threads(cells, transport, mode);
    }
  }
  for (const Mode mode : {Mode::rtt400us, Mode::rtt1ms}) {
    for (const Transport transport : {Transport::tcp, Transport::tls}) {
      add_threads(cells, transport, mode);
    }
  }
  return cells;
}

}  // namespace bench
