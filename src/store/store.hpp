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
  std::int64_t deleted = 0;  ///< rows marked deleted, or removed
  std::int64_t requests = 0;
  std::int64_t retries = 0;  ///< of the requests
  std::int64_t bytes = 0;
  model::CursorCounts cursors;
  /// The longest that a record which was new or changed came after its cursor,
  /// counted from `Batch::late_below`; nothing if none came late.
  std::optional<double> lateness_s;

  Counts& operator+=(const Counts& other);
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

  /// Makes a list stand where `checkpoint` says, its fingerprint included,
  /// whatever it had: the next run goes on from there. The rows stay as they
  /// are. The generation is one that no run has seen, not the checkpoint's. An
  /// empty checkpoint makes the next run the first.
  void seed(const std::string& pipeline_name,
            const model::Checkpoint& checkpoint, model::Instant now);

  /// Empties the write-ahead log into the database file, so that the file alone
  /// holds everything. Does not wait for other programs: while one of them
  /// reads what is in the log, that stays there.
  void checkpoint_log();

  struct Impl;

 private:
  friend class StreamWriter;
  std::unique_ptr<Impl> impl_;
};

/// Returns where a list stands as the file says, as `Store::checkpoint`;
/// nothing where there is no file. Takes no lock and changes nothing. Throws
/// StoreError.
std::optional<model::Checkpoint> read_checkpoint(
    const std::filesystem::path& file, const std::string& pipeline_name);

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
  /// returns the batch's counts. Throws StoreError (ExitCode::temporary), and
  /// commits nothing, if another run has taken the checkpoint meanwhile. Where
  /// the database does not say whether it was committed, the file is opened
  /// again and read: then it returns or throws as the file has it.
  Counts commit(const Batch& batch, model::Instant now);

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

  /// Enters the end in the run history.
  void finish(const Ending& ending, model::Instant now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace strandline::store
