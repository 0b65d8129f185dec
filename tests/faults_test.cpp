// SPDX-License-Identifier: MIT
//
// A fault at every commit, and at every other call with which the program asks
// the disk for something: for each of them a run that is killed right before or
// right after it, or finds the disk failing or full from there on. After each
// the rows are those of the checkpoint, and a run without a fault brings the
// file to what it would have been.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kill/killer.hpp"
#include "kill/world.hpp"

using namespace strandline::test;

namespace {

constexpr int records = 100;

struct Fault {
  std::string kind;  // as fault_preload.cpp calls it
  std::string call;  // the calls that it makes a difference for; empty: all
};

// Between two calls nothing of the file changes: killed right after one is
// killed right before the next, but for the last.
const std::vector<Fault> faults = {
    {"kill", ""},
    {"kill_after", "sync"},
    {"torn", "write"},
    {"io_error_once", ""},
    {"io_error", ""},
    {"no_space", ""},
    {"short_write", "write"},
};

std::vector<std::string> lines(const std::filesystem::path& file) {
  std::vector<std::string> all;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    all.push_back(line);
  }
  return all;
}

bool is(const std::string& call, const std::string& name) {
  return call.starts_with(name);
}

// Where a transaction may come to count.
bool is_commit(const std::string& call) {
  return is(call, "sync") || is(call, "remove");
}

// The faults for the nth call: all of them, or those that a quick test has time
// for: every kind where a commit may be, else a kill and one kind in turn.
std::vector<std::string> faults_for(const std::string& call, std::size_t n) {
  static const bool all = std::getenv("STRANDLINE_FAULTS_ALL") != nullptr;
  std::vector<std::string> kinds;
  for (const auto& fault : faults) {
    if (is(call, fault.call)) {
      kinds.push_back(fault.kind);
    }
  }
  if (!all && !is_commit(call)) {
    kinds = {"kill", kinds.at(1 + n % (kinds.size() - 1))};
  }
  return kinds;
}

class Sweep {
 public:
  Sweep(const std::string& journal, const std::vector<std::string>& streams)
      : source_(records, 1),
        base_(source_, journal, 1, streams),
        world_(source_, journal, 1, streams) {}

  /// The run that makes the file.
  void first_run() { sweep("first run"); }

  /// One that goes on with an open window and reads what has changed.
  void later_run() {
    run(base_, "none", 0);
    source_.change(60);
    source_.pass_time();
    stop_in_the_middle();
    source_.change(30);
    source_.pass_time();
    sweep("later run");
  }

 private:
  // Leaves the first stream's window open in the base.
  void stop_in_the_middle() {
    Killer killer(source_);
    const auto start = next_start();
    killer.aim({Moment::request, {}, 2, SIGTERM}, start.token,
               base_.database());
    auto child = base_.start(start, output_);
    CHECK(killer.strike(child) == 143);
    base_.check({start}, true);
    CHECK(base_.ledgers().at("ascending").state().window);
  }

  void sweep(const std::string& name) {
    world_.copy_database(base_);
    CHECK(run(world_, "none", 0) == 0);
    world_.require_complete();
    marks_ = marks();
    const auto calls = lines(log_);
    REQUIRE(calls.size() > 50);
    int cases = 0;
    const auto begun = std::chrono::steady_clock::now();
    for (std::size_t at = 0; at < calls.size(); ++at) {
      for (const auto& kind : faults_for(calls[at], at)) {
        CAPTURE(name);
        CAPTURE(kind);
        CAPTURE(at + 1);
        CAPTURE(calls[at]);
        try_fault(kind, static_cast<int>(at + 1));
        ++cases;
      }
    }
    const std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - begun;
    std::cout << fmt::format("{}: {} calls, {} faults in {:.1f} s\n", name,
                             calls.size(), cases, time.count());
  }

  void try_fault(const std::string& kind, int at) {
    world_.copy_database(base_);
    try {
      const int code = run(world_, kind, at);
      const bool met = !lines(log_).empty();
      if (kind == "kill" || kind == "kill_after" || kind == "torn") {
        CHECK(code == (met ? -SIGKILL : 0));
      } else if (code == 0) {
        world_.require_complete();
      } else {
        CHECK_MESSAGE((code == 10 || (code >= 65 && code <= 75 && code != 70)),
                      "exit code " << code);
        CHECK(error_.find("strandline: ") != std::string::npos);
      }
      CHECK(run(world_, "none", 0) == 0);
      world_.require_complete();
      CHECK(marks() == marks_);
    } catch (const Violation& violation) {
      FAIL_CHECK(std::string(violation.what()) << "\n" << error_);
    }
  }

  // Returns the exit code, after a look at what the run left behind.
  int run(World& world, const std::string& kind, int at) {
    const auto start = next_start();
    std::filesystem::remove(log_);
    auto child =
        world.start(start, output_,
                    {"LD_PRELOAD=" + preload_,
                     "STRANDLINE_FAULT_FILE=" + world.database().string(),
                     "STRANDLINE_FAULT=" + kind,
                     "STRANDLINE_FAULT_AT=" + std::to_string(at),
                     "STRANDLINE_FAULT_LOG=" + log_.string()});
    REQUIRE(child.ends_within(std::chrono::seconds(30)));
    const int code = child.wait();
    error_ = child.err();
    world.check({start}, true);
    return code;
  }

  Start next_start() { return {fmt::format("token-of-run-{}", ++runs_), {}}; }

  std::map<std::string, std::optional<std::int64_t>> marks() const {
    std::map<std::string, std::optional<std::int64_t>> all;
    for (const auto& [name, ledger] : world_.ledgers()) {
      all[name] = ledger.state().mark;
    }
    return all;
  }

  ChangingSource source_;
  World base_;   // what each faulted run begins with
  World world_;  // where it happens
  TempDir output_;
  std::filesystem::path log_ = output_.path() / "calls.txt";
  std::string preload_ = std::getenv("STRANDLINE_FAULT_PRELOAD");
  std::map<std::string, std::optional<std::int64_t>> marks_;
  std::string error_;  // of the last run
  int runs_ = 0;
};

}  // namespace

TEST_SUITE("a fault at every call leaves rows and checkpoint together") {
  TEST_CASE("with a write-ahead log, in the run that makes the file") {
    Sweep("wal", {"ascending"}).first_run();
  }
  TEST_CASE("with a write-ahead log, in a run that goes on") {
    Sweep("wal", {"ascending", "snapshot"}).later_run();
  }
  TEST_CASE("with a rollback journal, in the run that makes the file") {
    Sweep("rollback", {"ascending"}).first_run();
  }
  TEST_CASE("with a rollback journal, in a run that goes on") {
    Sweep("rollback", {"ascending", "snapshot"}).later_run();
  }
}
