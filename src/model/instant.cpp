// SPDX-License-Identifier: MIT
#include "model/instant.hpp"

#include <fmt/format.h>

#include "model/civil.hpp"
#include "model/text_scanner.hpp"

namespace strandline::model {
namespace {

constexpr std::int32_t second_nanoseconds = 1'000'000'000;

bool scan_date(TextScanner& scan, Civil& civil) {
  const auto year = scan.digits(4);
  if (!year || !scan.take("-")) {
    return false;
  }
  const auto month = scan.digits(2);
  if (!month || !scan.take("-")) {
    return false;
  }
  const auto day = scan.digits(2);
  if (!day) {
    return false;
  }
  civil.year = *year;
  civil.month = *month;
  civil.day = *day;
  return true;
}

bool scan_time(TextScanner& scan, Civil& civil) {
  const auto hour = scan.digits(2);
  if (!hour || !scan.take(":")) {
    return false;
  }
  const auto minute = scan.digits(2);
  if (!minute) {
    return false;
  }
  civil.hour = *hour;
  civil.minute = *minute;
  if (!scan.take(":")) {
    return true;
  }
  const auto second = scan.digits(2);
  if (!second) {
    return false;
  }
  civil.second = *second;
  if (scan.take(".,")) {
    const auto fraction = scan.fraction();
    if (!fraction) {
      return false;
    }
    civil.nanosecond = *fraction;
  }
  return true;
}

}  // namespace

Instant plus(Instant instant, std::int64_t seconds, std::int64_t nanoseconds) {
  std::int64_t nanosecond = instant.nanoseconds + nanoseconds;
  std::int64_t carry = nanosecond / second_nanoseconds;
  nanosecond %= second_nanoseconds;
  if (nanosecond < 0) {
    nanosecond += second_nanoseconds;
    --carry;
  }
  std::int64_t sum = 0;
  if (__builtin_add_overflow(instant.seconds, seconds, &sum) ||
      __builtin_add_overflow(sum, carry, &sum)) {
    return seconds < 0 ? earliest_instant : latest_instant;
  }
  const Instant moved{sum, static_cast<std::int32_t>(nanosecond)};
  if (moved < earliest_instant) {
    return earliest_instant;
  }
  return moved > latest_instant ? latest_instant : moved;
}

std::optional<Instant> parse_rfc3339(std::string_view text,
                                     const std::optional<Zone>& zone) {
  TextScanner scan(text);
  Civil civil;
  if (!scan_date(scan, civil)) {
    return {};
  }
  if (scan.at_end()) {
    const auto midnight = from_civil(civil);
    return midnight ? from_local(*midnight, zone.value_or(Zone())) : midnight;
  }
  if (!scan.take("Tt ") || !scan_time(scan, civil)) {
    return {};
  }
  const auto local = from_civil(civil);
  if (!local) {
    return {};
  }
  if (scan.at_end()) {
    return zone ? from_local(*local, *zone) : std::nullopt;
  }
  const auto offset = scan.offset();
  if (!offset || !scan.at_end()) {
    return {};
  }
  return from_local(*local, Zone(std::chrono::seconds(*offset)));
}

std::string to_rfc3339(Instant instant, int digits) {
  const auto civil = to_civil(instant);
  auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", civil.year,
                          civil.month, civil.day, civil.hour, civil.minute,
                          civil.second);
  if (digits > 0) {
    text += '.';
    text += fmt::format("{:09}", civil.nanosecond)
                .substr(0, static_cast<std::size_t>(digits));
  }
  return text + 'Z';
}

std::string to_date(Instant instant) {
  const auto civil = to_civil(instant);
  return fmt::format("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
}

}  // namespace strandline::model
