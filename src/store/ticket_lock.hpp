// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace strandline::store {

/// A lock that is given in the order in which it was asked for, as tickets are:
/// who gives it back and asks again stands behind everybody who waits. Not
/// recursive.
class TicketLock {
 public:
  /// Waits for the turn.
  void lock();

  void unlock();

 private:
  std::mutex mutex_;
  std::condition_variable called_;
  std::uint64_t next_ = 0;  ///< the ticket that is drawn next
  std::uint64_t turn_ = 0;  ///< the ticket whose turn it is
};

}  // namespace strandline::store
