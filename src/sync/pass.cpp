// SPDX-License-Identifier: MIT
#include "sync/pass.hpp"

#include <chrono>
#include <utility>

#include "http/error.hpp"
#include "sync/playback.hpp"
#include "sync/run.hpp"
#include "sync/scratch.hpp"

namespace strandline::sync {
namespace {

// Long enough that only rows and pages make a batch.
constexpr std::chrono::hours never{24};

// A share of rejects depends on where a run was killed and how large its
// batches are.
void lift_limits(model::Configuration& configuration) {
  constexpr model::RejectLimit none{{}, 1};
  for (auto& stream : configuration.streams) {
    stream.max_rejects = none;
    for (auto& also : stream.also) {
      also.max_rejects = none;
    }
  }
}

}  // namespace

void stop_if_told(const std::atomic<int>* stop) {
  if (stop != nullptr && stop->load() != 0) {
    throw http::Interrupted(stop->load());
  }
}

void Pass::begin(const std::filesystem::path& file,
                 const model::Checkpoint& start) const {
  remove_database(file);
  store::Store store(file, configuration_.journal);
  if (start != model::Checkpoint()) {
    store.seed(stream_.pipeline_name(), start, system_now());
  }
  store.checkpoint_log();
}

StreamSummary Pass::run(const std::filesystem::path& file,
                        const PassOptions& options) const {
  stop_if_told(stop_);
  auto configuration = configuration_;
  configuration.database = file;
  for (auto& stream : configuration.streams) {
    stream.also.clear();  // each proof is one of a single list
  }
  lift_limits(configuration);
  Playback playback(input_(), configuration, stop_);
  playback.replay().skip(options.answered);
  Environment environment;
  playback.set(environment);
  environment.stop = stop_;
  environment.batch = {options.batch_rows, never};
  environment.on_commit = options.on_commit;
  environment.on_progress = [&](const Progress& progress) {
    if (progress.ended) {
      return;
    }
    stop_if_told(stop_);
    if (options.on_batch) {
      options.on_batch(progress);
    }
  };
  if (prepare_) {
    prepare_(environment);
  }
  RunOptions one;
  one.streams = {stream_.name};
  one.full = options.full;
  one.always = true;
  auto summary = sync::run(configuration, one, environment);
  if (options.given != nullptr) {
    *options.given = playback.replay().given();
  }
  stop_if_told(stop_);
  if (!summary.streams.empty()) {
    return std::move(summary.streams.front());
  }
  StreamSummary failed;
  failed.stream = stream_.name;
  failed.failure = summary.failure;
  return failed;
}

}  // namespace strandline::sync
