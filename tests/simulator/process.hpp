// SPDX-License-Identifier: MIT
//
// One run of the program in the simulated world: the real sync code, stopped
// at every step that another process or a power cut could see.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/transport.hpp"
#include "model/instant.hpp"
#include "scenario.hpp"
#include "strandline/sync.hpp"

struct sqlite3;

namespace strandline::simulator {

class Simulation;

/// A page that a process was given.
struct GivenPage {
  std::vector<std::int64_t> rows;    ///< versions by number
  std::int64_t rows_so_far = 0;      ///< in the process, this page among them
  bool end = false;                  ///< the answer says that it is the last
  bool of_all = false;               ///< it begins the list of everything
  Ms looked_ms = 0;                  ///< when the source looked
  std::optional<Ms> anchor_ms;       ///< T0 of a window that begins with it
  std::optional<std::string> token;  ///< it names for the next run
};

/// Thrown out of everything a process does once it is dead.
class Death : public std::exception {
 public:
  const char* what() const noexcept override { return "the process died"; }
};

class Process {
 public:
  Process(Simulation& simulation, const RunPlan& plan, std::string name,
          bool second);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Runs the program to its end, whichever way.
  SyncSummary run();

  /// Called by SQLite's hooks for each connection that the process opens.
  void attach(sqlite3* database);
  bool before_commit() noexcept;  ///< false: the process is dead
  void after_statement() noexcept;
  void after_rollback() noexcept { committing_ = false; }

  /// What the process does on its way out.
  void send(const http::Request& request, http::Response& response);

  bool dead() const { return dead_; }
  const std::string& name() const { return name_; }
  const RunPlan& plan() const { return plan_; }

  /// Of a backfill: from where on.
  std::int64_t since() const;
  /// Of a backfill that has an end: up to there.
  std::optional<std::int64_t> until() const;

  /// Forgets the pages that are not committed: none of them will be.
  void drop_pages();

  // The oracle's notes.
  std::int64_t run_id = 0;             ///< 0: it has not taken the checkpoint
  bool fenced = false;                 ///< another run has taken it since
  std::optional<std::int64_t> target;  ///< of a rewind: the mark
  bool token_refused = false;  ///< the source knew the stream's token no more
  std::string refused_token;
  std::size_t pages_before_refusal = 0;
  bool went_back = false;  ///< with the source's clock
  std::vector<GivenPage> pages;
  std::size_t committed_pages = 0;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;
  std::int64_t stale = 0;

 private:
  model::Instant now() const;
  SyncSummary sync();
  SyncSummary act();
  std::string bound(std::int64_t bound) const;
  void step(const char* what, bool may_be_overtaken);
  bool survives(const char* what) noexcept;
  void die();
  void await_writer();
  void told(const Progress& progress);

  Simulation& simulation_;
  RunPlan plan_;
  std::string name_;
  bool second_;
  bool overtaken_ = false;
  int steps_ = 0;
  int requests_ = 0;
  bool committing_ = false;
  bool dead_ = false;

  // The fetcher waits for the writer, so that a case goes the same way twice.
  std::mutex mutex_;
  std::condition_variable written_;
  std::size_t unwritten_rows_ = 0;
};

/// Makes SQLite tell each process of its commits. Once a program.
void watch_connections();

}  // namespace strandline::simulator
