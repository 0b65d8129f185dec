// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "http/http_date.hpp"

using strandline::http::parse_http_date;
using strandline::model::Instant;

namespace {

constexpr Instant now{1'772'524'800, 0};  // 2026-03-03T08:00:00Z

std::optional<Instant> rfc3339(const std::string& text) {
  return strandline::model::parse_rfc3339(text);
}

const std::array days = {"Thursday", "Friday",  "Saturday", "Sunday",
                         "Monday",   "Tuesday", "Wednesday"};
const std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// A day as `to_date` writes it, in the three forms, at `time`.
struct Written {
  std::string fixed;
  std::string rfc850;
  std::string asctime;
};

Written written(Instant instant) {
  const auto text = to_rfc3339(instant, 0);
  const auto year = text.substr(0, 4);
  const auto* month = months.at(std::stoul(text.substr(5, 2)) - 1);
  const auto day = text.substr(8, 2);
  const auto time = text.substr(11, 8);
  const auto since = instant.seconds / 86'400 -
                     (instant.seconds % 86'400 < 0 ? 1 : 0);  // 1970 Thursday
  const std::string name =
      days.at(static_cast<std::size_t>((since % 7 + 7) % 7));
  const auto brief = name.substr(0, 3);
  return {fmt::format("{}, {} {} {} {} GMT", brief, day, month, year, time),
          fmt::format("{}, {}-{}-{} {} GMT", name, day, month, year.substr(2),
                      time),
          fmt::format("{} {} {}{} {} {}", brief, month,
                      day[0] == '0' ? ' ' : day[0], day[1], time, year)};
}

}  // namespace

TEST_SUITE("parse_http_date") {
  TEST_CASE("the three forms are read") {
    const Instant expected{784'111'777, 0};
    CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", now) == expected);
    CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now) == expected);
    CHECK(parse_http_date("Sun Nov  6 08:49:37 1994", now) == expected);
    CHECK(parse_http_date("Wed Nov 16 08:49:37 1994", now) ==
          Instant{784'111'777 + 10 * 86'400, 0});
  }

  TEST_CASE("a leap second is the end of its minute") {
    CHECK(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", now) ==
          Instant{1'483'228'799, 999'999'999});
  }

  TEST_CASE("what is not a date letter for letter is none") {
    const std::vector<std::string> cases = {
        "", " ", "yesterday", "0", "1994", "1994-11-06T08:49:37Z", "784111777",
        // Forms that other parsers let pass.
        "06 Nov 1994 08:49:37 GMT", "Nov 6 1994", "20040912 15:05:58 -0700",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 PST",
        "Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06 November 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994 GMT",
        // Cases, blanks, digits.
        "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 gmt", " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun,  06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun,  6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 19994 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 08-49-37 GMT", "Sun, 06 Nov 1994 08:49:3a GMT",
        "Sun, 06 Nov -994 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994", "Sun Nov   6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        // Days and times that there are not.
        "Mon, 06 Nov 1994 08:49:37 GMT", "Monday, 06-Nov-94 08:49:37 GMT",
        "Mon Nov  6 08:49:37 1994", "Xyz, 06 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Thu, 31 Nov 1994 08:49:37 GMT",
        "Wed, 29 Feb 1995 08:49:37 GMT", "Thu, 29 Feb 1900 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Mon, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
        "Mon, 06 Nov 0000 08:49:37 GMT"};
    for (const auto& text : cases) {
      CAPTURE(text);
      CHECK_FALSE(parse_http_date(text, now));
    }
  }

  TEST_CASE("a year of two digits is at most fifty years ahead") {
    struct Case {
      const char* now;
      const char* text;
      const char* expected;
    };
    const std::vector<Case> cases = {
        {"2026-03-03T08:00:00Z", "Tuesday, 03-Mar-26 07:59:59 GMT",
         "2026-03-03T07:59:59Z"},
        {"2026-03-03T08:00:00Z", "Tuesday, 03-Mar-76 08:00:00 GMT",
         "2076-03-03T08:00:00Z"},
        // A second later it is a Wednesday of 1976.
        {"2026-03-03T08:00:00Z", "Wednesday, 03-Mar-76 08:00:01 GMT",
         "1976-03-03T08:00:01Z"},
        {"2026-03-03T08:00:00Z", "Saturday, 01-Jan-77 00:00:00 GMT",
         "1977-01-01T00:00:00Z"},
        {"2026-03-03T08:00:00Z", "Friday, 31-Dec-99 23:59:59 GMT",
         "1999-12-31T23:59:59Z"},
        {"2026-03-03T08:00:00Z", "Saturday, 01-Jan-00 00:00:00 GMT",
         "2000-01-01T00:00:00Z"},
        {"1999-12-31T23:59:59Z", "Saturday, 01-Jan-00 00:00:00 GMT",
         "2000-01-01T00:00:00Z"},
        {"2000-01-01T00:00:00Z", "Friday, 31-Dec-99 23:59:59 GMT",
         "1999-12-31T23:59:59Z"},
        // 2074 has no 29 February.
        {"2024-02-29T12:00:00Z", "Wednesday, 28-Feb-74 12:00:00 GMT",
         "2074-02-28T12:00:00Z"},
        {"2024-02-29T12:00:00Z", "Friday, 01-Mar-74 12:00:00 GMT",
         "1974-03-01T12:00:00Z"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      CHECK(parse_http_date(c.text, *rfc3339(c.now)) == rfc3339(c.expected));
    }
    CHECK_FALSE(parse_http_date("Tuesday, 03-Mar-76 08:00:01 GMT", now));
  }

  TEST_CASE("every day is read as it is written") {
    // The calendar repeats itself after 400 years.
    const auto check_days = [](const char* begin, const char* end) {
      std::int64_t second = 0;
      std::size_t wrong = 0;
      for (auto day = rfc3339(begin)->seconds; day <= rfc3339(end)->seconds;
           day += 86'400) {
        second = (second + 34'567) % 86'400;
        const Instant instant{day + second, 0};
        const auto text = written(instant);
        const bool right = parse_http_date(text.fixed, now) == instant &&
                           parse_http_date(text.asctime, now) == instant &&
                           parse_http_date(text.rfc850, instant) == instant;
        if (!right && ++wrong < 10) {
          CAPTURE(text.fixed);
          CHECK(right);
        }
      }
      CHECK(wrong == 0);
    };
    check_days("1800-01-01", "2199-12-31");
    check_days("0001-01-01", "0002-12-31");
    check_days("9998-01-01", "9999-12-31");
  }

  TEST_CASE("a text that is cut or changed anywhere is another date or none") {
    const std::string text = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (std::size_t i = 0; i < text.size(); ++i) {
      CAPTURE(i);
      CHECK_FALSE(parse_http_date(text.substr(0, i), now));
      for (int c = 0; c < 256; ++c) {
        auto changed = text;
        changed[i] = static_cast<char>(c);
        const auto read = parse_http_date(changed, now);
        CHECK((changed == text) ==
              (read == std::optional(Instant{784'111'777, 0})));
      }
    }
  }
}
