// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <thread>

#include "source/reader.hpp"
#include "strandline/error.hpp"
#include "sync/page_queue.hpp"

namespace strandline::sync {

/// The thread that reads a window's pages into a queue. What the reader throws
/// stands in the queue behind its pages; from `deadline` on no page is asked
/// for any more, and TimeUp stands there. It is joined before the scope ends,
/// whichever way.
class Fetcher {
 public:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  /// `reader` and `queue` must outlive it.
  Fetcher(source::Reader& reader, PageQueue& queue, Deadline deadline);
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

 private:
  PageQueue& queue_;
  std::thread thread_;
};

}  // namespace strandline::sync
