// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>

#include "source/reader.hpp"

namespace strandline::sync {

/// Pages on their way from the thread that fetches to the one that writes,
/// bounded in bytes. An error of the fetcher stands behind its pages. All
/// members may be called by both threads.
class PageQueue {
 public:
  /// `limit` in bytes; one page is let in however large.
  explicit PageQueue(std::size_t limit) : limit_(limit) {}

  /// Waits for room. False once the queue is closed: the page is not wanted.
  bool push(source::Page page);

  /// No more pages come: `error` says why, null after the last one.
  void end(std::exception_ptr error);

  /// Turns the fetcher's next push away.
  void close();

  enum class Got { page, timeout, end };

  /// Waits for a page until `deadline`. Got::end after the last page; rethrows
  /// the fetcher's error there, if there is one.
  Got pop(source::Page& page,
          std::optional<std::chrono::steady_clock::time_point> deadline);

 private:
  std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable news_;
  std::deque<source::Page> pages_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
  bool ended_ = false;
  std::exception_ptr error_;
};

}  // namespace strandline::sync
