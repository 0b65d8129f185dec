// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

#include "model/definition.hpp"
#include "recording/recording.hpp"
#include "store/store.hpp"
#include "strandline/sync.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {

/// Returns the recording that answers a pass, from its begin.
using Input = std::function<recording::Recording()>;

/// Has the last word on what a pass needs of the world.
using Prepare = std::function<void(Environment&)>;

/// How a pass is run.
struct PassOptions {
  bool full = false;
  /// Places in the recording whose answers are gone already.
  std::vector<std::size_t> answered = {};
  std::size_t batch_rows = 1;  ///< a batch is whole pages up to so many rows
  store::OnCommit on_commit = {};
  /// Called after each batch. What it throws ends the pass.
  std::function<void(const Progress&)> on_batch = {};
  std::vector<std::size_t>* given = nullptr;  ///< set to what was answered
};

/// Runs of one stream, on files of their own, from one recording.
class Pass {
 public:
  /// All must outlive it; `prepare` may be empty and `stop` null.
  Pass(const model::Configuration& configuration,
       const model::StreamDefinition& stream, const Input& input,
       const Prepare& prepare, const std::atomic<int>* stop)
      : configuration_(configuration),
        stream_(stream),
        input_(input),
        prepare_(prepare),
        stop_(stop) {}

  /// Makes `file` hold nothing but where the stream begins.
  void begin(const std::filesystem::path& file,
             const model::Checkpoint& start) const;

  /// Runs the stream once on `file`. Throws Interrupted if it is to stop.
  StreamSummary run(const std::filesystem::path& file,
                    const PassOptions& options) const;

 private:
  const model::Configuration& configuration_;
  const model::StreamDefinition& stream_;
  const Input& input_;
  const Prepare& prepare_;
  const std::atomic<int>* stop_;
};

/// Throws Interrupted if `stop` is not null and set.
void stop_if_told(const std::atomic<int>* stop);

}  // namespace strandline::sync
