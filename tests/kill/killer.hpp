// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "changing_source.hpp"
#include "child.hpp"

namespace strandline::test {

/// When a run is killed.
enum class Moment {
  delay,      ///< so long after its start
  request,    ///< when its nth request has come, to which there is no answer
  answer,     ///< so long after the answer to its nth request
  file,       ///< at the nth change of the database, its journals and its lock
  main_file,  ///< at the nth change of the database itself
  journal_end,  ///< when the journal is removed, for the nth time
};
inline constexpr std::size_t moment_count = 6;

const char* to_text(Moment moment);

struct KillPlan {
  Moment moment = Moment::delay;
  std::chrono::microseconds delay{0};
  int nth = 1;
  int signal = SIGKILL;
};

/// Kills one run after the other at planned moments.
class Killer {
 public:
  /// Sets the source's hook.
  explicit Killer(ChangingSource& source);
  ~Killer();
  Killer(const Killer&) = delete;
  Killer& operator=(const Killer&) = delete;

  /// Prepares for a run that is about to start: `token` is what it goes by,
  /// `database` what it writes to.
  void aim(const KillPlan& plan, const std::string& token,
           const std::filesystem::path& database);
  /// Waits for the moment and kills; returns as `Child::wait` does. A run that
  /// ends before is left to.
  int strike(Child& child);

  /// Holds back the answer to the first request of the run aimed at, until
  /// release().
  void hold();
  void release();
  /// Waits for that request; false if the run ends before.
  bool holds(const Child& child);

 private:
  void at_request(const std::string& run, int request);
  void hold_while_it_ends(const std::string& run, pid_t victim);
  bool is_aimed_at(const std::string& run);
  bool has_come();
  void wait_for_files(const Child& child);

  ChangingSource& source_;
  KillPlan plan_;
  std::string database_name_;
  int events_;  // an inotify descriptor: one for ever, closing it is slow
  std::map<std::filesystem::path, int> watches_;
  int watch_ = 0;  // that of the database's folder
  int seen_ = 0;
  std::mutex mutex_;  // over token and plan, which the server's threads read
  std::string token_;
  std::atomic<int> inside_{0};  // threads in at_request
  std::atomic<pid_t> victim_{0};
  std::atomic<bool> answered_{false};
  std::atomic<bool> hold_{false};
  std::atomic<bool> held_{false};
};

}  // namespace strandline::test
