// SPDX-License-Identifier: MIT
#include "strandline/sync.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "config/load.hpp"
#include "config/secret.hpp"
#include "recording/private_file.hpp"
#include "sync/advice.hpp"
#include "sync/live.hpp"
#include "sync/run.hpp"

namespace strandline {
namespace {

model::Configuration load(const std::filesystem::path& file) {
  auto configuration = config::load(file);
  for (auto& warning : config::permission_warnings(configuration)) {
    configuration.warnings.push_back(std::move(warning));
  }
  return configuration;
}

http::SteadyWaiter::Told told(const SyncOptions& options) {
  if (!options.on_wait) {
    return {};
  }
  return [tell = options.on_wait](const http::Wait& wait, auto time) {
    tell({wait.stream, wait.why,
          std::chrono::ceil<std::chrono::milliseconds>(time)});
  };
}

void require_sense(const SyncOptions& options) {
  if (!options.record.empty() && !options.replay.empty()) {
    throw Error(ExitCode::usage,
                "--record and --replay exclude each other: what is replayed is "
                "recorded already");
  }
  if (options.scrub && options.record.empty()) {
    throw Error(ExitCode::usage, "--scrub goes with --record only",
                {{"try", "strandline har redact --scrub FILE.har"}});
  }
  if (!options.ignore.empty() && options.record.empty() &&
      options.replay.empty()) {
    throw Error(ExitCode::usage,
                "--ignore goes with --record or --replay only");
  }
}

// What `SyncOptions::ignore` names.
recording::Ignored ignored(const std::vector<std::string>& names) {
  recording::Ignored ignored;
  for (const auto& name : names) {
    (name.starts_with('/') ? ignored.body : ignored.query).push_back(name);
  }
  return ignored;
}

// Before the run: afterwards its recording would be lost.
void require_folder(const std::filesystem::path& file) {
  auto folder = file.parent_path();
  if (folder.empty()) {
    folder = ".";
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw Error(ExitCode::cannot_create,
                "cannot write " + file.string() + ": " +
                    std::generic_category().message(errno));
  }
}

SyncSummary record(const model::Configuration& configuration,
                   const sync::RunOptions& run, const SyncOptions& options,
                   const sync::Environment& environment,
                   const sync::Live& live) {
  require_folder(options.record);
  std::string har;
  auto summary =
      sync::run_and_record(configuration, run, environment, live,
                           {ignored(options.ignore), options.scrub}, har);
  if (har.empty()) {
    return summary;
  }
  try {
    recording::write_private_file(options.record, har);
  } catch (const std::exception& error) {
    // It does not hide what kept the run from its end.
    if (!summary.failure) {
      summary.failure = sync::describe(error);
      summary.exit_code = summary.failure->code;
    }
  }
  return summary;
}

SyncSummary replay(const model::Configuration& configuration,
                   const sync::RunOptions& run, const SyncOptions& options,
                   const sync::Environment& environment,
                   const sync::Live& live) {
  auto recording = sync::read_recording(options.replay);
  const auto more = ignored(options.ignore);
  auto& [query, body] = recording.ignored;
  query.insert(query.end(), more.query.begin(), more.query.end());
  body.insert(body.end(), more.body.begin(), more.body.end());
  return sync::run_replay(configuration, run, environment, live.retry,
                          std::move(recording));
}

}  // namespace

SyncSummary run_sync(const SyncOptions& options) {
  sync::Environment environment;
  if (options.max_time) {
    environment.deadline = std::chrono::steady_clock::now() + *options.max_time;
  }
  environment.on_progress = options.on_progress;
  environment.stop = options.stop;
  sync::Live live{told(options), {}};
  live.retry.attempts = options.attempts;
  const sync::RunOptions run{options.streams, options.full, options.since,
                             options.until, options.allow_sweep};
  try {
    require_sense(options);
    const auto configuration = load(options.config);
    if (!options.replay.empty()) {
      return replay(configuration, run, options, environment, live);
    }
    if (!options.record.empty()) {
      return record(configuration, run, options, environment, live);
    }
    return sync::run_live(configuration, run, environment, live);
  } catch (const std::exception& error) {
    SyncSummary summary;
    summary.started_at = model::to_rfc3339(sync::system_now(), 3);
    summary.failure = sync::describe(error);
    summary.exit_code = summary.failure->code;
    return summary;
  }
}

}  // namespace strandline
