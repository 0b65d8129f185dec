// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "http/client.hpp"
#include "source/reader.hpp"
#include "strandline/error.hpp"
#include "sync/page_queue.hpp"

namespace strandline::sync {

/// The thread that reads pages into a queue. What reading them throws stands in
/// the queue behind its pages; from `deadline` on no page is asked for any
/// more, and TimeUp stands there. It is joined before the scope ends, whichever
/// way, and what it asks or waits for then is given up.
class Fetcher {
 public:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  /// Returns the next page, or nothing after the last.
  using Next = std::function<std::optional<source::Page>()>;

  /// `next` asks with `client`. All of them must outlive it. Throws Error
  /// (ExitCode::temporary) where the system gives no thread.
  Fetcher(Next next, http::Client& client, PageQueue& queue, Deadline deadline);
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

 private:
  http::Client& client_;
  PageQueue& queue_;
  std::thread thread_;
};

}  // namespace strandline::sync
