// SPDX-License-Identifier: MIT
#include "strandline/sync.hpp"

#include "config/load.hpp"
#include "sync/advice.hpp"
#include "sync/run.hpp"

namespace strandline {

SyncSummary run_sync(const SyncOptions& options) {
  sync::Environment environment;
  environment.now = sync::system_now;
  environment.client = [&](const model::SourceDefinition& source) {
    return sync::network_client(source, options.stop);
  };
  environment.on_progress = options.on_progress;
  environment.stop = options.stop;
  if (options.max_time) {
    environment.deadline = std::chrono::steady_clock::now() + *options.max_time;
  }
  try {
    return sync::run(
        config::load(options.config),
        {options.streams, options.full, options.since, options.until},
        environment);
  } catch (const std::exception& error) {
    SyncSummary summary;
    summary.started_at = model::to_rfc3339(sync::system_now(), 3);
    summary.failure = sync::describe(error);
    summary.exit_code = summary.failure->code;
    return summary;
  }
}

}  // namespace strandline
