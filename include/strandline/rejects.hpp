// SPDX-License-Identifier: MIT
//
// Records that did not fit: what is kept of them, and loading them after a fix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "strandline/error.hpp"
#include "strandline/sync.hpp"

namespace strandline {

/// A record that did not fit.
struct RejectEntry {
  std::string stream;
  std::string source;
  /// The parts of its key as a JSON array of texts; without a key `sha256:` and
  /// the hash of its text.
  std::string key;
  std::string reason;              ///< may hold a part of the record
  std::optional<std::string> raw;  ///< as sent; nothing: not asked for
  std::int64_t first_run = 0;      ///< the run that it first came in
  std::int64_t last_run = 0;       ///< the run that it last came in
  std::string first_seen_at;       ///< RFC 3339 UTC, as the others
  std::string last_seen_at;
  /// When it was loaded, or something newer of its key was; nothing: it is
  /// open.
  std::optional<std::string> resolved_at;
};

/// Which rejects are wanted.
struct RejectOptions {
  std::vector<std::string> streams = {};  ///< empty: all that ever ran
  bool resolved = false;                  ///< those that are done with, too
  bool raw = false;  ///< with the records as they were sent
  std::size_t limit = 20;
};

/// Some of the rejects, and how many there are.
struct RejectEntries {
  std::vector<RejectEntry> entries;  ///< those of the newest runs first
  std::int64_t total = 0;
};

/// Reads what did not fit. Empty where there is no database yet. Changes
/// nothing and takes no lock. Throws Error.
RejectEntries read_rejects(const std::filesystem::path& config,
                           const RejectOptions& options);

/// What became of a stream's rejects.
struct RejectRetryEntry {
  std::string stream;
  std::string source;
  std::int64_t loaded = 0;    ///< in the table now
  std::int64_t outdated = 0;  ///< something newer is there: let go
  std::int64_t rejected = 0;  ///< still do not fit
  std::optional<Failure> failure;
};

/// How a retry fared.
struct RejectRetrySummary {
  bool dry_run = false;     ///< nothing was done: what would be
  std::int64_t run_id = 0;  ///< 0: there was nothing to do
  std::vector<RejectRetryEntry> streams;
  ExitCode exit_code = ExitCode::ok;
};

/// Tries the open rejects of the named streams, or of all, with what the
/// configuration says now, in a run of its own that asks no source and needs no
/// secret. What fits is loaded, unless its row is newer, and is done with; what
/// does not stays with its new reason. Marks and positions stay as they are. A
/// failure of one stream is in the summary. Throws Error: ExitCode::busy if a
/// run is at work. With `dry_run` nothing is changed.
RejectRetrySummary retry_rejects(const std::filesystem::path& config,
                                 const std::vector<std::string>& streams,
                                 bool dry_run = false);

}  // namespace strandline
