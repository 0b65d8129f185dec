// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "model/cursor.hpp"
#include "model/pattern.hpp"

using namespace std::chrono_literals;
using namespace strandline::model;

TEST_SUITE("pattern") {
  TEST_CASE("a pattern that makes no sense is told why") {
    struct Case {
      std::string pattern;
      std::string expected;
    };
    const std::vector<Case> cases = {
        {"%Y-%m-%dT%H:%M:%S%z", ""},
        {"%Y-%m-%d", ""},
        {"%d.%m.%Y %H Uhr", ""},
        {"%Y%m%d%H%M", ""},
        {"%S %M %H %d %m %Y", ""},
        {"%z %Y-%m-%d", ""},
        {"", "has no %Y; a pattern needs %Y, %m and %d"},
        {"%m-%d", "has no %Y; a pattern needs %Y, %m and %d"},
        {"%Y-%d", "has no %m; a pattern needs %Y, %m and %d"},
        {"%Y-%m", "has no %d; a pattern needs %Y, %m and %d"},
        {"%Y-%m-%d %M", "has %M without %H"},
        {"%Y-%m-%d %H:%S", "has %S without %M"},
        {"%Y-%m-%d %S", "has %S without %M"},
        {"%Y-%m-%d %Y", "has %Y twice"},
        {"%Y-%m-%d %z%z", "has %z twice"},
        {"%Y-%m-%d%", "ends with a % that has no letter"},
        {"%y-%m-%d", "has %y, which is not one of %Y %m %d %H %M %S %z"},
        {"%Y-%m-%d %I", "has %I, which is not one of %Y %m %d %H %M %S %z"},
        {"%Y-%m-%d %%", "has %%, which is not one of %Y %m %d %H %M %S %z"},
        {"%Y-%m-%d % H", "has % , which is not one of %Y %m %d %H %M %S %z"},
        {"%Y-%m-%d %\n",
         "has %\\x0A, which is not one of %Y %m %d %H %M %S %z"},
        {"%Y-%m-%d %é", "has %é, which is not one of %Y %m %d %H %M %S %z"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.pattern);
      CHECK(pattern_fault(c.pattern).value_or("") == c.expected);
    }
  }

  TEST_CASE("a text is read by its pattern, whole and strictly") {
    struct Case {
      std::string pattern;
      std::string text;
      std::string expected;  // empty: unreadable
    };
    const std::string all = "%d.%m.%Y %H:%M:%S";
    const std::string offset = "%Y%m%dT%H%M%S%z";
    const std::vector<Case> cases = {
        {all, "31.12.2023 23:30:15", "2023-12-31T22:30:15.000000000Z"},
        {all, "29.02.2024 00:00:00", "2024-02-28T23:00:00.000000000Z"},
        {all, "29.02.2023 00:00:00", ""},
        {all, "31.12.2016 23:59:60", "2016-12-31T22:59:59.999999999Z"},
        {all, "31.12.2016 23:59:61", ""},
        {all, "01.01.2024 24:00:00", ""},
        {all, "01.01.2024 23:60:00", ""},
        {all, "01.01.0000 00:00:00", ""},
        {all, "01.01.10000 00:00:00", ""},
        {all, "1.1.2024 00:00:00", ""},
        {all, "01.01.24 00:00:00", ""},
        {all, "01.01.2024 00:00", ""},
        {all, "01.01.2024 00:00:00 ", ""},
        {all, " 01.01.2024 00:00:00", ""},
        {all, "01/01/2024 00:00:00", ""},
        {all, "", ""},
        // A fraction behind the seconds needs no letter.
        {all, "01.01.2024 01:00:00.25", "2024-01-01T00:00:00.250000000Z"},
        {all, "01.01.2024 01:00:00,1234567899",
         "2024-01-01T00:00:00.123456789Z"},
        {all, "01.01.2024 01:00:00.", ""},
        {all, "01.01.2024 01:00:00.x", ""},
        {"%d.%m.%Y, %H.%M.%S. %z", "01.01.2024, 00.00.00. Z",
         "2024-01-01T00:00:00.000000000Z"},
        {offset, "20240101T013000.5+0130", "2024-01-01T00:00:00.500000000Z"},
        // Offsets; the one in the text wins over the zone.
        {offset, "20240101T013000+0130", "2024-01-01T00:00:00.000000000Z"},
        {offset, "20240101T013000+01:30", "2024-01-01T00:00:00.000000000Z"},
        {offset, "20231231T190000-05", "2024-01-01T00:00:00.000000000Z"},
        {offset, "20240101T000000Z", "2024-01-01T00:00:00.000000000Z"},
        {offset, "20240101T000000", ""},
        {offset, "20240101T000000+2400", ""},
        {"%Y-%m-%d(%z)%H", "2024-01-01(+01)01",
         "2024-01-01T00:00:00.000000000Z"},
        // Smaller parts are zero.
        {"%Y-%m-%d %H", "2024-01-01 10", "2024-01-01T09:00:00.000000000Z"},
        {"%Y%m%d", "20240101", "2023-12-31T23:00:00.000000000Z"},
        // RFC 3339 is read whatever the pattern, unless it has its form.
        {all, "2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00.500000000Z"},
        {"%Y-%d-%m", "2024-02-01", "2024-01-01T23:00:00.000000000Z"},
        {"%Y-%d-%m", "2024-02-13", ""},
        {"%Y-%d-%m", "2024-02-13T00:00:00Z", "2024-02-13T00:00:00.000000000Z"},
        {"%Y%m%d", "1704067200", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.pattern);
      CAPTURE(c.text);
      REQUIRE_FALSE(pattern_fault(c.pattern));
      const auto value =
          parse_cursor(c.text, CursorFormat::of_pattern(c.pattern, Zone(1h)));
      CHECK((value ? to_stored(*value) : "") == c.expected);
    }
  }

  TEST_CASE("without a zone a date is one of UTC and a time is unreadable") {
    const auto read = [](const std::string& text, const std::string& pattern) {
      return parse_cursor(text, CursorFormat::of_pattern(pattern));
    };
    CHECK(read("01/02/2024", "%d/%m/%Y") ==
          CursorValue(Instant{1'706'745'600, 0}));
    CHECK_FALSE(read("01/02/2024 00", "%d/%m/%Y %H"));
    CHECK(read("01/02/2024 00Z", "%d/%m/%Y %H%z") ==
          CursorValue(Instant{1'706'745'600, 0}));
  }

  TEST_CASE("a filter is written by its pattern, rounded down to its unit") {
    struct Case {
      std::string pattern;
      std::string expected;
      std::chrono::nanoseconds unit;
    };
    const std::vector<Case> cases = {
        {"%d.%m.%Y %H:%M:%S", "31.12.2023 21:59:59", 1s},
        {"%Y/%m/%d %Hh%M", "2023/12/31 21h59", 1min},
        {"%Y%m%d%H", "2023123121", 1h},
        {"%m/%d/%Y", "12/31/2023", 24h},
        // With an offset in UTC, wherever the zone is.
        {"%Y-%m-%dT%H:%M:%S%z", "2023-12-31T22:59:59+0000", 1s},
        {"%Y-%m-%d %H%z", "2023-12-31 22+0000", 1h},
    };
    const CursorValue value = *parse_rfc3339("2023-12-31T22:59:59.999Z");
    for (const auto& c : cases) {
      CAPTURE(c.pattern);
      const auto format = CursorFormat::of_pattern(c.pattern, Zone(-1h));
      CHECK(write_cursor(value, format) == c.expected);
      CHECK(parse_cursor(c.expected, format) == round_down(value, format));
      CHECK(unit(format) == c.unit);
      CHECK(is_time(format));
      CHECK(is_local(format) == (c.pattern.find("%z") == std::string::npos));
      // One unit less reads as one unit less.
      const auto rounded = round_down(value, format);
      CHECK(parse_cursor(write_cursor(minus_units(rounded, format, 1), format),
                         format) ==
            CursorValue(plus(std::get<Instant>(rounded), 0, -c.unit.count())));
    }
  }

  TEST_CASE("nothing before 1970 is written by a pattern, on its own clock") {
    const auto write = [](const std::string& instant,
                          const CursorFormat& format) {
      return write_cursor(parse_rfc3339(instant).value(), format);
    };
    const auto local = CursorFormat::of_pattern("%Y-%m-%d %H", Zone(-5h));
    CHECK(write("1960-01-01T00:00:00Z", local) == "1970-01-01 00");
    CHECK(write("1970-01-01T04:59:59Z", local) == "1970-01-01 00");
    CHECK(write("1970-01-01T06:00:00Z", local) == "1970-01-01 01");
    const auto offset = CursorFormat::of_pattern("%Y-%m-%d %H%z", Zone(-5h));
    CHECK(write("1960-01-01T00:00:00Z", offset) == "1970-01-01 00+0000");
  }

  TEST_CASE("formats are equal if kind, pattern and zone are") {
    const auto format = CursorFormat::of_pattern("%Y%m%d", Zone(1h));
    CHECK(format == CursorFormat::of_pattern("%Y%m%d", Zone(1h)));
    CHECK_FALSE(format == CursorFormat::of_pattern("%Y%d%m", Zone(1h)));
    CHECK_FALSE(format == CursorFormat::of_pattern("%Y%m%d", Zone()));
    CHECK_FALSE(format == CursorFormat::of_pattern("%Y%m%d"));
    CHECK(CursorFormat() == CursorFormat::rfc3339);
    CHECK_FALSE(CursorFormat() == CursorFormat::epoch_s);
  }
}
