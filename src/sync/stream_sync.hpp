// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "http/client.hpp"
#include "model/definition.hpp"
#include "store/store.hpp"
#include "strandline/sync.hpp"

namespace strandline::sync {

/// A batch is whole pages up to one of these, at least one page.
struct BatchLimits {
  std::size_t rows = 1000;
  std::chrono::steady_clock::duration time = std::chrono::seconds(5);
};

/// What a run needs of the world.
struct Environment {
  /// Our own clock.
  std::function<model::Instant()> now;
  /// Makes the client of a source. Throws Error, for a missing secret say.
  std::function<std::unique_ptr<http::Client>(const model::SourceDefinition&)>
      client;
  std::function<void(const Progress&)> on_progress;  ///< may be empty
  const std::atomic<int>* stop = nullptr;            ///< may be null
  BatchLimits batch;
};

/// Reads one stream's window to its end, and where that window was open before,
/// the next one too. What happened is in the summary, failures as well. Throws
/// StoreError if the stream cannot begin.
StreamSummary sync_stream(const model::StreamDefinition& definition,
                          const std::string& fingerprint, http::Client& client,
                          store::Store& store, std::int64_t run_id, bool full,
                          const Environment& environment);

/// Returns what is known of a thrown error, whatever it was.
Failure describe(const std::exception& error);

}  // namespace strandline::sync
