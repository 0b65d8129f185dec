// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <optional>

#include "model/definition.hpp"

namespace strandline::http {

/// When a source may be asked: a rate that is not exceeded, and what its
/// answers asked for. Thread-safe.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  /// Without a rate only `hold` makes anybody wait.
  explicit Pace(std::optional<model::Rate> rate = {}) : rate_(rate) {}

  /// Takes leave to send at `now` and returns nothing; or takes none, and
  /// returns when to ask again.
  std::optional<Clock::time_point> take(Clock::time_point now);

  /// Lets nobody send before `until`.
  void hold(Clock::time_point until);

 private:
  std::optional<model::Rate> rate_;
  std::mutex mutex_;
  std::deque<Clock::time_point> sent_;  ///< in the last `rate_->time`
  Clock::time_point held_{};
};

}  // namespace strandline::http
