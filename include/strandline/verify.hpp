// SPDX-License-Identifier: MIT
//
// The proof that a configuration syncs right, on its own input.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "strandline/sync.hpp"

namespace strandline {

/// A value that differs: as SQL writes it, control characters escaped, cut.
struct ValueDifference {
  std::string column;
  std::string expected;
  std::string found;
};

/// A row that is not as it should be.
struct RowDifference {
  enum class Kind { differs, missing, extra };
  std::string table;
  std::string key;  ///< as SQL writes its values
  Kind kind = Kind::differs;
  std::vector<ValueDifference> values;  ///< of a row that differs
};

/// Something that breaks the promise.
struct Finding {
  std::string what;   ///< a sentence without its end
  std::string where;  ///< in which run: "killed just before commit 3 of 20"
  bool of_second_run = false;            ///< else of a kill
  std::int64_t times = 1;                ///< that it was seen, here at first
  std::vector<Note> notes = {};          ///< what differs beside the rows
  std::vector<RowDifference> rows = {};  ///< the first, at most ten
};

/// A table, as the first pass left it.
struct TableProof {
  std::string stream;
  std::int64_t rows = 0;
  std::int64_t rejects = 0;
  std::string digest;  ///< as doc/database.md describes it
  std::string rejects_digest;
};

/// A list of records, as the first pass left it.
struct ListProof {
  std::string list;  ///< its stream; with "@also" the second of the table
  std::optional<std::string> mark;
};

/// What was done with one stream and what is read for its records, and found.
struct StreamProof {
  std::string stream;
  std::string source;
  std::vector<TableProof> tables;  ///< the stream's, and those of its children
  std::vector<ListProof> lists;    ///< of those, in the order they are read in
  std::int64_t requests = 0;       ///< of one uninterrupted pass
  std::int64_t records = 0;        ///< that those brought
  std::int64_t batches = 0;        ///< that it committed
  bool ran_twice = false;          ///< the second run was made
  std::int64_t commit_points = 0;  ///< that there are
  std::int64_t kills = 0;          ///< runs that were killed: at commit points,
  std::int64_t random_kills = 0;   ///< and at random instants
  std::int64_t resumed = 0;        ///< killed runs that were gone on with
  std::vector<std::string> notes;  ///< what could not be proved, and why
  std::vector<Finding> findings;
  std::optional<Failure> failure;  ///< the first pass did not get to its end
};

/// What `verify` did and found.
struct VerifySummary {
  std::vector<StreamProof> streams;  ///< children with their parents
  bool crash = false;
  std::uint64_t seed = 0;
  std::chrono::milliseconds duration{0};
  std::filesystem::path kept;      ///< where the scratch files are; empty: gone
  std::optional<Failure> failure;  ///< it could not be done
  ExitCode exit_code = ExitCode::ok;  ///< ExitCode::data: there are findings
};

/// How far it is.
struct VerifyProgress {
  std::string stream;
  std::string what;  ///< "second run", "kill"
  std::int64_t done = 0;
  std::int64_t of = 0;
};

/// What is to be proved.
struct VerifyOptions {
  std::filesystem::path config;
  /// Those with which these are read together are proved, too; empty: all.
  std::vector<std::string> streams;
  /// The recording that answers; without one the sources are recorded first.
  std::optional<std::filesystem::path> replay;
  /// Also kills runs, in processes of their own. Those are forked: no other
  /// thread should be at work in this process meanwhile.
  bool crash = false;
  int random_kills = 20;              ///< of a stream with its children
  std::optional<std::uint64_t> seed;  ///< of the instants; else a new one
  bool keep = false;                  ///< leaves the scratch files
  std::function<void(const VerifyProgress&)> on_progress;  ///< may be empty
  /// As of SyncOptions.
  const std::atomic<int>* stop = nullptr;
};

/// Runs a configuration on a scratch database from where the recording began,
/// runs it again from there, and compares what the tables hold; with `crash`
/// also runs it, kills it, looks at what is left and goes on, again and again.
/// The configured database is not touched. Scratch files are in a folder of
/// their own in $TMPDIR. What goes wrong is in the summary.
VerifySummary run_verify(const VerifyOptions& options);

}  // namespace strandline
