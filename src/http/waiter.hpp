// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace strandline::http {

/// How the program waits between two requests. Thread-safe.
class Waiter {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~Waiter() = default;

  virtual Clock::time_point now() const = 0;

  /// Returns true at `until`; false, at once, if the program must not wait that
  /// long. `why` is what people are told meanwhile. Throws Interrupted.
  virtual bool wait_until(Clock::time_point until, const std::string& why) = 0;
};

/// Waits on the steady clock, for a signal at most a twentieth of a second too
/// long.
class SteadyWaiter : public Waiter {
 public:
  /// Told what is waited for, and how long, before waits of a second or more;
  /// by the thread that waits.
  using Told = std::function<void(const std::string& why, Clock::duration)>;

  struct Options {
    /// Not 0, but the number of a signal, when the program is to stop. May be
    /// null; else it must outlive the waiter.
    const std::atomic<int>* stop = nullptr;
    std::optional<Clock::time_point> deadline;  ///< it waits no longer
    Told told;                                  ///< may be empty
  };

  explicit SteadyWaiter(Options options) : options_(std::move(options)) {}

  Clock::time_point now() const override { return Clock::now(); }
  bool wait_until(Clock::time_point until, const std::string& why) override;

 private:
  Options options_;
};

}  // namespace strandline::http
