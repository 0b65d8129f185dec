// SPDX-License-Identifier: MIT
#include "sync/fetcher.hpp"

#include <system_error>
#include <utility>

#include "http/error.hpp"

namespace strandline::sync {
namespace {

void fetch(const Fetcher::Next& next, PageQueue& queue,
           const Fetcher::Deadline& deadline) noexcept {
  try {
    bool complete = false;
    for (;;) {
      // What is read to its end has not been cut short.
      if (!complete && deadline &&
          std::chrono::steady_clock::now() >= *deadline) {
        throw http::TimeUp();
      }
      auto page = next();
      if (!page) {
        return queue.end(nullptr);
      }
      complete = page->complete;
      if (!queue.push(std::move(*page))) {
        return;
      }
    }
  } catch (...) {
    queue.end(std::current_exception());
  }
}

template <typename Work>
std::thread start(Work work) {
  try {
    return std::thread(std::move(work));
  } catch (const std::system_error&) {
    throw Error(ExitCode::temporary,
                "the system gives no more threads to read with",
                {{"try", "set parallel lower, or run again later"}});
  }
}

}  // namespace

Fetcher::Fetcher(Next next, http::Client& client, PageQueue& queue,
                 Deadline deadline)
    : client_(client),
      queue_(queue),
      thread_(start([next = std::move(next), &queue, deadline] {
        fetch(next, queue, deadline);
      })) {}

Fetcher::~Fetcher() {
  queue_.close();
  client_.abandon();
  thread_.join();
  client_.resume();
}

}  // namespace strandline::sync
