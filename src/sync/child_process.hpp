// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>

namespace strandline::sync {

/// A process that does one thing. It is killed and waited for at the scope's
/// end, and dies with this one.
class ChildProcess {
 public:
  /// Forks, and calls `work` there; what it returns is the exit code, 70 if it
  /// throws. Nobody here should be in another thread, as of those none is
  /// there. Throws Error (ExitCode::temporary) if there is no process to have.
  explicit ChildProcess(const std::function<int()>& work);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Waits until it has ended, at most so long and not after `stop`, which may
  /// be null, is set. True if it has.
  bool ends_within(std::chrono::microseconds time,
                   const std::atomic<int>* stop);

  /// Ends it by SIGKILL, if it has not ended.
  void kill();

  /// True if SIGKILL ended it. It has ended.
  bool was_killed() const;

  /// The exit code of one that was not killed.
  int exit_code() const;

 private:
  bool look(int options);

  pid_t pid_ = 0;
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace strandline::sync
