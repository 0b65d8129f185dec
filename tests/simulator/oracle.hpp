// SPDX-License-Identifier: MIT
//
// Knows the source's own history, looks at the database after every commit, and
// says what no state of it may be.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "database_view.hpp"
#include "process.hpp"
#include "world.hpp"

namespace strandline::simulator {

/// What was broken, and how it shows.
struct Violation {
  std::string invariant;
  std::string text;
};

/// Of a record, the version that the source shows and the row does not hold.
struct Missing {
  const Version* version = nullptr;
  std::int64_t held = 0;  ///< the row's version; 0: no row
};

class Oracle {
 public:
  Oracle(const Scenario& scenario, const World& world);

  /// Looks at the file from now on.
  void open(const std::filesystem::path& file);
  void close() { view_.reset(); }

  /// Judges the state that `process` has just committed.
  std::optional<Violation> committed(Process& process);

  /// The versions that the table should hold, and does not.
  std::vector<Missing> missing();

  /// Judges the file after the last run.
  std::optional<Violation> finished();

  DatabaseView& view() { return *view_; }
  const CheckpointRow& checkpoint() const { return before_; }
  std::string describe(const Version& version) const;
  std::string mark_text() const;

 private:
  std::optional<Violation> judge_rows(Process& process,
                                      const CheckpointRow& now);
  std::optional<Violation> judge_counts(const Process& process,
                                        const RunRow& run) const;
  std::optional<Violation> judge_mark(const CheckpointRow& now) const;
  std::optional<Violation> judge_end(const Process& process) const;
  std::optional<Violation> judge_window(const CheckpointRow& now);
  void take_page(Process& process, const GivenPage& page);
  std::int64_t lower_bound(std::int64_t mark) const;
  bool is_below(const GivenPage& page) const;
  void watch_order(const Version& version);

  const Scenario& scenario_;
  const World& world_;
  const Promise promise_;
  std::unique_ptr<DatabaseView> view_;
  CheckpointRow before_;
  Rows rows_;           ///< as they should be
  std::set<int> seen_;  ///< records of the window, where the first wins
  std::int64_t seen_number_ = 0;
  std::map<std::int64_t, Ms> looked_;  ///< for a window's first page, by number
  std::optional<std::int64_t> last_stamp_;  ///< in units, in this window
  bool ordered_ = true;                     ///< descending, so far
  Ms window_looked_ms_ = 0;                 ///< for that of the newest window
};

}  // namespace strandline::simulator
