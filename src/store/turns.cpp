// SPDX-License-Identifier: MIT
#include "store/turns.hpp"

namespace strandline::store {

void Turns::lock() {
  std::unique_lock lock(mutex_);
  const auto ticket = next_++;
  called_.wait(lock, [&] { return turn_ == ticket; });
}

void Turns::unlock() {
  const std::lock_guard lock(mutex_);
  ++turn_;
  called_.notify_all();
}

}  // namespace strandline::store
