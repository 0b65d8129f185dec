// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "strandline/error.hpp"

namespace strandline::config {

/// One thing that is wrong with a configuration, and where.
struct Problem {
  std::string file;  ///< as it was given to `load`
  int line = 1;
  int column = 1;       ///< in characters
  std::string message;  ///< a sentence without a final stop

  /// What helps. The note labelled "line" is to be printed as it is: the line
  /// of the file, and below it a caret under the place.
  std::vector<Note> notes;

  /// "FILE:LINE:COLUMN: message".
  std::string text() const;
};

/// A configuration that cannot be used. `what()` and `notes()` are about its
/// first problem; the code is always `ExitCode::configuration`.
class ConfigError : public Error {
 public:
  /// Of `problems`, at least one, in the order of the file.
  explicit ConfigError(std::vector<Problem> problems);

  /// Everything that is wrong, in the order of the file.
  const std::vector<Problem>& problems() const noexcept { return problems_; }

 private:
  std::vector<Problem> problems_;
};

}  // namespace strandline::config
