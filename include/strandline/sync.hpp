// SPDX-License-Identifier: MIT
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

#include "strandline/error.hpp"

namespace strandline {

/// What a run did to one table, and what it took.
struct Counts {
  std::int64_t fetched = 0;  ///< records, rejects among them
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;  ///< came, and were in the table as they came
  std::int64_t stale = 0;      ///< older than what is there: not written
  std::int64_t rejected = 0;   ///< did not fit; kept in pipeline_rejects
  std::int64_t deleted = 0;    ///< rows marked deleted, or removed
  std::int64_t requests = 0;   ///< all that were sent
  std::int64_t retries = 0;    ///< of those, sent again after a failure
  std::int64_t bytes = 0;      ///< of answers, decoded
  /// Of those that fit, how many had the key of an earlier one of their batch.
  /// The run history does not keep it.
  std::int64_t repeated = 0;
};

/// A failure as a value.
struct Failure {
  ExitCode code = ExitCode::bug;
  std::string message;
  std::vector<Note> notes;
};

/// How one stream fared in a run.
struct StreamSummary {
  std::string stream;  ///< with "@also" its second list
  std::string source;
  bool complete = false;  ///< read to its proved end
  /// "ok", "failed", "interrupted" (by a signal or `max_time`), "stuck", or
  /// "not due": not read, because of `every`.
  std::string outcome = "ok";
  std::string mode;      ///< "incremental", "full", "snapshot", "backfill"
  bool resumed = false;  ///< began where an earlier run was cut short
  std::optional<std::string> mark_before;  ///< RFC 3339 UTC, or an integer
  std::optional<std::string> mark_after;
  Counts counts;
  std::chrono::milliseconds duration{0};
  std::vector<std::string> warnings;
  std::optional<Failure> failure;
};

/// What became of a recording that a run was answered from.
struct Replayed {
  std::size_t recorded = 0;         ///< answers there are
  std::vector<std::string> unused;  ///< "GET https://…": nobody asked for them
};

/// How a run fared.
struct SyncSummary {
  std::int64_t run_id = 0;  ///< 0: the run could not begin
  std::string started_at;   ///< RFC 3339 UTC
  std::chrono::milliseconds duration{0};
  std::filesystem::path database;
  std::vector<StreamSummary> streams;
  std::vector<std::string> warnings;  ///< about the configuration
  std::optional<Failure> failure;     ///< why the run could not begin
  std::optional<Replayed> replayed;   ///< where the run was a replay
  ExitCode exit_code = ExitCode::ok;  ///< what the program ends with
};

/// How far a stream is, told after every committed batch and at its end.
struct Progress {
  std::string stream;
  Counts counts;
  bool complete = false;  ///< a window is
  bool ended = false;     ///< nothing more comes of it in this run
};

/// A wait before a request, told as it begins.
struct Waiting {
  std::string stream;
  std::string why;  ///< holds no secret
  std::chrono::milliseconds time{0};
};

/// What a run is to do.
struct SyncOptions {
  std::filesystem::path config;
  std::vector<std::string> streams;  ///< empty: all
  bool full = false;                 ///< read from `start`, whatever the mark
  /// Deletes what whole readings of the lists do not bring, however many rows.
  bool allow_sweep = false;
  /// Reads again what changed from this time (RFC 3339, or an integer) on, and
  /// up to `until` if that is set, beside the mark, which stays.
  std::optional<std::string> since;
  std::optional<std::string> until;
  /// After this time no page is asked for any more: the run ends with
  /// ExitCode::temporary at its last committed batch.
  std::optional<std::chrono::seconds> max_time;
  /// Where to write what goes over the wire, as a HAR file without secrets, at
  /// the end of the run however it ends; empty: nowhere. The streams are then
  /// read one after the other.
  std::filesystem::path record;
  bool scrub = false;  ///< also write no addresses, numbers, names of persons
  /// The HAR file that answers instead of the network; empty: none. No secret
  /// is needed then, and the clock is the recording's.
  std::filesystem::path replay;
  /// Parameters of the query and, with a `/` before, JSON Pointers into bodies
  /// that do not count when a request is looked for in a recording. With
  /// `record` they are kept in the file.
  std::vector<std::string> ignore;
  /// How often a request is sent at most, where what went wrong may pass.
  int attempts = 8;
  /// Where several streams are read at once it is called by several threads,
  /// never by two at the same time; else by the thread that called `run_sync`.
  /// Who waits in it makes the streams wait that have something to tell.
  std::function<void(const Progress&)> on_progress;
  /// Called before waits of a second or more, by the thread that waits; by
  /// several at a time.
  std::function<void(const Waiting&)> on_wait;
  /// Set to a signal's number by another thread or a signal handler to end the
  /// run; what was fetched by then is committed. May be null.
  const std::atomic<int>* stop = nullptr;
};

/// Pulls what changed into the database. Does not throw for what goes wrong in
/// a run: that is in the summary. Two runs on one file exclude each other
/// (ExitCode::busy), in one process as between processes.
SyncSummary run_sync(const SyncOptions& options);

/// How a stream's table stands.
enum class Freshness {
  fresh,      ///< the last good run began within `expect_every`
  late,       ///< within twice that
  stale,      ///< longer ago
  failing,    ///< the last run failed
  never_ran,  ///< no run was good yet
};

/// "fresh", "late", "stale", "failing", "never_ran".
const char* to_text(Freshness freshness);

/// Where one stream stands.
struct StreamStatus {
  std::string stream;
  std::string source;
  Freshness freshness = Freshness::never_ran;
  std::optional<std::string> mark;
  std::int64_t rows = 0;
  std::int64_t rejects = 0;                 ///< open ones
  bool unfinished = false;                  ///< the next run continues a window
  std::optional<std::string> last_success;  ///< RFC 3339 UTC, as the others
  std::optional<std::string> last_attempt;
  std::optional<std::string> last_change;  ///< of a row
  std::string last_error;
  /// How late records came after their own cursor, at most, where that is more
  /// than half the overlap; the overlap should be twice this.
  std::optional<std::chrono::seconds> lateness;
};

/// Reads where the streams of a configuration stand. Changes nothing and takes
/// no lock. Throws Error.
std::vector<StreamStatus> read_status(
    const std::filesystem::path& config,
    const std::vector<std::string>& streams = {});

}  // namespace strandline
