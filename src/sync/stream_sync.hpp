// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/client.hpp"
#include "model/definition.hpp"
#include "store/store.hpp"
#include "strandline/sync.hpp"

namespace strandline::sync {

/// A batch is whole pages up to one of these, at least one page.
struct BatchLimits {
  std::size_t rows = 1000;
  std::chrono::steady_clock::duration time = std::chrono::seconds(5);
};

/// What a run finds of a list when it begins with it.
struct Found {
  std::string pipeline_name;  ///< with the list's suffix
  model::Checkpoint checkpoint;
  std::int64_t run_id = 0;                ///< of the run that begins
  std::optional<model::Instant> full_at;  ///< when it was last read whole
  /// Of children: the records for which they are to be read.
  std::optional<std::vector<store::PendingParent>> due;
};

/// What a run needs of the world. `now` may be called by several threads at
/// once, and so may `client` where several streams are read at once.
struct Environment {
  /// Our own clock.
  std::function<model::Instant()> now;
  /// Makes a client of a source. Throws Error, for a missing secret say.
  std::function<std::unique_ptr<http::Client>(const model::SourceDefinition&)>
      client;
  /// Never called by two threads at once. May be empty.
  std::function<void(const Progress&)> on_progress;
  /// Told of every commit, as OnCommit says. May be empty.
  store::OnCommit on_commit = {};
  /// Told what a list begins with. May be empty.
  std::function<void(const Found&)> on_begin;
  /// Asked whether a list, by its `pipeline_name`, is to read a window that it
  /// would open, or children all that is due of them: no ends the list there.
  /// May be empty: yes.
  std::function<bool(const std::string&, const model::Window&)> may_open;
  /// Asked, in another thread, whether children, by their `pipeline_name`, are
  /// to be read for the record of a key: without that they count as none. May
  /// be empty: yes.
  std::function<bool(const std::string&, const std::string&)> may_read;
  const std::atomic<int>* stop = nullptr;  ///< may be null
  BatchLimits batch;
  std::size_t parallel = 1;  ///< streams that are read at once, at most
  /// From when on no page is asked for any more.
  std::optional<std::chrono::steady_clock::time_point> deadline;
};

/// The end of what a person wants read again; where it begins is the `start` of
/// the stream that is read.
struct Backfill {
  std::optional<model::CursorValue> until;  ///< none: to T0
};

/// What a run is to do with a stream.
struct Task {
  bool full = false;                 ///< from `start`, whatever the mark
  std::optional<Backfill> backfill;  ///< a list of its own, beside the mark
  bool allow_sweep = false;          ///< however many rows are missing
  std::vector<std::string> notices = {};  ///< that its summary begins with
};

/// Returns what people know a list by: "contacts", "contacts@also".
std::string shown_name(const model::StreamDefinition& stream);

/// Reads one list of a stream: the window that was open to its end, and what
/// follows it. What happened is in the summary, failures as well. Throws
/// StoreError if the list cannot begin.
StreamSummary sync_stream(const model::StreamDefinition& definition,
                          const std::string& fingerprint, http::Client& client,
                          store::Store& store, std::int64_t run_id,
                          const Task& task, const Environment& environment);

}  // namespace strandline::sync
