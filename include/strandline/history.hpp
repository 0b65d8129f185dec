// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "strandline/sync.hpp"

namespace strandline {

/// A stream's part in a run, as the history keeps it.
struct RunEntry {
  std::int64_t run_id = 0;
  std::string stream;  ///< "contacts"; what was read by bounds has "@backfill"
  std::string source;
  /// "incremental", "full", "snapshot", "backfill", "rewind", "reset", "retry";
  /// empty: it failed before it could begin.
  std::string mode;
  std::string started_at;                             ///< RFC 3339 UTC
  std::optional<std::chrono::milliseconds> duration;  ///< nothing: no end known
  /// "running", "ok", "failed", "interrupted", "stuck", "killed".
  std::string outcome;
  Counts counts;
  std::optional<std::string> mark_before;  ///< RFC 3339 UTC, or an integer
  std::optional<std::string> mark_after;
  std::optional<int> exit_code;
  std::string error;  ///< empty: none
  std::vector<std::string> warnings;
};

/// Reads the last `limit` entries of the run history, newest first: of the
/// streams that are named, or of all that ever ran. Empty where there is no
/// database yet. A run that has no end although no process is at work is
/// "killed". Changes nothing and takes no lock. Throws Error.
std::vector<RunEntry> read_runs(const std::filesystem::path& config,
                                const std::vector<std::string>& streams,
                                std::size_t limit);

}  // namespace strandline
