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

  /// Judges a run that would not go on because of the source's clock.
  std::optional<Violation> refused(const Process& process) const;

  /// True if a backfill has more to read.
  bool is_backfill_open() const {
    return backfill_.before.open || backfill_.before.mark.has_value();
  }

  /// True if the loss of a version is what the documentation says.
  bool may_be_lost(const Version& version) const;

  /// Judges what the sweep of a whole reading that is done has left.
  std::optional<Violation> swept() const;

  /// How many rows were marked deleted.
  std::int64_t marked() const { return swept_; }

  /// Judges the file after the last run.
  std::optional<Violation> finished();

  DatabaseView& view() { return *view_; }
  const CheckpointRow& checkpoint() const { return own_.before; }
  /// The run that last took the list which `process` reads.
  std::int64_t holder(const Process& process) const;
  /// The marks that runs ended with, by run; none: it had none.
  const std::map<std::int64_t, std::optional<std::int64_t>>& history() const {
    return history_;
  }
  std::string describe(const Version& version) const;
  std::string mark_text() const { return mark_text(own_.before.mark); }
  std::string mark_text(const std::optional<std::int64_t>& mark) const;

 private:
  using Judgement = std::optional<Violation>;

  /// How a window began.
  struct Begin {
    Ms looked_ms = 0;
    std::optional<Ms> anchor_ms;
  };

  /// The stream's own list, or that of its backfills.
  struct ListState {
    const char* name = own_list;
    CheckpointRow before;
    std::set<int> seen;  ///< records of the window, where the first wins
    std::int64_t seen_number = 0;
    std::map<std::int64_t, Begin> begun;     ///< windows, by number
    Begin window;                            ///< the newest
    std::optional<std::int64_t> last_stamp;  ///< in units, in this window
    std::optional<std::string> token;        ///< the last that it named
    bool ordered = true;                     ///< descending, so far
  };

  // oracle.cpp: what is in the file.
  ListState& list_of(const Process& process);
  Judgement judge_lists(const Process& process);
  Judgement judge_rows(Process& process, const CheckpointRow& now);
  Judgement take_sweep(const Process& process, const Rows& found,
                       bool complete);
  bool was_ever_away(const Process& process, int id) const;
  Judgement compare_rows();
  Judgement judge_counts(const Process& process, const RunRow& run) const;
  void take_page(Process& process, const GivenPage& page);
  void watch_order(const Version& version);

  // oracle_mark.cpp: windows and the mark.
  Judgement judge_mark(const CheckpointRow& now) const;
  Judgement judge_set_back(Process& process, const CheckpointRow& now);
  Judgement judge_clock(const Process& process) const;
  Judgement judge_end(const Process& process) const;
  Judgement judge_window(const CheckpointRow& now);
  std::optional<std::int64_t> mark_before(Ms anchor) const;
  Ms overlap_ms() const;
  std::int64_t lower_bound(std::int64_t mark) const;
  std::optional<std::int64_t> from(const Process* process) const;
  bool is_below(const Process& process, const GivenPage& page) const;
  bool is_asked_for(const Version& version) const;
  bool is_beyond_promise(const Version& version) const;

  // oracle_feed.cpp: tokens.
  Judgement judge_token(const Process& process, const CheckpointRow& now);
  Judgement judge_use_of_token(const Process& process, const CheckpointRow& now,
                               std::size_t pages) const;

  // oracle_action.cpp: what a person does to where the stream stands.
  Judgement judge_action(Process& process);
  Judgement judge_reset(const CheckpointRow& now);
  Judgement judge_backfill(const Process& process, const CheckpointRow& now,
                           std::size_t pages);
  std::int64_t reach_of_backfill(const Process& process) const;
  std::vector<Missing> missing_at_all();

  const Scenario& scenario_;
  const World& world_;
  const Promise promise_;
  std::unique_ptr<DatabaseView> view_;
  ListState own_;
  ListState backfill_;
  ListState* list_ = &own_;  ///< that of the process at hand
  Rows rows_;                ///< as they should be
  std::map<std::int64_t, std::optional<std::int64_t>> history_;
  std::int64_t last_action_ = 0;       ///< the run of a rewind or reset
  Ms backfill_looked_ms_ = 0;          ///< for the backfill's first page
  std::optional<Ms> backfill_anchor_;  ///< T0 of that
  std::set<int> set_back_;  ///< records that a backfill brought from before
  std::int64_t swept_ = 0;  ///< rows that were marked
  bool disturbed_ = false;  ///< the own list was read while a backfill was open
};

/// The length of what the stream's format tells apart, in milliseconds.
Ms unit_of(const Scenario& scenario);

/// A time for people, or for the program.
std::string time_text(Ms time);

}  // namespace strandline::simulator
