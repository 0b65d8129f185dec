// SPDX-License-Identifier: MIT
#include "http/pace.hpp"

#include <algorithm>

namespace strandline::http {

std::optional<Pace::Clock::time_point> Pace::take(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (now < held_) {
    return held_;
  }
  if (!rate_) {
    return {};
  }
  while (!sent_.empty() && sent_.front() + rate_->time <= now) {
    sent_.pop_front();
  }
  if (sent_.size() >= static_cast<std::size_t>(rate_->requests)) {
    return sent_.front() + rate_->time;
  }
  sent_.push_back(now);
  return {};
}

void Pace::hold(Clock::time_point until) {
  const std::lock_guard lock(mutex_);
  held_ = std::max(held_, until);
}

}  // namespace strandline::http
