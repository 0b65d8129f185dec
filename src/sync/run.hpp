// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/definition.hpp"
#include "strandline/sync.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {

/// What a run is to do.
struct RunOptions {
  std::vector<std::string> streams;  ///< none: all
  bool full = false;
  std::optional<std::string> since;  ///< as in SyncOptions
  std::optional<std::string> until;
  bool allow_sweep = false;  ///< as in SyncOptions
  /// Streams are read however short a time ago they were.
  bool always = false;
};

/// Syncs streams of a configuration, `environment.parallel` at once: with one
/// or a single stream in the calling thread, else also in others, which are
/// gone when it returns. What goes wrong is in the summary.
SyncSummary run(const model::Configuration& configuration,
                const RunOptions& options, const Environment& environment);

/// Returns the streams that are named, in the configuration's order; all where
/// none is. Throws Error (ExitCode::usage) for a name that is not there.
std::vector<model::StreamDefinition> chosen(
    const model::Configuration& configuration,
    const std::vector<std::string>& names);

/// Returns what a run ends with: ok; the failures' code; `partial` where some
/// streams succeeded; where all failed, the code that needs a person most.
ExitCode exit_code(const std::vector<StreamSummary>& streams);

/// Our own clock.
model::Instant system_now();

}  // namespace strandline::sync
