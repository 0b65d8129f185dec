// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/transport.hpp"
#include "model/instant.hpp"
#include "recording/recording.hpp"

namespace strandline::recording {

/// Keeps what goes over the wire in a run, as it went: with every secret, which
/// are taken out when the recording is saved. Thread-safe; but requests that
/// are under way at the same time would stand in an order of chance, so the run
/// asks one after the other.
///
/// The run's clock is the recorder's (`now`), which stands still between two
/// exchanges: so a replay, which knows no other times, sees the same ones.
class Recorder {
 public:
  using Clock = std::function<model::Instant()>;

  /// More than `limit` bytes of bodies are not kept: memory is bounded.
  explicit Recorder(Clock clock, std::size_t limit = std::size_t{512} << 20U);

  /// Returns a transport that keeps what goes through `transport`. The recorder
  /// must outlive it. It throws Error (ExitCode::data) when there is too much.
  std::unique_ptr<http::Transport> listen(
      std::unique_ptr<http::Transport> transport);

  /// The end of the last exchange; the begin of the run before the first. In
  /// whole milliseconds.
  model::Instant now() const;

  /// Keeps what a list began with: its checkpoint, when it had last been read
  /// whole, and of children for which records they are read.
  void keep(const std::string& pipeline_name,
            const model::Checkpoint& checkpoint,
            const std::optional<model::Instant>& full_at = {},
            std::optional<std::vector<DueParent>> due = {});

  /// Returns what was kept by now.
  Recording recording() const;

 private:
  class Listener;

  model::Instant begin();
  void keep(Exchange exchange);

  Clock clock_;
  std::size_t limit_;
  mutable std::mutex mutex_;
  std::size_t bytes_ = 0;
  model::Instant now_;
  Recording recording_;
};

}  // namespace strandline::recording
