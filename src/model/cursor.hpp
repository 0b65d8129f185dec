// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "model/instant.hpp"

namespace strandline::model {

/// A value of a cursor field: a point in time, or an integer. Two values of
/// one stream are always of one kind and compare as what they are, never as
/// text.
using CursorValue = std::variant<Instant, std::int64_t>;

/// How a source writes the values of its cursor, in records and in filters.
enum class CursorFormat {
  rfc3339,     ///< RFC 3339, filters in whole seconds
  rfc3339_ms,  ///< RFC 3339, filters in milliseconds
  rfc3339_us,  ///< RFC 3339, filters in microseconds
  epoch_s,     ///< seconds since 1970, a number
  epoch_ms,    ///< milliseconds since 1970, a number
  datetime,    ///< "2024-01-01 00:00:00" in the stream's zone
  date,        ///< "2024-01-01"
  integer,     ///< a decimal integer
};

/// True for every format but `integer`.
bool is_time(CursorFormat format) noexcept;

/// Returns the value that a record writes as `text`, or nothing if it cannot be
/// read. Timestamps are read as RFC 3339 whatever the format (`parse_rfc3339`
/// with `offset_seconds`); a number is read as `format` says, so only with an
/// epoch or integer format.
std::optional<CursorValue> parse_cursor(
    std::string_view text, CursorFormat format,
    std::optional<std::int32_t> offset_seconds = {});

/// Returns `value` as a filter writes it in `format`, rounded down to the
/// format's unit, at `offset_seconds` for formats without an offset. Nothing
/// before 1970 is written: earlier values become 1970.
std::string write_cursor(CursorValue value, CursorFormat format,
                         std::int32_t offset_seconds = 0);

/// Returns `value` rounded down to the format's unit.
CursorValue round_down(CursorValue value, CursorFormat format);

/// Returns `value` less `units` of the format's smallest part.
CursorValue minus_units(CursorValue value, CursorFormat format,
                        std::int64_t units);

/// Returns the length of a time format's unit in nanoseconds; 0 for `integer`.
std::chrono::nanoseconds unit(CursorFormat format) noexcept;

/// The mark as the database keeps it: RFC 3339 UTC with nine digits, or a
/// decimal integer. `parse_stored` reads it back, and what a person may have
/// written in its place (`parse_rfc3339`); nothing if that is neither.
std::string to_stored(CursorValue value);
std::optional<CursorValue> parse_stored(std::string_view text, bool is_time);

/// A mark for people and summaries: RFC 3339 UTC in milliseconds, or a decimal
/// integer.
std::string to_display(CursorValue value);

}  // namespace strandline::model
