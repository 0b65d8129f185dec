// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/checkpoint.hpp"
#include "model/definition.hpp"
#include "model/mark.hpp"
#include "model/records.hpp"

namespace strandline::store {

/// Where a transaction stands when someone is told of it.
enum class CommitMoment {
  before,  ///< all is written, and would be gone after a crash
  after,   ///< all would be there after a crash
};

/// Told of every transaction that commits something, by the thread that does.
/// It must not throw, nor use the store.
using OnCommit = std::function<void(CommitMoment)>;

/// What a batch or a run did to a table, and what it took.
struct Counts {
  std::int64_t fetched = 0;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;
  std::int64_t stale = 0;  ///< older than what is there: not written
  std::int64_t rejected = 0;
  /// Of the others, those whose key an earlier one of their batch had.
  std::int64_t repeated = 0;
  /// Of `repeated`, those that wrote over a record of their own page.
  std::int64_t replaced = 0;
  std::int64_t deleted = 0;  ///< rows marked deleted, or removed
  /// Records whose children cannot be asked for: they lack a value.
  std::int64_t without_children = 0;
  std::int64_t requests = 0;
  std::int64_t retries = 0;  ///< of the requests
  std::int64_t bytes = 0;
  model::CursorCounts cursors;
  /// The longest that a record which was new or changed came after its cursor,
  /// counted from `Batch::late_below`; nothing if none came late.
  std::optional<double> lateness_s;

