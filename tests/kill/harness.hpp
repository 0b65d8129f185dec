// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>

#include "killer.hpp"
#include "world.hpp"

namespace strandline::test {

/// What was done, to be told at the end.
struct KillCounts {
  int kills = 0;
  int runs = 0;     ///< starts of the program
  int done = 0;     ///< of these, ended well before they were killed
  int twins = 0;    ///< two at once on one file
  int refused = 0;  ///< of these, one that found the other at work (11)
  int settled = 0;  ///< times the file was compared with the source
  int fresh = 0;    ///< files made anew
  std::array<int, moment_count> by_moment{};
};

/// Kills the program at random moments of random runs on three databases: one
/// with a write-ahead log, one with a rollback journal, and one that is made
/// anew again and again; and looks at each after every run.
class KillHarness {
 public:
  explicit KillHarness(std::uint32_t seed);

  /// Goes on until so many runs were killed. Throws Violation, whose text
  /// says at which kill and where the files are, which are then kept.
  void run(int kills);

  const KillCounts& counts() const { return counts_; }

 private:
  void step();
  void run_one(World& world);
  void run_twins(World& world);
  void settle(World& world);
  void look_at(World& world, const std::vector<Start>& starts);

  Start random_start();
  KillPlan random_plan(World& world);
  void change_source();
  int kill_one(World& world, const Start& start, const KillPlan& plan);
  void count(int code, const KillPlan& plan, const Child& child);
  int random(int from, int to);

  std::mt19937 random_;
  ChangingSource source_;
  World wal_;
  World rollback_;
  World fresh_wal_;
  World fresh_rollback_;
  Killer killer_;
  TempDir output_;
  TempDir twin_output_;
  KillCounts counts_;
  std::chrono::microseconds length_{100'000};  // of a run that was done
  std::string doing_;
};

}  // namespace strandline::test
