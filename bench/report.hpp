// How results are shown: a table for people, JSON for programs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cell.hpp"
#include "machine.hpp"
#include "runner.hpp"

namespace bench {

struct Measured {
  Cell cell;
  Result result;
};

void print_facts(const Facts& facts);
/// Sized for these cells; one row each as they are done.
class Table {
 public:
  explicit Table(const std::vector<Cell>& cells);
  void print_header() const;
  void print(const Measured& measured) const;
  void print_failure(const Cell& cell, const std::string& why) const;

 private:
  int name_width_ = 0;
};

/// A list of objects, one for each cell. Throws when the file cannot be written.
void write_json(const std::filesystem::path& file, const std::vector<Measured>& all, const Facts& facts);

}  // namespace bench
