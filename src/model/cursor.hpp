// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "model/instant.hpp"
#include "model/zone.hpp"

namespace strandline::model {

/// A value of a cursor field: a point in time, or an integer. Two values of
/// one stream are always of one kind and compare as what they are, never as
/// text.
using CursorValue = std::variant<Instant, std::int64_t>;

/// How a source writes the values of its cursor, in records and in filters.
struct CursorFormat {
  enum Kind {
    rfc3339,     ///< RFC 3339, filters in whole seconds
    rfc3339_ms,  ///< RFC 3339, filters in milliseconds
    rfc3339_us,  ///< RFC 3339, filters in microseconds
    epoch_s,     ///< seconds since 1970, a number
    epoch_ms,    ///< milliseconds since 1970, a number
    datetime,    ///< "2024-01-01 00:00:00" in `zone`
    date,        ///< "2024-01-01" in `zone`
    integer,     ///< a decimal integer
    pattern,     ///< as `pattern_text` says, in `zone` unless it has %z
  };

  // Implicit, so that a kind is the format that has nothing else.
  CursorFormat(Kind of_kind = rfc3339, std::optional<Zone> in_zone = {})
      : kind(of_kind), zone(in_zone) {}

  /// A format of the usable pattern `text` (see pattern.hpp).
  static CursorFormat of_pattern(std::string text,
                                 std::optional<Zone> in_zone = {});

  Kind kind;
  std::string pattern_text;

  /// Where times are that do not say it. Without one they are unreadable, but
  /// for a date alone, which is one of UTC; what is written is then in UTC.
  std::optional<Zone> zone;

  friend bool operator==(const CursorFormat&, const CursorFormat&) = default;
};

/// True for every format but `integer`.
bool is_time(const CursorFormat& format) noexcept;

/// True for the formats that JSON writes as numbers.
bool is_number(const CursorFormat& format) noexcept;

/// True for the formats whose filters are local times: `datetime`, `date`, and
/// patterns without %z.
bool is_local(const CursorFormat& format);

/// Returns the value that a record writes as `text`, or nothing if it cannot be
/// read. Timestamps are read by the format's pattern, if they have its form,
/// and else as RFC 3339 whatever the format (`parse_rfc3339`); a number is read
/// as the format says, so only with an epoch or integer format or a pattern;
/// and a date alone only with a format whose unit is a day. A local time that
/// comes twice is the earlier of the two instants: read too late, it would move
/// the mark past records that were not seen.
std::optional<CursorValue> parse_cursor(std::string_view text,
                                        const CursorFormat& format);

/// Returns `value` as a filter writes it: `round_down` of it, but nothing
/// before 1970, earlier values become 1970. It is never later than `value`,
/// however the source reads it; so as an upper bound it is never later than
/// what was asked for, and `round_down` says which bound it was.
std::string write_cursor(CursorValue value, const CursorFormat& format);

/// Returns `value` rounded down to the format's unit. Where filters are local
/// times these are the units of that clock, and the result is an instant whose
/// local time comes once: for an hour that the zone repeats or skips it is the
/// minute before that hour, and for a day whose midnight is repeated or skipped
/// the day before. So from there on instants and local times are in one order,
/// and what was rounded stays as it is when rounded again.
CursorValue round_down(CursorValue value, const CursorFormat& format);

/// Returns `value` less `units` of the format's smallest part; days are those
/// of the format's zone, where it writes in one.
CursorValue minus_units(CursorValue value, const CursorFormat& format,
                        std::int64_t units);

/// Returns the length of a time format's unit, of a pattern its smallest part;
/// 0 for `integer`. A day counts as 24 hours.
std::chrono::nanoseconds unit(const CursorFormat& format);

/// The mark as the database keeps it: RFC 3339 UTC with nine digits, or a
/// decimal integer. `parse_stored` reads it back, and what a person may have
/// written in its place (`parse_rfc3339`); nothing if that is neither.
std::string to_stored(CursorValue value);
std::optional<CursorValue> parse_stored(std::string_view text, bool is_time);

/// A mark for people and summaries: RFC 3339 UTC in milliseconds, or a decimal
/// integer.
std::string to_display(CursorValue value);

}  // namespace strandline::model