  Counts& operator+=(const Counts& other);
};

/// When a list was last read to its end, by our own clock.
struct CompleteTimes {
  std::optional<model::Instant> any;   ///< whatever the window
  std::optional<model::Instant> full;  ///< from its begin
};

/// What becomes of rows that a whole reading did not bring.
struct Sweep {
  bool remove = false;     ///< the rows go; else they are marked
  bool twice = false;      ///< only those that were missing before
  double limit = 0.2;      ///< share of the table beyond which none is touched
  bool approved = false;   ///< whatever their number
  std::int64_t since = 0;  ///< number of the window that the reading began with
  std::optional<model::CursorValue> from;  ///< its lower bound; none: none
  /// Columns and their values as text: only rows that have them are swept.
  std::vector<std::pair<std::string, std::string>> scope = {};
  /// Deleted by earlier sweeps of the run; counts with these for the limit.
  std::int64_t before = 0;
};

/// What a sweep found.
struct Swept {
  std::int64_t deleted = 0;
  std::int64_t kept = 0;  ///< missing, and beyond the limit
  std::int64_t rows = 0;  ///< of the table before
  std::int64_t once = 0;  ///< missing for the first time
  /// A record came whose key could not be read: it may be any row's.
  bool unknown_keys = false;
  /// Rows were loaded from before where the reading began.
  bool before_start = false;
};

/// A parent record whose children are still to be read.
struct PendingParent {
  std::string key;
  std::string values;        ///< as model::parent_values writes them
  std::int64_t version = 1;  ///< rises when the record changes meanwhile
  std::int64_t run_id = 0;   ///< that made them due
  model::Position position;  ///< empty: from the begin
};

/// Where a list stands, as it can be put into another file.
struct Standing {
  model::Checkpoint checkpoint = {};
  std::optional<model::Instant> full_at = {};  ///< as CompleteTimes
  /// Of children: the records for which they are still to be read.
  std::vector<PendingParent> due = {};
};

/// What a page does for the parent whose children it brings.
struct ParentStep {
  std::string parent_key;
  std::int64_t version = 1;
  bool begins = false;  ///< it is the first page
  bool done = false;    ///< it is the last page
  model::Position position;
  /// At the end: rows of this parent that were not brought are swept, as the
  /// batch's `sweep` says; without columns none are.
  std::vector<std::pair<std::string, std::string>> scope;
};

/// How many records did not fit.
struct RejectShare {
  std::int64_t rejected = 0;
  std::int64_t fetched = 0;  ///< rejects among them
};

/// A reason that rejects have in common: they have the same trouble with the
/// same column.
struct CommonReason {
  std::string example;  ///< that of one of them
  std::int64_t rejects = 0;
};

/// What is committed in one transaction, and where the stream stands after it.
struct Batch {
  std::vector<model::RecordBatch> pages;  ///< whole pages, in order
  model::Checkpoint after;
  /// Requests, retries, bytes and cursors; the rest is counted by the commit.
  Counts counts;
  /// The number of a window in which the first record of a key counts, in this
  /// batch or an earlier one: the others are stale. (A window that is begun
  /// anew has another number.) Nothing: the last counts.
  std::optional<std::int64_t> first_wins;
  /// The number of the window, where a whole reading goes on whose sweep is
  /// due: the keys are noted under it.
  std::optional<std::int64_t> noted;
  /// What is to be done at the end of a whole reading: of the list, or, in a
  /// second list, of both, if that of the first is due. Goes with `noted`.
  std::optional<Sweep> sweep;
  /// The lower bound of the window, where it was one of the list's mark or
  /// start or of a person; inside nothing: it had none.
  std::optional<std::optional<model::CursorValue>> from;
  /// The children of each record are due, also of those that are as they were.
  bool children_due = false;
  /// Of children: one for each of `pages`.
  std::vector<ParentStep> steps = {};
  /// Records and rejects that the run committed before, which the stream's
  /// limit of rejects is about too; none: there is no limit.
  std::optional<RejectShare> before;
  /// The mark when the window began: a record that is new or changed although
  /// its cursor is not after it came late.
  std::optional<model::Instant> late_below;
};

/// How a stream's part in a run ended.
enum class Outcome {
  ok,
  failed,
  interrupted,
  stuck,  ///< the source refused the window's position again and again
};

/// "ok", "failed", "interrupted", "stuck".
const char* to_text(Outcome outcome);

/// What the run history keeps of the end.
struct Ending {
  Outcome outcome = Outcome::ok;
  int exit_code = 0;
  std::string error;  ///< empty: none
  std::vector<std::string> warnings;
  Counts uncommitted;  ///< requests of pages that were never committed
};

/// How a stream's part in a run begins.
struct Beginning {
  std::string fingerprint;
  bool full = false;
  std::string mode;  ///< for the run history; may be empty
};

/// What `Store::rewind` did.
struct Rewound {
  model::CursorValue from;
  model::CursorValue to;
  bool had_window = false;  ///< an open window was dropped
};

/// What `Store::reset` forgot.
struct Forgotten {
  std::optional<model::CursorValue> mark;
  std::int64_t rows = 0;
  std::int64_t rejects = 0;
};

class StreamWriter;

/// How long other programs that use the file are waited for.
inline constexpr std::chrono::milliseconds default_patience{10'000};

/// A database file, held by this run alone. Every member throws StoreError.
///
/// `enter_failure` and all of StreamWriter, each writer with one thread, may be
/// called by several threads at once: they take turns at the file, in the order
/// in which they came. The others are for one thread while no other is at work.
class Store {
 public:
  /// Takes the file's lock and opens it, as `open_for_writing` says. Another
  /// program's transaction is waited for as long as `patience`. From then on
  /// `on_commit` is told of every commit, if it is not empty.
  Store(const std::filesystem::path& file, model::Journal journal,
        std::chrono::milliseconds patience = default_patience,
        OnCommit on_commit = {});
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Begins a run: gives it the next number, and closes the rows of runs that
  /// were killed. `now` is our own clock.
  std::int64_t begin_run(model::Instant now);

  /// Enters a list in the run's history that failed before it could begin.
  void enter_failure(std::int64_t run_id, const std::string& pipeline_name,
                     const Ending& ending, model::Instant now);

  /// Moves a stream's mark back to `to` and drops its open window, so that the
  /// next run reads from there again, in a run of its own. Throws StoreError
  /// (ExitCode::usage), and changes nothing, if the stream has no mark, or one
  /// that `to` is not before or of another kind.
  Rewound rewind(const model::StreamDefinition& stream,
                 const model::CursorValue& to, model::Instant now);

  /// Returns what `rewind` would do, and changes nothing. Throws as it does.
  Rewound plan_rewind(const model::StreamDefinition& stream,
                      const model::CursorValue& to);

  /// Returns the mark that a stream had at the end of a run; nothing if it had
  /// none. Throws StoreError (ExitCode::usage), which names the newest runs, if
  /// it had no part in that run.
  std::optional<model::CursorValue> mark_after_run(
      const model::StreamDefinition& stream, std::int64_t run_id);

  /// Forgets where a stream and its other lists stand, in a run of its own: the
  /// next run begins as the first did. With `rows` also deletes every row of
  /// the table, which itself stays, and the stream's rejects. A table that was
  /// dropped may be made anew. Throws StoreError (ExitCode::configuration) if
  /// `rows` and the table is not the stream's.
  Forgotten reset(const model::StreamDefinition& stream, bool rows,
                  model::Instant now);

  /// Returns where a list stands (`source.stream`, or with a suffix); nothing
  /// if it was never begun.
  std::optional<model::Checkpoint> checkpoint(const std::string& pipeline_name);

  /// Returns at most `limit` records whose children, the stream of that name
  /// (`source.stream`), are still to be read, those that have waited longest
  /// first.
  std::vector<PendingParent> pending(const std::string& child,
                                     std::size_t limit);

  /// True if a stream was never read, and rows that its parent loaded before
  /// the run `run_id` are not due for it: it was added after them.
  bool was_added_later(const model::StreamDefinition& child,
                       const model::StreamDefinition& parent,
                       std::int64_t run_id);

  /// When a list was last complete.
  CompleteTimes complete_times(const std::string& pipeline_name);

  /// Makes a list stand where `standing` says, its fingerprint included,
  /// whatever it had: the next run goes on from there. The rows stay as they
  /// are. The generation is one that no run has seen, not the checkpoint's. An
  /// empty one makes the next run the first.
  void seed(const std::string& pipeline_name, const Standing& standing,
            model::Instant now);

  /// Deletes what is older than `keep`: runs of the history and rejects that
  /// are resolved. Of each list stay the newest runs, as many as `status` looks
  /// at (30), the newest good one, and the one that its checkpoint names. Looks
  /// at so many rows at most that no run is held up; the next goes on.
  void prune(std::chrono::seconds keep, model::Instant now);

  /// Empties the write-ahead log into the database file, so that the file alone
  /// holds everything. Does not wait for other programs: while one of them
  /// reads what is in the log, that stays there.
  void checkpoint_log();

  struct Impl;

 private:
  friend class RejectRetry;
  friend class StreamWriter;
  std::unique_ptr<Impl> impl_;
};

/// Returns where a list stands as the file says; an empty one where there is no
/// file, or nothing of the list in it. Takes no lock and changes nothing.
/// Throws StoreError.
Standing read_standing(const std::filesystem::path& file,
                       const std::string& pipeline_name);

/// A stream's table, checkpoint, rejects and row of the run history, held by
/// one run. For one thread at a time; see Store. Every member throws
/// StoreError; after one that writes has, the writer only answers `finish`. An
/// error that spoils the connection takes it from all writers of the store: the
/// others go on with a new one.
class StreamWriter {
 public:
  /// Takes the list's checkpoint for the run and enters the list in its
  /// history; table and rejects are the stream's whatever the list. `stream`
  /// must outlive it. With `full` the open window is dropped, the generation
  /// raised, and a table that was dropped may be made anew; where history is
  /// read in steps, the mark is dropped too. Throws StoreError
  /// (ExitCode::configuration) if the mark was made by another definition, or
  /// the table or a column of it was dropped, and not `full`; a backfill of
  /// another definition
  /// just begins anew.
  StreamWriter(Store& store, std::int64_t run_id,
               const model::StreamDefinition& stream,
               const Beginning& beginning, model::Instant now);
  ~StreamWriter();
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;

  /// The checkpoint as last committed.
  const model::Checkpoint& checkpoint() const;

  /// Commits rows, rejects, counts and `batch.after` in one transaction, and
  /// returns the batch's counts. With more rejects than the stream may have the
  /// checkpoint stays as it is, so that the batch will be read again. Throws
  /// StoreError (ExitCode::temporary), and commits nothing, if another run has
  /// taken the checkpoint meanwhile. Where the database does not say whether it
  /// was committed, the file is opened again and read: then it returns or
  /// throws as the file has it.
  Counts commit(const Batch& batch, model::Instant now);

  /// Returns the reason that most of the run's open rejects have.
  CommonReason commonest_reason() const;

  /// What the batches that were committed did with the table's columns that a
  /// person should know, as sentences.
  std::vector<std::string> notices() const;

  /// Returns the newest mark at the end of a run of this list that is not after
  /// `no_later_than`, as values.
  std::optional<model::CursorValue> mark_in_history(
      const model::CursorValue& no_later_than);

  /// Makes `mark` the mark, in a transaction of its own, with no window open
  /// and nothing left of the last complete one but its number. Throws as
  /// `commit` if another run has taken the checkpoint.
  void move_mark(const std::optional<model::CursorValue>& mark,
                 model::Instant now);

  /// Returns the table's rows that are not marked deleted.
  std::int64_t rows() const;

  /// What the sweep of the last batch found; nothing if there was none.
  const std::optional<Swept>& swept() const;

  /// When the list was last complete before this run.
  const CompleteTimes& complete_times() const;

  /// Enters the end in the run history.
  void finish(const Ending& ending, model::Instant now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace strandline::store
