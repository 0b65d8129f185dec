// SPDX-License-Identifier: MIT
#include "http/http_date.hpp"

#include <array>
#include <chrono>
#include <cstddef>

namespace strandline::http {
namespace {

constexpr std::array<std::string_view, 7> days = {
    "Sunday",   "Monday", "Tuesday", "Wednesday",
    "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

constexpr std::size_t short_name = 3;

// What a date says, part for part.
struct Parts {
  unsigned weekday = 0;  // 0 is Sunday
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

// Takes one part after the other off the front of a text. What is not there
// makes it fail for good.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  void literal(std::string_view expected) {
    if (rest_.starts_with(expected)) {
      rest_.remove_prefix(expected.size());
    } else {
      good_ = false;
    }
  }

  int number(std::size_t digits) {
    int value = 0;
    if (rest_.size() < digits) {
      good_ = false;
      return 0;
    }
    for (const char c : rest_.substr(0, digits)) {
      good_ = good_ && c >= '0' && c <= '9';
      value = 10 * value + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }

  // Returns which of `names`, cut to `length`, stands here.
  template <typename Names>
  unsigned name(const Names& names,
                std::size_t length = std::string_view::npos) {
    for (unsigned i = 0; i < names.size(); ++i) {
      const auto expected = names[i].substr(0, length);
      if (rest_.starts_with(expected)) {
        rest_.remove_prefix(expected.size());
        return i;
      }
    }
    good_ = false;
    return 0;
  }

  bool next_is(char c) const { return rest_.starts_with(c); }
  bool complete() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

void read_time(Reader& reader, Parts& parts) {
  parts.hour = reader.number(2);
  reader.literal(":");
  parts.minute = reader.number(2);
  reader.literal(":");
  parts.second = reader.number(2);
}

std::optional<Parts> read_fixed(std::string_view text) {
  Reader reader(text);
  Parts parts;
  parts.weekday = reader.name(days, short_name);
  reader.literal(", ");
  parts.day = static_cast<unsigned>(reader.number(2));
  reader.literal(" ");
  parts.month = reader.name(months) + 1;
  reader.literal(" ");
  parts.year = reader.number(4);
  reader.literal(" ");
  read_time(reader, parts);
  reader.literal(" GMT");
  return reader.complete() ? std::optional(parts) : std::nullopt;
}

std::optional<Parts> read_asctime(std::string_view text) {
  Reader reader(text);
  Parts parts;
  parts.weekday = reader.name(days, short_name);
  reader.literal(" ");
  parts.month = reader.name(months) + 1;
  reader.literal(" ");
  if (reader.next_is(' ')) {
    reader.literal(" ");
    parts.day = static_cast<unsigned>(reader.number(1));
  } else {
    parts.day = static_cast<unsigned>(reader.number(2));
  }
  reader.literal(" ");
  read_time(reader, parts);
  reader.literal(" ");
  parts.year = reader.number(4);
  return reader.complete() ? std::optional(parts) : std::nullopt;
}

// The year is that of the century, 0 to 99.
std::optional<Parts> read_rfc850(std::string_view text) {
  Reader reader(text);
  Parts parts;
  parts.weekday = reader.name(days);
  reader.literal(", ");
  parts.day = static_cast<unsigned>(reader.number(2));
  reader.literal("-");
  parts.month = reader.name(months) + 1;
  reader.literal("-");
  parts.year = reader.number(2);
  reader.literal(" ");
  read_time(reader, parts);
  reader.literal(" GMT");
  return reader.complete() ? std::optional(parts) : std::nullopt;
}

// Nothing for a day or time that there is not.
std::optional<model::Instant> instant_of(const Parts& parts) {
  using namespace std::chrono;
  const year_month_day date{year(parts.year), month(parts.month),
                            day(parts.day)};
  if (parts.year == 0 || !date.ok() || parts.hour > 23 || parts.minute > 59 ||
      parts.second > 60) {
    return {};
  }
  const bool leap = parts.second == 60;
  const auto time = sys_days(date) + hours(parts.hour) + minutes(parts.minute) +
                    seconds(leap ? 59 : parts.second);
  return model::Instant{time.time_since_epoch().count(),
                        leap ? 999'999'999 : 0};
}

bool is_on(std::chrono::weekday weekday, model::Instant instant) {
  using namespace std::chrono;
  return std::chrono::weekday(floor<std::chrono::days>(
             sys_seconds(seconds(instant.seconds)))) == weekday;
}

// The same time of the calendar's same day, fifty years later.
model::Instant in_fifty_years(model::Instant now) {
  using namespace std::chrono;
  const sys_seconds time{seconds(now.seconds)};
  const auto today = floor<std::chrono::days>(time);
  const auto day = year_month_day(today) + years(50);
  // Not every year has a 29 February.
  const auto date = day.ok() ? day : day.year() / day.month() / last;
  return {(sys_days(date) + (time - today)).time_since_epoch().count(),
          now.nanoseconds};
}

// Puts the latest century that is not too late before the year's two digits.
void complete_year(Parts& parts, model::Instant now) {
  using namespace std::chrono;
  const auto limit = in_fifty_years(now);
  const year_month_day date{
      floor<std::chrono::days>(sys_seconds(seconds(limit.seconds)))};
  parts.year += (int{date.year()} - parts.year) / 100 * 100;
  if (instant_of(parts) > limit) {
    parts.year -= 100;
  }
}

}  // namespace

std::optional<model::Instant> parse_http_date(std::string_view text,
                                              model::Instant now) {
  auto parts = read_fixed(text);
  if (!parts) {
    parts = read_asctime(text);
  }
  if (!parts) {
    parts = read_rfc850(text);
    if (!parts) {
      return {};
    }
    complete_year(*parts, now);
  }
  const auto instant = instant_of(*parts);
  return instant && is_on(std::chrono::weekday(parts->weekday), *instant)
             ? instant
             : std::nullopt;
}

}  // namespace strandline::http
