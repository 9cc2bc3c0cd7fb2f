// One thing that is measured: what is done, how large, by how many threads, over which way to the server.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "batch.hpp"
#include "connection.hpp"

namespace bench {

enum class Transport { unix_socket, tcp, tls };
/// pinned: server and client on one CPU, so the cost in CPU time is compared and placement plays no part.
/// rtt: unpinned, with a network of that round trip in between, where waiting costs more than CPU time.
enum class Mode { pinned, unpinned, rtt400us, rtt1ms };

[[nodiscard]] std::string_view to_string(Transport transport) noexcept;
[[nodiscard]] std::string_view to_string(Mode mode) noexcept;
/// Whom we are compared with over it.
[[nodiscard]] std::string_view peer_over(Transport transport) noexcept;
/// What a network adds to each call; zero when there is none.
[[nodiscard]] std::chrono::microseconds round_trip_of(Mode mode) noexcept;

/// Connects one side: a batch function for each thread. What the threads share, their functions hold.
using Factory = std::function<std::vector<Batch>(const Endpoint& endpoint, std::size_t threads)>;
/// Something done to the server outside the measured time.
using Step = std::function<void(Connection& server)>;

struct Cell {
  std::string bench{};
  std::size_t bytes = 0;  ///< of each value
  std::size_t threads = 1;
  Transport transport = Transport::unix_socket;
  Mode mode = Mode::pinned;
  std::size_t keys = 0;        ///< in the database
  std::string unit = "calls";  ///< what is counted per second
  std::size_t operations = 0;  ///< in a batch, over all threads; 0: as many as take some 30 ms
  std::size_t units_per_operation = 1;
  std::size_t most_rounds = 0;  ///< 0: no limit; for what takes seconds
  Step prepare{};               ///< fills the empty database
  Step restore{};               ///< before every batch, if set
  Step check{};                 ///< after one operation of each side: did it do the same work?
  Factory ours{};
  Factory peer{};

  /// "get/unix/pinned/1024B/1t"
  [[nodiscard]] std::string name() const;
};

/// Every cell there is. `quick` makes those smaller that would take minutes.
[[nodiscard]] std::vector<Cell> all_cells(bool quick);

// What all_cells() puts together, for one way to the server: transport and mode are filled in by it.
[[nodiscard]] Cell get_cell(std::size_t bytes, std::size_t threads);
[[nodiscard]] Cell set_cell(std::size_t bytes, std::size_t threads);
/// 80 % get and 20 % set; 1 % of the values have 64 KiB instead of `bytes`.
[[nodiscard]] Cell mix_cell(std::size_t bytes, std::size_t threads);
[[nodiscard]] Cell get_many_cell(std::size_t keys, std::size_t bytes);
[[nodiscard]] Cell set_many_cell(std::size_t keys, std::size_t bytes);
[[nodiscard]] Cell pipeline_get_cell(std::size_t commands, std::size_t bytes);
[[nodiscard]] Cell pipeline_set_cell(std::size_t commands, std::size_t bytes);
/// Deletes half of `keys`.
[[nodiscard]] Cell delete_pattern_cell(std::size_t keys, std::size_t most_rounds);

}  // namespace bench
