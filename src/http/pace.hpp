// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "model/definition.hpp"

namespace strandline::http {

/// When a source may be asked: a rate that is not exceeded, and what its
/// answers asked for. In any span of the rate's time lie no more than its
/// requests. Thread-safe.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  /// Until when a source asked not to be asked, and for which answer.
  struct Hold {
    Clock::time_point until{};
    std::string why;
  };

  /// Without a rate only `hold` makes anybody wait.
  explicit Pace(std::optional<model::Rate> rate = {}) : rate_(rate) {}

  /// Returns when the rate allows one more request, `now` or later, and takes
  /// that place: who comes later gets a later one. A place that is not used
  /// counts as used.
  Clock::time_point reserve(Clock::time_point now);

  /// Returns what `reserve` would, and takes nothing.
  Clock::time_point next(Clock::time_point now) const;

  /// Makes as if `place`, which `reserve` has returned, had not been taken.
  void give_back(Clock::time_point place);

  /// Lets nobody send before `until`; one that is earlier than what is known
  /// changes nothing.
  void hold(Clock::time_point until, const std::string& why);

  /// Returns what is to be waited for at `now`, if anything.
  std::optional<Hold> held(Clock::time_point now) const;

 private:
  Clock::time_point free_at(Clock::time_point now) const;

  std::optional<model::Rate> rate_;
  mutable std::mutex mutex_;
  std::deque<Clock::time_point> places_;  ///< ascending; in the last `time`
  Hold hold_;
};

}  // namespace strandline::http
