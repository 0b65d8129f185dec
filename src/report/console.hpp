// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>

#include "report/progress.hpp"
#include "strandline/sync.hpp"

namespace strandline::report {

/// What stderr gets while a command works: a line that is drawn again on a
/// terminal, a line a stream and minute elsewhere, and warnings and errors.
/// Under journald each line begins with its priority (sd-daemon(3)). Not
/// thread-safe.
class Console {
 public:
  enum class Detail { quiet, normal, verbose };

  explicit Console(Detail detail);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  Detail detail() const { return detail_; }

  void progress(const Progress& progress);
  void info(const std::string& line);     ///< when verbose
  void warning(const std::string& line);  ///< unless quiet
  void error(const Failure& failure, const std::string& stream = {});

 private:
  enum class Priority { error = 3, warning = 4, info = 6 };

  void write(Priority priority, const std::string& lines);
  void clear();

  Detail detail_;
  bool terminal_;
  bool journal_;
  bool drawn_ = false;
  StreamsAtWork streams_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace strandline::report
