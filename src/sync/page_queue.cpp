// SPDX-License-Identifier: MIT
#include "sync/page_queue.hpp"

#include <utility>

namespace strandline::sync {

bool PageQueue::push(source::Page page) {
  const auto bytes = page.records.bytes();
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] {
    return closed_ || pages_.empty() || bytes_ + bytes <= limit_;
  });
  if (closed_) {
    return false;
  }
  pages_.push_back(std::move(page));
  bytes_ += bytes;
  news_.notify_one();
  return true;
}

void PageQueue::end(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  error_ = std::move(error);
  news_.notify_one();
}

void PageQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  room_.notify_one();
}

PageQueue::Got PageQueue::pop(
    source::Page& page,
    std::optional<std::chrono::steady_clock::time_point> deadline) {
  std::unique_lock lock(mutex_);
  const auto news = [&] { return ended_ || !pages_.empty(); };
  if (!deadline) {
    news_.wait(lock, news);
  } else if (!news_.wait_until(lock, *deadline, news)) {
    return Got::timeout;
  }
  if (pages_.empty()) {
    if (error_) {
      std::rethrow_exception(error_);
    }
    return Got::end;
  }
  page = std::move(pages_.front());
  pages_.pop_front();
  bytes_ -= page.records.bytes();
  room_.notify_one();
  return Got::page;
}

}  // namespace strandline::sync
