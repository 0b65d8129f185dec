// SPDX-License-Identifier: MIT
#include "strandline/verify.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <utility>

#include "config/load.hpp"
#include "recording/har.hpp"
#include "recording/replay_transport.hpp"
#include "sync/advice.hpp"
#include "sync/run.hpp"
#include "sync/scratch.hpp"
#include "sync/verify.hpp"

namespace strandline {
namespace {

recording::Recording read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) {
    throw Error(ExitCode::no_input, "cannot read " + file.string());
  }
  return recording::read_har(text, file.string());
}

// Answers from a recording, at the time of its begin.
sync::Input input_of(recording::Recording recording) {
  const auto shared =
      std::make_shared<const recording::Recording>(std::move(recording));
  auto begun = shared->started;
  if (!begun && !shared->exchanges.empty()) {
    begun = shared->exchanges.front().started;
  }
  const auto now = begun.value_or(sync::system_now());
  return [shared, now](const sync::Wrap& wrap) {
    sync::Environment environment;
    environment.now = [now] { return now; };
    environment.client = [shared, wrap](const model::SourceDefinition& source) {
      return std::make_unique<http::Client>(
          source, http::Credentials(),
          wrap(source, std::make_unique<recording::ReplayTransport>(
                           shared->exchanges)));
    };
    return environment;
  };
}

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

recording::Recording recording_of(const VerifyOptions& options) {
  if (options.replay) {
    return read(*options.replay);
  }
  throw Error(ExitCode::usage, "verify needs a recording",
              {{"try", "strandline verify --replay FILE.har"}});
}

void verify(const VerifyOptions& options, VerifySummary& summary) {
  const auto configuration = config::load(options.config);
  auto recording = recording_of(options);
  sync::VerifyTask task;
  task.streams = options.streams.empty() ? streams_of(configuration, recording)
                                         : options.streams;
  task.checkpoints = recording.checkpoints;
  task.crash = options.crash;
  task.random_kills = options.random_kills;
  task.seed = summary.seed;
  task.on_progress = options.on_progress;
  task.stop = options.stop;
  sync::Scratch scratch;
  if (options.keep) {
    scratch.keep();
    summary.kept = scratch.path();
  }
  summary.streams = sync::verify(
      configuration, task, input_of(std::move(recording)), scratch.path());
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
