// SPDX-License-Identifier: MIT
#include "model/instant.hpp"

#include <fmt/format.h>

#include <chrono>

namespace strandline::model {
namespace {

constexpr std::int64_t day_seconds = 86'400;
constexpr std::int32_t second_nanoseconds = 1'000'000'000;

// Reads a text from the left; every member returns nothing, and moves nothing,
// where what is asked for does not stand next.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) {
      return {};
    }
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') {
        return {};
      }
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  // At least one digit; those after the ninth are cut.
  std::optional<std::int32_t> fraction() {
    std::int32_t value = 0;
    std::int32_t weight = second_nanoseconds / 10;
    std::size_t count = 0;
    for (; count < rest_.size(); ++count) {
      const char c = rest_[count];
      if (c < '0' || c > '9') {
        break;
      }
      value += weight * (c - '0');
      weight /= 10;
    }
    rest_.remove_prefix(count);
    return count > 0 ? std::optional(value) : std::nullopt;
  }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> scan_date(Scanner& scan) {
  const auto year = scan.digits(4);
  if (!year || !scan.take("-")) {
    return {};
  }
  const auto month = scan.digits(2);
  if (!month || !scan.take("-")) {
    return {};
  }
  const auto day = scan.digits(2);
  if (!day || *year == 0) {
    return {};
  }
  const std::chrono::year_month_day date{
      std::chrono::year(*year),
      std::chrono::month(static_cast<unsigned>(*month)),
      std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) {
    return {};
  }
  return std::chrono::sys_days(date).time_since_epoch().count() * day_seconds;
}

// The time of day; a second of 60 is the last nanosecond of its minute.
std::optional<Instant> scan_time(Scanner& scan) {
  const auto hour = scan.digits(2);
  if (!hour || !scan.take(":")) {
    return {};
  }
  const auto minute = scan.digits(2);
  if (!minute || *hour > 23 || *minute > 59) {
    return {};
  }
  std::int32_t second = 0;
  std::int32_t nanoseconds = 0;
  if (scan.take(":")) {
    const auto seconds = scan.digits(2);
    if (!seconds || *seconds > 60) {
      return {};
    }
    second = *seconds;
    if (scan.take(".,")) {
      const auto fraction = scan.fraction();
      if (!fraction) {
        return {};
      }
      nanoseconds = *fraction;
    }
  }
  if (second == 60) {
    second = 59;
    nanoseconds = second_nanoseconds - 1;
  }
  return Instant{(*hour * 60 + *minute) * 60 + second, nanoseconds};
}

// Seconds east of UTC.
std::optional<std::int32_t> scan_offset(Scanner& scan) {
  if (scan.take("Zz")) {
    return 0;
  }
  const bool east = scan.take("+");
  if (!east && !scan.take("-")) {
    return {};
  }
  const auto hours = scan.digits(2);
  if (!hours || *hours > 23) {
    return {};
  }
  int minutes = 0;
  if (!scan.at_end()) {
    scan.take(":");
    const auto digits = scan.digits(2);
    if (!digits || *digits > 59) {
      return {};
    }
    minutes = *digits;
  }
  const int seconds = (*hours * 60 + minutes) * 60;
  return east ? seconds : -seconds;
}

struct Civil {
  std::chrono::year_month_day date;
  std::int64_t second_of_day;
};

Civil to_civil(Instant instant) {
  auto days = instant.seconds / day_seconds;
  auto second = instant.seconds % day_seconds;
  if (second < 0) {
    second += day_seconds;
    --days;
  }
  return {std::chrono::sys_days(std::chrono::days(days)), second};
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

std::optional<Instant> parse_rfc3339(
    std::string_view text, std::optional<std::int32_t> offset_seconds) {
  Scanner scan(text);
  const auto midnight = scan_date(scan);
  if (!midnight) {
    return {};
  }
  if (scan.at_end()) {
    return plus({*midnight, 0}, -offset_seconds.value_or(0));
  }
  if (!scan.take("Tt ")) {
    return {};
  }
  const auto time = scan_time(scan);
  if (!time) {
    return {};
  }
  const auto offset = scan.at_end() ? offset_seconds : scan_offset(scan);
  if (!offset || !scan.at_end()) {
    return {};
  }
  const std::int64_t seconds = *midnight + time->seconds - *offset;
  if (seconds < earliest_instant.seconds || seconds > latest_instant.seconds) {
    return {};
  }
  return Instant{seconds, time->nanoseconds};
}

std::string to_rfc3339(Instant instant, int digits) {
  const auto [date, second] = to_civil(instant);
  auto text = fmt::format(
      "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      second / 3600, second / 60 % 60, second % 60);
  if (digits > 0) {
    text += '.';
    text += fmt::format("{:09}", instant.nanoseconds)
                .substr(0, static_cast<std::size_t>(digits));
  }
  return text + 'Z';
}

std::string to_date(Instant instant) {
  const auto date = to_civil(instant).date;
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

}  // namespace strandline::model
