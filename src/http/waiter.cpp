// SPDX-License-Identifier: MIT
#include "http/waiter.hpp"

#include <algorithm>
#include <thread>

#include "http/clock.hpp"
#include "http/error.hpp"

namespace strandline::http {

model::Instant SteadyWaiter::utc() const {
  return system_time();
}

bool SteadyWaiter::wait_until(Clock::time_point until, const Wait& wait) {
  using namespace std::chrono_literals;
  if (options_.deadline && until > *options_.deadline) {
    return false;
  }
  auto now = Clock::now();
  if (options_.told && until - now >= 1s) {
    options_.told(wait, until - now);
  }
  for (;;) {
    require_going_on();
    if (now >= until) {
      return true;
    }
    // A signal handler can set a number and wake nobody.
    std::this_thread::sleep_for(std::min<Clock::duration>(until - now, 50ms));
    now = Clock::now();
  }
}

void SteadyWaiter::require_going_on() const {
  if (const int signal = options_.stop != nullptr ? options_.stop->load() : 0;
      signal != 0) {
    throw Interrupted(signal);
  }
  if (options_.abandoned && *options_.abandoned) {
    throw Abandoned();
  }
}

}  // namespace strandline::http
