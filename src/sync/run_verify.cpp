// SPDX-License-Identifier: MIT
#include "strandline/verify.hpp"

#include <random>
#include <string>

#include "config/load.hpp"
#include "recording/har.hpp"
#include "store/lock.hpp"
#include "store/store.hpp"
#include "sync/advice.hpp"
#include "sync/live.hpp"
#include "sync/run.hpp"
#include "sync/scratch.hpp"
#include "sync/verify.hpp"

namespace strandline {
namespace {

std::uint64_t any_seed() {
  std::random_device device;
  return device();
}

// Of a recording that names its streams, those.
std::vector<std::string> streams_of(const model::Configuration& configuration,
                                    const recording::Recording& recording) {
  std::vector<std::string> names;
  for (const auto& stream : configuration.streams) {
    if (recording.checkpoints.contains(stream.pipeline_name())) {
      names.push_back(stream.name);
    }
  }
  return names;
}

// Those of the families of `streams`; none if there is none.
std::vector<std::string> with_relatives(
    const model::Configuration& configuration,
    const std::vector<std::string>& streams) {
  std::vector<std::string> names;
  for (const auto& family : sync::families(configuration, {})) {
    if (!streams.empty() && sync::is_wanted(family, streams)) {
      for (const auto& stream : family.streams) {
        names.push_back(stream.name);
      }
    }
  }
  return names;
}

// What the sources say now, from where the database stands.
recording::Recording record(model::Configuration configuration,
                            const VerifyOptions& options,
                            const std::filesystem::path& folder) {
  // Refresh tokens that change are kept beside the database, as in any run.
  const auto database = std::filesystem::weakly_canonical(
      std::filesystem::absolute(configuration.database));
  const store::Lock lock(database);
  sync::Live live;
  live.logins_beside = database;
  const auto file = folder / "recorded.db";
  {
    store::Store scratch(file, model::Journal::wal);
    for (const auto& family : sync::families(configuration, {})) {
      for (const auto& each : sync::lists_of(family)) {
        const auto name = each.list->pipeline_name();
        scratch.seed(name, store::read_standing(database, name),
                     sync::system_now());
      }
    }
  }
  configuration.database = file;
  sync::RunOptions run;
  run.streams = with_relatives(configuration, options.streams);
  sync::Environment environment;
  environment.stop = options.stop;
  std::string har;
  const auto summary =
      sync::run_and_record(configuration, run, environment, live, {}, har);
  sync::stop_if_told(options.stop);
  auto failure = summary.failure;
  for (const auto& stream : summary.streams) {
    failure = failure ? failure : stream.failure;
  }
  if (failure) {
    throw Error(failure->code, failure->message, failure->notes);
  }
  return recording::read_har(har, "the recording");
}

// Second lists that the recorded run did not read, because they were not due:
// nothing can be asked of them. A recording of another program does not say.
std::vector<std::string> take_unread(model::Configuration& configuration,
                                     const recording::Recording& recording) {
  std::vector<std::string> names;
  const auto has = [&](const model::StreamDefinition& list) {
    return recording.checkpoints.contains(list.pipeline_name());
  };
  for (auto& stream : configuration.streams) {
    if (has(stream) && !stream.also.empty() && !has(stream.also.front())) {
      names.push_back(sync::shown_name(stream.also.front()));
      stream.also.clear();
    }
  }
  return names;
}

void require_plain(const recording::Asked& asked) {
  if (asked.since) {
    throw Error(
        ExitCode::usage, "a recording of sync --since cannot be verified",
        {{"try", "strandline sync --record FILE.har, without --since"}});
  }
}

void verify(const VerifyOptions& options, VerifySummary& summary) {
  auto configuration = config::load(options.config);
  sync::chosen(configuration, options.streams);
  sync::Scratch scratch;
  if (options.keep) {
    scratch.keep();
    summary.kept = scratch.path();
  }
  auto recording = options.replay
                       ? sync::read_recording(*options.replay)
                       : record(configuration, options, scratch.path());
  require_plain(recording.asked);
  sync::VerifyTask task;
  task.streams = options.streams;
  task.recorded = streams_of(configuration, recording);
  task.unread = take_unread(configuration, recording);
  task.start = {recording.checkpoints, recording.full_at, recording.due};
  task.full = recording.asked.full;
  task.crash = options.crash;
  task.random_kills = options.random_kills;
  task.seed = summary.seed;
  task.on_progress = options.on_progress;
  task.stop = options.stop;
  summary.streams = sync::verify(
      configuration, task, [&] { return recording; }, scratch.path());
  summary.exit_code = sync::exit_code(summary.streams);
}

}  // namespace

VerifySummary run_verify(const VerifyOptions& options) {
  const auto begun = std::chrono::steady_clock::now();
  VerifySummary summary;
  summary.crash = options.crash;
  summary.seed = options.seed.value_or(any_seed());
  try {
    verify(options, summary);
  } catch (const std::exception& error) {
    summary.failure = sync::describe(error);
    summary.exit_code = summary.failure->code;
  }
  summary.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun);
  return summary;
}

}  // namespace strandline
