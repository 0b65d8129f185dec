// SPDX-License-Identifier: MIT
#include "model/cursor.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "model/civil.hpp"
#include "model/pattern.hpp"

namespace strandline::model {
namespace {

constexpr std::size_t date_length = 10;  // 2024-01-01
constexpr std::int64_t second_nanoseconds = 1'000'000'000;
constexpr std::int64_t millisecond_nanoseconds = 1'000'000;

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty()) {
    return {};
  }
  return value;
}

// Epoch numbers come as 1754390332 and as 1754390332.25; digits beyond the
// nanosecond are cut.
std::optional<Instant> parse_epoch(std::string_view text,
                                   std::int64_t per_unit) {
  const auto point = text.find('.');
  const auto whole = parse_integer(text.substr(0, point));
  if (!whole) {
    return {};
  }
  std::int64_t fraction = 0;
  if (point != std::string_view::npos) {
    const auto digits = text.substr(point + 1);
    if (digits.empty() ||
        digits.find_first_not_of("0123456789") != std::string_view::npos) {
      return {};
    }
    std::int64_t weight = per_unit / 10;
    for (const char c : digits) {
      fraction += weight * (c - '0');
      weight /= 10;
    }
    if (text.front() == '-') {
      fraction = -fraction;
    }
  }
  const std::int64_t units_per_second = second_nanoseconds / per_unit;
  const std::int64_t seconds = *whole / units_per_second;
  if (seconds < earliest_instant.seconds || seconds > latest_instant.seconds) {
    return {};
  }
  return plus({seconds, 0}, 0, *whole % units_per_second * per_unit + fraction);
}

Instant floor_to(Instant instant, std::int64_t unit_seconds) {
  auto rest = instant.seconds % unit_seconds;
  if (rest < 0) {
    rest += unit_seconds;
  }
  return plus({instant.seconds, 0}, -rest);
}

// Where the local times begin that are repeated or skipped with `local`.
std::optional<Instant> unclear_begin(Instant local, const Zone& zone) {
  const auto begin = zone.unclear(
      std::chrono::local_seconds(std::chrono::seconds(local.seconds)));
  if (!begin) {
    return {};
  }
  return Instant{begin->time_since_epoch().count(), 0};
}

// The local time that a filter is sent for `instant`. In a repeated hour later
// records may have an earlier local time, and the source may take a repeated or
// skipped time for the later of the instants it can mean; so the minute before
// such an hour is the last that surely is not too late. Rounded down, that may
// be in such an hour again.
Instant filter_time(Instant instant, const Zone& zone, std::int64_t unit) {
  auto local = floor_to(to_local(instant, zone), unit);
  while (const auto begin = unclear_begin(local, zone)) {
    local = floor_to(plus(*begin, -60), unit);
  }
  return local;
}

std::int64_t unit_seconds(const CursorFormat& format) {
  return std::chrono::duration_cast<std::chrono::seconds>(unit(format)).count();
}

std::string write_local(Instant instant, const CursorFormat& format) {
  const auto zone = format.zone.value_or(Zone());
  const auto local =
      std::max(filter_time(instant, zone, unit_seconds(format)), Instant{});
  if (format.kind == CursorFormat::pattern) {
    return write_pattern(local, format.pattern_text);
  }
  if (format.kind == CursorFormat::date) {
    return to_date(local);
  }
  auto text = to_rfc3339(local, 0);
  text[10] = ' ';
  text.pop_back();
  return text;
}

}  // namespace

CursorFormat CursorFormat::of_pattern(std::string text,
                                      std::optional<Zone> in_zone) {
  CursorFormat format(pattern, in_zone);
  format.pattern_text = std::move(text);
  return format;
}

bool is_time(const CursorFormat& format) noexcept {
  return format.kind != CursorFormat::integer;
}

bool is_number(const CursorFormat& format) noexcept {
  return format.kind == CursorFormat::integer ||
         format.kind == CursorFormat::epoch_s ||
         format.kind == CursorFormat::epoch_ms;
}

bool is_local(const CursorFormat& format) {
  return format.kind == CursorFormat::datetime ||
         format.kind == CursorFormat::date ||
         (format.kind == CursorFormat::pattern &&
          !has_part(format.pattern_text, 'z'));
}

