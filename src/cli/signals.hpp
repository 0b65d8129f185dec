// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <csignal>

namespace strandline::cli {

/// Has the system keep how children ended, also where whoever started this
/// program ignores SIGCHLD. To be called before there are any.
void keep_child_statuses();

/// While it lives, the first SIGINT or SIGTERM sets `signal()` instead of
/// ending the process; a second one ends it. One at a time.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  /// 0, or the signal's number.
  const std::atomic<int>& signal() const;

 private:
  struct sigaction interrupt_ {};
  struct sigaction terminate_ {};
};

}  // namespace strandline::cli
