// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/zone.hpp"

namespace strandline::model {

/// A point in time in UTC, in the years 0001 to 9999 of the proleptic
/// Gregorian calendar, to the nanosecond. Leap seconds do not exist in it.
struct Instant {
  std::int64_t seconds = 0;      ///< since 1970-01-01T00:00:00Z
  std::int32_t nanoseconds = 0;  ///< 0 to 999'999'999

  friend auto operator<=>(const Instant&, const Instant&) = default;
};

/// 0001-01-01T00:00:00Z and the last nanosecond of the year 9999.
inline constexpr Instant earliest_instant{-62'135'596'800, 0};
inline constexpr Instant latest_instant{253'402'300'799, 999'999'999};

/// Returns `instant` moved by `nanoseconds`, held within the years 0001 to
/// 9999.
Instant plus(Instant instant, std::int64_t seconds,
             std::int64_t nanoseconds = 0);

/// Returns the instant that `text` writes in RFC 3339, or nothing if it is not
/// one. Also read, because APIs write them: a space or lower-case letter for
/// `T`, offsets as `+0100` and `+01`, any number of fraction digits (those
/// after the ninth are cut) also behind a comma, no seconds, a second of 60
/// (read as the last nanosecond of the minute), and a date alone (its
/// midnight). A text without an offset is read in `zone`, as the earliest
/// instant that it can mean there, and is nothing if that is not given; a date
/// alone is then read in UTC.
std::optional<Instant> parse_rfc3339(std::string_view text,
                                     const std::optional<Zone>& zone = {});

/// Returns `instant` as RFC 3339 in UTC with `digits` (0 to 9) fraction digits,
/// cut and not rounded: "2024-01-01T00:00:00.000Z".
std::string to_rfc3339(Instant instant, int digits);

/// Returns the date of `instant` in UTC: "2024-01-01".
std::string to_date(Instant instant);

}  // namespace strandline::model
