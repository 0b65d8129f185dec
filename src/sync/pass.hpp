// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/transport.hpp"
#include "model/definition.hpp"
#include "store/store.hpp"
#include "strandline/sync.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {

/// Returns the transport that a client gets in the place of the one at hand.
using Wrap = std::function<std::unique_ptr<http::Transport>(
    const model::SourceDefinition&, std::unique_ptr<http::Transport>)>;

/// Makes what a run needs of the world. Each time the clients answer from a
/// recording's begin, and each of their transports has gone through `wrap`.
using Input = std::function<Environment(const Wrap& wrap)>;

/// A request that a pass sent.
struct Sent {
  std::string source;
  http::Request request;
  bool for_token = false;
};

/// How a pass is run.
struct PassOptions {
  /// Requests whose recorded answers are gone already.
  std::vector<Sent> answered = {};
  std::size_t batch_rows = 1;  ///< a batch is whole pages up to so many rows
  store::OnCommit on_commit = {};
  /// Called after each batch. What it throws ends the pass.
  std::function<void(const Progress&)> on_batch = {};
  std::vector<Sent>* sent = nullptr;  ///< what is sent is added; may be null
};

/// Runs of one stream, on files of their own, from one recording.
class Pass {
 public:
  /// All must outlive it; `stop` may be null.
  Pass(const model::Configuration& configuration,
       const model::StreamDefinition& stream, const Input& input,
       const std::atomic<int>* stop)
      : configuration_(configuration),
        stream_(stream),
        input_(input),
        stop_(stop) {}

  /// Makes `file` hold nothing but where the stream begins.
  void begin(const std::filesystem::path& file,
             const model::Checkpoint& start) const;

  /// Runs the stream once on `file`. Throws Interrupted if it is to stop.
  StreamSummary run(const std::filesystem::path& file,
                    const PassOptions& options) const;

 private:
  Wrap wrap(const PassOptions& options) const;

  const model::Configuration& configuration_;
  const model::StreamDefinition& stream_;
  const Input& input_;
  const std::atomic<int>* stop_;
};

/// Throws Interrupted if `stop` is not null and set.
void stop_if_told(const std::atomic<int>* stop);

}  // namespace strandline::sync
