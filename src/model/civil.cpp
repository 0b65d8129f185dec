// SPDX-License-Identifier: MIT
#include "model/civil.hpp"

#include <chrono>

namespace strandline::model {
namespace {

constexpr std::int64_t day_seconds = 86'400;

}  // namespace

Civil to_civil(Instant instant) {
  auto days = instant.seconds / day_seconds;
  auto second = static_cast<int>(instant.seconds % day_seconds);
  if (second < 0) {
    second += static_cast<int>(day_seconds);
    --days;
  }
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(days))};
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          second / 3600,
          second / 60 % 60,
          second % 60,
          instant.nanoseconds};
}

std::optional<Instant> from_civil(const Civil& civil) {
  const std::chrono::year_month_day date{
      std::chrono::year(civil.year),
      std::chrono::month(static_cast<unsigned>(civil.month)),
      std::chrono::day(static_cast<unsigned>(civil.day))};
  if (!date.ok() || civil.year < 1 || civil.year > 9999 || civil.hour > 23 ||
      civil.minute > 59 || civil.second > 60) {
    return {};
  }
  const bool leap = civil.second == 60;
  const auto time = std::chrono::sys_days(date) +
                    std::chrono::hours(civil.hour) +
                    std::chrono::minutes(civil.minute) +
                    std::chrono::seconds(leap ? 59 : civil.second);
  return Instant{time.time_since_epoch().count(),
                 leap ? 999'999'999 : civil.nanosecond};
}

Instant to_local(Instant instant, const Zone& zone) {
  const auto local = zone.local(std::chrono::sys_seconds(
                                    std::chrono::seconds(instant.seconds)))
                         .time_since_epoch()
                         .count();
  return plus({local, instant.nanoseconds}, 0);
}

std::optional<Instant> from_local(Instant local, const Zone& zone) {
  const auto seconds = zone.earliest(std::chrono::local_seconds(
                                         std::chrono::seconds(local.seconds)))
                           .time_since_epoch()
                           .count();
  if (seconds < earliest_instant.seconds || seconds > latest_instant.seconds) {
    return {};
  }
  return Instant{seconds, local.nanoseconds};
}

}  // namespace strandline::model
