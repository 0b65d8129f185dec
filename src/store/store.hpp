// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/checkpoint.hpp"
#include "model/definition.hpp"
#include "model/mark.hpp"
#include "model/records.hpp"

namespace strandline::store {

/// What a batch or a run did to a table, and what it took.
struct Counts {
  std::int64_t fetched = 0;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;
  std::int64_t rejected = 0;
  std::int64_t requests = 0;
  std::int64_t bytes = 0;
  model::CursorCounts cursors;

  Counts& operator+=(const Counts& other);
};

/// What is committed in one transaction, and where the stream stands after it.
struct Batch {
  std::vector<model::RecordBatch> pages;  ///< whole pages, in order
  model::Checkpoint after;
  Counts counts;  ///< requests, bytes and cursors; the rest is counted here
};

/// How a stream's part in a run ended.
enum class Outcome { ok, failed, interrupted };

/// What the run history keeps of the end.
struct Ending {
  Outcome outcome = Outcome::ok;
  int exit_code = 0;
  std::string error;  ///< empty: none
  std::vector<std::string> warnings;
  Counts uncommitted;  ///< requests of pages that were never committed
};

class StreamWriter;

/// A database file, held by this run alone. Not thread-safe. Every member
/// throws StoreError.
class Store {
 public:
  /// Takes the file's lock and opens it, as `open_for_writing` says. Another
  /// program's transaction is waited for as long as `patience`.
  Store(const std::filesystem::path& file, model::Journal journal,
        std::chrono::milliseconds patience = std::chrono::seconds(10));
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Begins a run: gives it the next number, and closes the rows of runs that
  /// were killed. `now` is our own clock.
  std::int64_t begin_run(model::Instant now);

  /// Enters a stream in the run's history that failed before it could begin.
  void enter_failure(std::int64_t run_id, const std::string& pipeline_name,
                     const Ending& ending, model::Instant now);

  /// Empties the write-ahead log into the database file, so that the file alone
  /// holds everything. Does not wait for other programs: while one of them
  /// reads what is in the log, that stays there.
  void checkpoint_log();

  struct Impl;

 private:
  friend class StreamWriter;
  std::unique_ptr<Impl> impl_;
};

/// A stream's table, checkpoint, rejects and row of the run history, held by
/// one run. Every member throws StoreError; after one has, the writer only
/// answers `finish`.
class StreamWriter {
 public:
  /// Takes the checkpoint for the run and enters the stream in its history.
  /// `stream` must outlive it. With `full` the open window is dropped, the
  /// generation raised, and a table that was dropped may be made anew. Throws
  /// StoreError (ExitCode::configuration) if the mark was made by another
  /// definition, or the table was dropped, and not `full`.
  StreamWriter(Store& store, std::int64_t run_id,
               const model::StreamDefinition& stream,
               const std::string& fingerprint, bool full, model::Instant now);
  ~StreamWriter();
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;

  /// The checkpoint as last committed.
  const model::Checkpoint& checkpoint() const;

  /// Commits rows, rejects, counts and `batch.after` in one transaction, and
  /// returns the batch's counts. Throws StoreError (ExitCode::temporary), and
  /// commits nothing, if another run has taken the checkpoint meanwhile.
  Counts commit(const Batch& batch, model::Instant now);

  /// Returns the table's rows that are not marked deleted.
  std::int64_t rows() const;

  /// Enters the end in the run history.
  void finish(const Ending& ending, model::Instant now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace strandline::store
