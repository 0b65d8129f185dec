// SPDX-License-Identifier: MIT
//
// Instants and the fields by which people write them. What "local" is here is
// an Instant whose fields in UTC are those that a clock somewhere else shows.
#pragma once

#include <optional>

#include "model/instant.hpp"
#include "model/zone.hpp"

namespace strandline::model {

/// Date and time of day in the proleptic Gregorian calendar.
struct Civil {
  int year = 1970;
  int month = 1;  ///< 1 to 12
  int day = 1;    ///< 1 to 31
  int hour = 0;   ///< 0 to 23
  int minute = 0;
  int second = 0;  ///< 60 is read, never written
  int nanosecond = 0;
};

/// Returns the fields of `instant` in UTC.
Civil to_civil(Instant instant);

/// Returns the instant with these fields in UTC, or nothing if there is no such
/// date in the years 0001 to 9999 or no such time of day. A second of 60 is the
/// last nanosecond of its minute: leap seconds do not exist here.
std::optional<Instant> from_civil(const Civil& civil);

/// Returns what a clock in `zone` shows at `instant`, held within the years
/// 0001 to 9999.
Instant to_local(Instant instant, const Zone& zone);

/// Returns the earliest instant at which a clock in `zone` shows `local`, or
/// nothing if that is not in the years 0001 to 9999.
std::optional<Instant> from_local(Instant local, const Zone& zone);

}  // namespace strandline::model
