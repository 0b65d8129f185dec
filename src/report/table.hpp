// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace strandline::report {

/// Columns of text, two spaces apart, each as wide as its widest cell.
class Table {
 public:
  /// Begins with a heading; `right` says of each column whether it is set to
  /// the right.
  Table(std::vector<std::string> heading, std::vector<bool> right);

  /// Adds a row, which has a cell for each column.
  void add(std::vector<std::string> row);

  /// Adds a line that is no row, as it stands.
  void add_line(std::string line);

  /// Returns all rows, a line each, without blanks at a line's end.
  std::string text() const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::string line;  ///< in the place of cells
  };

  std::size_t width(std::size_t column) const;

  std::vector<bool> right_;
  std::vector<Row> rows_;
};

}  // namespace strandline::report
