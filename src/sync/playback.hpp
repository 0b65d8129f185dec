// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "http/client.hpp"
#include "http/retry.hpp"
#include "http/session.hpp"
#include "http/waiter.hpp"
#include "model/definition.hpp"
#include "recording/recording.hpp"
#include "recording/replay.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {

/// Makes clients that are answered from a recording: they open no socket, look
/// up no name and need no secret, for which stand-ins are used. Nobody waits:
/// what a wait is for is in the recording. Thread-safe.
class Playback {
 public:
  /// `stop`, which may be null, is as in Environment; it must outlive the
  /// playback. `retry` is to be as it was when it was recorded.
  Playback(recording::Recording recording,
           const model::Configuration& configuration,
           const std::atomic<int>* stop = nullptr,
           const http::RetryPolicy& retry = {});

  std::unique_ptr<http::Client> client(const model::SourceDefinition& source);

  recording::Replay& replay() noexcept { return *replay_; }

  /// Sets the clock and the clients. The playback must outlive `environment`,
  /// which reads one stream after the other, as when it was recorded.
  void set(Environment& environment);

 private:
  std::shared_ptr<recording::Replay> replay_;
  std::shared_ptr<http::Waiter> waiter_;
  http::RetryPolicy retry_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<http::Session>> sessions_;
};

}  // namespace strandline::sync
