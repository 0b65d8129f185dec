// SPDX-License-Identifier: MIT
#include "http/pace.hpp"

#include <algorithm>
#include <cstddef>

namespace strandline::http {

Pace::Clock::time_point Pace::reserve(Clock::time_point now) {
  if (!rate_) {
    return now;
  }
  const std::lock_guard lock(mutex_);
  const auto place = free_at(now);
  places_.push_back(place);
  while (places_.front() + rate_->time <= place) {
    places_.pop_front();
  }
  return place;
}

Pace::Clock::time_point Pace::next(Clock::time_point now) const {
  if (!rate_) {
    return now;
  }
  const std::lock_guard lock(mutex_);
  return free_at(now);
}

Pace::Clock::time_point Pace::free_at(Clock::time_point now) const {
  // Another thread's `now` may be a little later.
  auto place = places_.empty() ? now : std::max(now, places_.back());
  if (places_.size() >= static_cast<std::size_t>(rate_->requests)) {
    place = std::max(place, places_.front() + rate_->time);
  }
  return place;
}

void Pace::give_back(Clock::time_point place) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(places_, place);
  if (found != places_.end()) {
    places_.erase(found);
  }
}

void Pace::hold(Clock::time_point until, const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (until > hold_.until) {
    hold_ = {until, why};
  }
}

std::optional<Pace::Hold> Pace::held(Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  return now < hold_.until ? std::optional(hold_) : std::nullopt;
}

}  // namespace strandline::http
