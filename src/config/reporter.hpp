// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/problem.hpp"

namespace strandline::config {

/// A place in the configuration that a problem is about.
struct Place {
  int line = 1;
  int column = 1;       ///< in characters
  int width = 1;        ///< characters to point at; 0: do not show the line
  bool sealed = false;  ///< the line may hold a secret: never show its values
  std::shared_ptr<const std::string> file = {};  ///< none: the user's own
};

/// Collects what is wrong with a file, and with those that it lies over, so
/// that all of it can be said at once. What is said again of the same place, by
/// each stream that lies over it, is said once.
class Reporter {
 public:
  /// `file` is the name to print, `text` what the file holds.
  Reporter(std::string file, std::string text);

  /// Adds a file that the others lie over. Its places have the name `file`.
  void add_file(std::string file, std::string text);

  /// Adds a problem, with the line it is on.
  void problem(const Place& place, std::string message,
               std::vector<Note> notes = {});

  /// Adds a warning, as "FILE:LINE:COLUMN: message".
  void warning(const Place& place, std::string message);

  /// Throws ConfigError with all problems, in the order of the files, if there
  /// are any.
  void raise() const;

  /// All warnings, in the order of the files.
  std::vector<std::string> warnings() const;

  /// Returns the line that `place` is on; empty beyond the end.
  std::string_view line(const Place& place) const;

 private:
  struct File {
    std::string name;
    std::string text;
  };

  struct Finding {
    std::size_t file;  // which of files_
    Place place;
    std::string message;
    std::vector<Note> notes;
  };

  std::size_t file_of(const Place& place) const;
  Problem problem_of(const Finding& finding) const;
  static std::vector<Finding> in_order(std::vector<Finding> findings);

  std::vector<File> files_;
  std::vector<Finding> problems_;
  std::vector<Finding> warnings_;
  std::set<std::pair<std::size_t, int>> sealed_lines_;  // of which file
};

/// True if `line` has a word that goes with secrets, such as "password".
/// `token` is one of them except where it is a path of `page` or `cursor`.
bool names_secret(std::string_view line);

}  // namespace strandline::config
