// SPDX-License-Identifier: MIT
#include "report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace strandline::report {

Table::Table(std::vector<std::string> heading, std::vector<bool> right)
    : right_(std::move(right)) {
  add(std::move(heading));
}

void Table::add(std::vector<std::string> row) {
  rows_.push_back({std::move(row), {}});
}

void Table::add_line(std::string line) {
  rows_.push_back({{}, std::move(line)});
}

std::string Table::text() const {
  std::string lines;
  for (const auto& row : rows_) {
    std::string line = row.line;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      line += fmt::format(fmt::runtime(right_[i] ? "{:>{}}" : "{:<{}}"),
                          row.cells[i], width(i));
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines += line + "\n";
  }
  return lines;
}

std::size_t Table::width(std::size_t column) const {
  std::size_t width = 0;
  for (const auto& row : rows_) {
    if (!row.cells.empty()) {
      width = std::max(width, row.cells[column].size());
    }
  }
  return width;
}

}  // namespace strandline::report
