// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "report/progress.hpp"
#include "strandline/sync.hpp"

namespace strandline::report {

/// What stderr gets while a command works: a line that is drawn again on a
/// terminal, a line a stream and minute elsewhere, and warnings and errors.
/// Under journald each line begins with its priority (sd-daemon(3)).
/// Thread-safe.
class Console {
 public:
  enum class Detail { quiet, normal, verbose };

  explicit Console(Detail detail);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  Detail detail() const { return detail_; }

  void progress(const Progress& progress);

  /// A line for waits of ten seconds or more, and for all when verbose; on a
  /// terminal the others are drawn where the progress is.
  void waiting(const Waiting& waiting);

  /// Says on a terminal what is being done, in the place of the progress; with
  /// an empty line nothing any more.
  void working(const std::string& line);

  void info(const std::string& line);     ///< when verbose
  void warning(const std::string& line);  ///< unless quiet
  void error(const Failure& failure, const std::string& stream = {});

 private:
  enum class Priority { error = 3, warning = 4, info = 6 };

  // All with the mutex held.
  void draw(const std::string& line);
  void write(Priority priority, const std::string& lines);
  void clear();

  Detail detail_;
  bool terminal_;
  bool journal_;
  std::mutex mutex_;
  bool drawn_ = false;
  StreamsAtWork streams_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace strandline::report