std::optional<CursorValue> parse_cursor(std::string_view text,
                                        const CursorFormat& format) {
  if (format.kind == CursorFormat::integer) {
    return parse_integer(text);
  }
  if (format.kind == CursorFormat::pattern) {
    // A text of the pattern's form is nothing else: by %Y-%d-%m the days up to
    // the twelfth and those after it would have different months.
    const auto reading = read_pattern(text, format.pattern_text, format.zone);
    if (reading.fits) {
      return reading.instant;
    }
  }
  // A date under a finer format would be a mark whose day is not over, and an
  // overlap that does not reach back to its begin.
  const bool date_alone = text.size() == date_length && text[4] == '-';
  if (!date_alone || unit(format) >= std::chrono::hours(24)) {
    if (const auto instant = parse_rfc3339(text, format.zone)) {
      return *instant;
    }
  }
  if (format.kind == CursorFormat::epoch_s) {
    return parse_epoch(text, second_nanoseconds);
  }
  if (format.kind == CursorFormat::epoch_ms) {
    return parse_epoch(text, millisecond_nanoseconds);
  }
  return {};
}

std::chrono::nanoseconds unit(const CursorFormat& format) {
  switch (format.kind) {
    case CursorFormat::rfc3339:
    case CursorFormat::epoch_s:
    case CursorFormat::datetime:
      return std::chrono::seconds(1);
    case CursorFormat::rfc3339_ms:
    case CursorFormat::epoch_ms:
      return std::chrono::milliseconds(1);
    case CursorFormat::rfc3339_us:
      return std::chrono::microseconds(1);
    case CursorFormat::date:
      return std::chrono::hours(24);
    case CursorFormat::pattern:
      return pattern_unit(format.pattern_text);
    case CursorFormat::integer:
      break;
  }
  return std::chrono::nanoseconds(0);
}

CursorValue round_down(CursorValue value, const CursorFormat& format) {
  auto* instant = std::get_if<Instant>(&value);
  if (instant == nullptr || !is_time(format)) {
    return value;
  }
  if (is_local(format)) {
    const auto zone = format.zone.value_or(Zone());
    const auto local = filter_time(*instant, zone, unit_seconds(format));
    return from_local(local, zone).value_or(earliest_instant);
  }
  const auto length = unit(format).count();
  if (length < second_nanoseconds) {
    instant->nanoseconds -=
        static_cast<std::int32_t>(instant->nanoseconds % length);
    return value;
  }
  return floor_to(*instant, length / second_nanoseconds);
}

CursorValue minus_units(CursorValue value, const CursorFormat& format,
                        std::int64_t units) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    std::int64_t less = 0;
    return __builtin_sub_overflow(*integer, units, &less)
               ? std::numeric_limits<std::int64_t>::min()
               : less;
  }
  const auto instant = std::get<Instant>(value);
  const auto length = unit(format).count();
  if (length < second_nanoseconds) {
    return plus(instant, 0, -units * length);
  }
  const auto seconds = units * (length / second_nanoseconds);
  if (format.zone && is_local(format) &&
      unit(format) >= std::chrono::hours(24)) {
    // Some days have 23 or 25 hours.
    return from_local(plus(to_local(instant, *format.zone), -seconds),
                      *format.zone)
        .value_or(earliest_instant);
  }
  return plus(instant, -seconds);
}

std::string write_cursor(CursorValue value, const CursorFormat& format) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*integer);
  }
  if (is_local(format)) {
    return write_local(std::get<Instant>(value), format);
  }
  const auto rounded = std::get<Instant>(round_down(value, format));
  const auto instant = std::max(rounded, Instant{});
  switch (format.kind) {
    case CursorFormat::rfc3339:
      return to_rfc3339(instant, 0);
    case CursorFormat::rfc3339_ms:
      return to_rfc3339(instant, 3);
    case CursorFormat::rfc3339_us:
      return to_rfc3339(instant, 6);
    case CursorFormat::epoch_s:
      return std::to_string(instant.seconds);
    case CursorFormat::epoch_ms:
      return std::to_string(instant.seconds * 1000 +
                            instant.nanoseconds / millisecond_nanoseconds);
    case CursorFormat::pattern:
      return write_pattern(instant, format.pattern_text);
    default:
      return to_rfc3339(instant, 9);
  }
}

std::string to_stored(CursorValue value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*integer);
  }
  return to_rfc3339(std::get<Instant>(value), 9);
}

std::string to_display(CursorValue value) {
  const auto* instant = std::get_if<Instant>(&value);
  return instant != nullptr ? to_rfc3339(*instant, 3) : to_stored(value);
}

std::optional<CursorValue> parse_stored(std::string_view text, bool is_time) {
  if (is_time) {
    if (const auto instant = parse_rfc3339(text)) {
      return *instant;
    }
    return {};
  }
  return parse_integer(text);
}

}  // namespace strandline::model
