// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "http/retry.hpp"
#include "http/waiter.hpp"
#include "model/definition.hpp"
#include "recording/recording.hpp"
#include "strandline/sync.hpp"
#include "sync/run.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {

/// How sources are asked.
struct Live {
  http::SteadyWaiter::Told told;  ///< may be empty
  http::RetryPolicy retry;
  /// The database beside which refresh tokens are kept; empty: the
  /// configuration's. Its lock is held.
  std::filesystem::path logins_beside = {};
};

/// How a run is recorded.
struct Recorded {
  recording::Ignored ignored;
  bool scrub = false;
};

/// Runs as `run` does, and asks the sources themselves. Of `environment` the
/// clock, the clients and what is told of the begin are set here.
SyncSummary run_live(const model::Configuration& configuration,
                     const RunOptions& options, Environment environment,
                     const Live& live);

/// Does the same, with streams one after the other (`environment.parallel` is
/// to be 1), and sets `har` to the recording,
/// with stand-ins for the secrets; to nothing where no request was sent.
SyncSummary run_and_record(const model::Configuration& configuration,
                           const RunOptions& options, Environment environment,
                           const Live& live, const Recorded& recorded,
                           std::string& har);

/// Returns what the file of a recording holds. Throws Error
/// (ExitCode::no_input), which says why, if it cannot be read.
std::string recording_text(const std::filesystem::path& file);

/// Reads a recording in HAR. Throws Error: ExitCode::no_input if there is no
/// such file or it cannot be read, ExitCode::data if it is no recording.
recording::Recording read_recording(const std::filesystem::path& file);

/// Runs as `run` does, and asks `recording` only. Where it has no answer the
/// exit code is ExitCode::data.
SyncSummary run_replay(const model::Configuration& configuration,
                       const RunOptions& options, Environment environment,
                       const http::RetryPolicy& retry,
                       recording::Recording recording);

}  // namespace strandline::sync
