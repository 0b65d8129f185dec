// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"

namespace strandline::config {

/// A place in the configuration that a problem is about.
struct Place {
  int line = 1;
  int column = 1;       ///< in characters
  int width = 1;        ///< characters to point at; 0: do not show the line
  bool sealed = false;  ///< the line may hold a secret: never show its values
};

/// Collects what is wrong with one file, so that all of it can be said at once.
class Reporter {
 public:
  /// `file` is the name to print, `text` what the file holds.
  Reporter(std::string file, std::string text);

  /// Adds a problem, with the line it is on.
  void problem(const Place& place, std::string message,
               std::vector<Note> notes = {});

  /// Adds a warning, as "FILE:LINE:COLUMN: message".
  void warning(const Place& place, std::string message);

  /// Throws ConfigError with all problems, in the order of the file, if there
  /// are any.
  void raise() const;

  /// All warnings, in the order of the file.
  std::vector<std::string> warnings() const;

  /// Returns the line `number`, counted from 1; empty beyond the end.
  std::string_view line(int number) const;

 private:
  struct Finding {
    Place place;
    std::string message;
    std::vector<Note> notes;
  };

  Problem problem_of(const Finding& finding) const;

  std::string file_;
  std::string text_;
  std::vector<Finding> problems_;
  std::vector<Finding> warnings_;
  std::set<int> sealed_lines_;
};

/// True if `line` has a word that goes with secrets, such as "password".
/// `token` is one of them except where it is a path of `page` or `cursor`.
bool names_secret(std::string_view line);

}  // namespace strandline::config
