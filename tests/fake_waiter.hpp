// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/error.hpp"
#include "http/waiter.hpp"

namespace strandline::test {

/// A wait as a FakeWaiter saw it.
struct SeenWait {
  http::Waiter::Clock::duration time;
  std::string stream;
  std::string why;
};

/// A waiter for whom time passes only while somebody waits, for one thread.
class FakeWaiter : public http::Waiter {
 public:
  Clock::time_point now() const override { return begin + elapsed; }
  model::Instant utc() const override {
    return model::plus({noon_utc, 0}, 0,
                       std::chrono::nanoseconds(elapsed).count());
  }

  bool wait_until(Clock::time_point until, const http::Wait& wait) override {
    if (deadline && until > begin + *deadline) {
      return false;
    }
    if (until > now()) {
      waits.push_back({until - now(), wait.stream, wait.why});
      elapsed = until - begin;
      if (on_wait) {
        on_wait(waits.back());
      }
    }
    if (signal != 0) {
      throw http::Interrupted(signal);
    }
    return true;
  }

  static constexpr std::int64_t noon_utc = 1'772'539'200;  // 2026-03-03T12:00Z
  static constexpr Clock::time_point begin{std::chrono::hours(1000)};

  Clock::duration elapsed{0};
  std::optional<Clock::duration> deadline;
  std::function<void(const SeenWait&)> on_wait;
  int signal = 0;
  std::vector<SeenWait> waits;  ///< those that took time
};

}  // namespace strandline::test
