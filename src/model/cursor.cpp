// SPDX-License-Identifier: MIT
#include "model/cursor.hpp"

#include <charconv>
#include <limits>

namespace strandline::model {
namespace {

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

}  // namespace

bool is_time(CursorFormat format) noexcept {
  return format != CursorFormat::integer;
}

std::optional<CursorValue> parse_cursor(
    std::string_view text, CursorFormat format,
    std::optional<std::int32_t> offset_seconds) {
  if (format == CursorFormat::integer) {
    return parse_integer(text);
  }
  if (const auto instant = parse_rfc3339(text, offset_seconds)) {
    return *instant;
  }
  if (format == CursorFormat::epoch_s) {
    return parse_epoch(text, second_nanoseconds);
  }
  if (format == CursorFormat::epoch_ms) {
    return parse_epoch(text, millisecond_nanoseconds);
  }
  return {};
}

std::chrono::nanoseconds unit(CursorFormat format) noexcept {
  using std::chrono::nanoseconds;
  switch (format) {
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
    case CursorFormat::integer:
      break;
  }
  return nanoseconds(0);
}

CursorValue round_down(CursorValue value, CursorFormat format) {
  auto* instant = std::get_if<Instant>(&value);
  if (instant == nullptr || !is_time(format)) {
    return value;
  }
  const auto length = unit(format).count();
  if (length < second_nanoseconds) {
    instant->nanoseconds -=
        static_cast<std::int32_t>(instant->nanoseconds % length);
    return value;
  }
  const auto seconds = length / second_nanoseconds;
  auto rest = instant->seconds % seconds;
  if (rest < 0) {
    rest += seconds;
  }
  *instant = plus({instant->seconds, 0}, -rest);
  return value;
}

CursorValue minus_units(CursorValue value, CursorFormat format,
                        std::int64_t units) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    std::int64_t less = 0;
    return __builtin_sub_overflow(*integer, units, &less)
               ? std::numeric_limits<std::int64_t>::min()
               : less;
  }
  const auto length = unit(format).count();
  if (length >= second_nanoseconds) {
    return plus(std::get<Instant>(value),
                -units * (length / second_nanoseconds));
  }
  return plus(std::get<Instant>(value), 0, -units * length);
}

std::string write_cursor(CursorValue value, CursorFormat format,
                         std::int32_t offset_seconds) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*integer);
  }
  auto instant = std::get<Instant>(value);
  if (instant < Instant{}) {
    instant = {};
  }
  const auto local = plus(instant, offset_seconds);
  switch (format) {
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
    case CursorFormat::datetime: {
      auto text = to_rfc3339(local, 0);
      text[10] = ' ';
      text.pop_back();
      return text;
    }
    case CursorFormat::date:
      return to_date(local);
    case CursorFormat::integer:
      break;
  }
  return to_rfc3339(instant, 9);
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
