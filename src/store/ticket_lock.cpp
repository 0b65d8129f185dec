// SPDX-License-Identifier: MIT
#include "store/ticket_lock.hpp"

namespace strandline::store {

void TicketLock::lock() {
  std::unique_lock lock(mutex_);
  const auto ticket = next_++;
  called_.wait(lock, [&] { return turn_ == ticket; });
}

void TicketLock::unlock() {
  const std::lock_guard lock(mutex_);
  ++turn_;
  called_.notify_all();
}

}  // namespace strandline::store
