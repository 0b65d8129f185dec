// SPDX-License-Identifier: MIT
#include "strandline/sync.hpp"

#include <utility>

#include "config/load.hpp"
#include "config/secret.hpp"
#include "sync/advice.hpp"
#include "sync/network.hpp"
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

}  // namespace

SyncSummary run_sync(const SyncOptions& options) {
  sync::Environment environment;
  environment.now = sync::system_now;
  if (options.max_time) {
    environment.deadline = std::chrono::steady_clock::now() + *options.max_time;
  }
  environment.on_progress = options.on_progress;
  environment.stop = options.stop;
  http::RetryPolicy retry;
  retry.attempts = options.attempts;
  try {
    const auto configuration = load(options.config);
    environment.parallel = configuration.parallel;
    sync::Network network({options.stop, environment.deadline, told(options)},
                          retry, configuration.database);
    environment.client = [&](const model::SourceDefinition& source) {
      return network.client(source);
    };
    return sync::run(
        configuration,
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
