// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "model/instant.hpp"

namespace strandline::http {

/// What people are told of a wait.
struct Wait {
  std::string stream;  ///< that waits; empty where nobody knows
  std::string why;
};

/// How the program waits between two requests. Thread-safe.
class Waiter {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~Waiter() = default;

  virtual Clock::time_point now() const = 0;

  /// The time of day, for comparison with what sources say of it.
  virtual model::Instant utc() const = 0;

  /// Returns true at `until`; false, at once, if the program must not wait that
  /// long. People are told of `wait` meanwhile. Throws Interrupted, and
  /// Abandoned where nobody waits for what comes after it.
  virtual bool wait_until(Clock::time_point until, const Wait& wait) = 0;
};

/// Waits on the steady clock, for a signal at most a twentieth of a second too
/// long.
class SteadyWaiter : public Waiter {
 public:
  /// Told of a wait of a second or more, and how long it is, before it; by the
  /// thread that waits.
  using Told = std::function<void(const Wait&, Clock::duration)>;

  struct Options {
    /// Not 0, but the number of a signal, when the program is to stop. May be
    /// null; else it must outlive the waiter.
    const std::atomic<int>* stop = nullptr;
    std::optional<Clock::time_point> deadline;  ///< it waits no longer
    Told told;                                  ///< may be empty
    /// True while nobody waits for what comes after a wait. May be null.
    std::shared_ptr<const std::atomic<bool>> abandoned = {};
  };

  explicit SteadyWaiter(Options options) : options_(std::move(options)) {}

  Clock::time_point now() const override { return Clock::now(); }
  model::Instant utc() const override;
  bool wait_until(Clock::time_point until, const Wait& wait) override;

 private:
  void require_going_on() const;

  Options options_;
};

}  // namespace strandline::http
