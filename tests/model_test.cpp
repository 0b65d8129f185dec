// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "model/cursor.hpp"
#include "model/definition.hpp"
#include "model/digest.hpp"
#include "model/instant.hpp"
#include "model/path.hpp"
#include "model/records.hpp"
#include "model/template.hpp"
#include "model/text.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace strandline::model;

namespace {

constexpr std::int64_t new_year_2024 = 1'704'067'200;

std::string why_no_path(const std::string& text) {
  try {
    parse_path(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "(taken)";
}

}  // namespace

TEST_SUITE("instant") {
  TEST_CASE("RFC 3339 and what APIs make of it is read") {
    struct Case {
      std::string text;
      Instant expected;
    };
    const std::vector<Case> cases = {
        {"2024-01-01T00:00:00Z", {new_year_2024, 0}},
        {"2024-01-01t00:00:00z", {new_year_2024, 0}},
        {"2024-01-01 00:00:00Z", {new_year_2024, 0}},
        {"2024-01-01T00:00Z", {new_year_2024, 0}},
        {"2024-01-01", {new_year_2024, 0}},
        // Offsets.
        {"2024-01-01T01:00:00+01:00", {new_year_2024, 0}},
        {"2024-01-01T01:00:00+0100", {new_year_2024, 0}},
        {"2024-01-01T01:00:00+01", {new_year_2024, 0}},
        {"2023-12-31T18:30:00-05:30", {new_year_2024, 0}},
        {"2024-01-01T00:00:00-00:00", {new_year_2024, 0}},
        {"2024-01-01T23:59:00+23:59", {new_year_2024, 0}},
        // Fractions; what is beyond the ninth digit is cut.
        {"2024-01-01T00:00:00.5Z", {new_year_2024, 500'000'000}},
        {"2024-01-01T00:00:00,5Z", {new_year_2024, 500'000'000}},
        {"2024-01-01T00:00:00.05Z", {new_year_2024, 50'000'000}},
        {"2024-01-01T00:00:00.123Z", {new_year_2024, 123'000'000}},
        {"2024-01-01T00:00:00.1234567Z", {new_year_2024, 123'456'700}},
        {"2024-01-01T00:00:00.123456789Z", {new_year_2024, 123'456'789}},
        {"2024-01-01T00:00:00.1234567899Z", {new_year_2024, 123'456'789}},
        {"2024-01-01T00:00:00.99999999999999999999Z",
         {new_year_2024, 999'999'999}},
        // A leap second is the last nanosecond of its minute.
        {"2016-12-31T23:59:60Z", {1'483'228'799, 999'999'999}},
        {"2016-12-31T23:59:60.5Z", {1'483'228'799, 999'999'999}},
        // The calendar.
        {"2024-02-29T12:30:45Z", {1'709'209'845, 0}},
        {"2000-02-29T00:00:00Z", {951'782'400, 0}},
        {"1900-03-01T00:00:00Z", {-2'203'891'200, 0}},
        {"1969-12-31T23:59:59.25Z", {-1, 250'000'000}},
        {"0001-01-01T00:00:00Z", earliest_instant},
        {"9999-12-31T23:59:59.999999999Z", latest_instant},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      const auto instant = parse_rfc3339(c.text);
      REQUIRE(instant);
      CHECK(instant->seconds == c.expected.seconds);
      CHECK(instant->nanoseconds == c.expected.nanoseconds);
    }
  }

  TEST_CASE("what is no instant is not taken for one") {
    for (const std::string text : {
             "",
             "2024",
             "2024-01",
             "2024-01-01T",
             "2024-01-01T00",
             "2024-01-01T00:00:00.Z",
             "2024-01-01T00:00:00..5Z",
             "2024-01-01T00:00:00 Z",
             "2024-01-01  00:00:00Z",
             "2024-01-01T00:00:00Zulu",
             "2024-01-01T00:00:00ZZ",
             "2024-01-01x00:00:00Z",
             " 2024-01-01T00:00:00Z",
             "2024-01-01T00:00:00Z ",
             "2024-1-1T00:00:00Z",
             "24-01-01T00:00:00Z",
             "+2024-01-01T00:00:00Z",
             "-2024-01-01T00:00:00Z",
             "20240101T000000Z",
             "2024/01/01 00:00:00Z",
             "2024-01-01T24:00:00Z",
             "2024-01-01T23:60:00Z",
             "2024-01-01T23:59:61Z",
             "2024-01-01T-1:00:00Z",
             "2024-01-01T00:00:00+24:00",
             "2024-01-01T00:00:00+01:60",
             "2024-01-01T00:00:00+1:00",
             "2024-01-01T00:00:00+01:",
             "2024-01-01T00:00:00+01:0",
             "2024-01-01T00:00:00+",
             "2024-00-01T00:00:00Z",
             "2024-13-01T00:00:00Z",
             "2024-01-00T00:00:00Z",
             "2024-01-32T00:00:00Z",
             "2023-02-29T00:00:00Z",
             "1900-02-29T00:00:00Z",
             "2024-04-31T00:00:00Z",
             "0000-01-01T00:00:00Z",
             "0000-12-31",
             "0000-12-31T23:00:00-02:00",
             "0001-01-01T00:00:00+00:01",
             "9999-12-31T23:59:59-00:01",
             "10000-01-01T00:00:00Z",
             "1704067200",
             "Mon, 01 Jan 2024 00:00:00 GMT",
             "null",
         }) {
      CAPTURE(text);
      CHECK_FALSE(parse_rfc3339(text));
    }
    CHECK_FALSE(parse_rfc3339("2024-01-01T00:00:00Z\0"s));
    CHECK_FALSE(parse_rfc3339("２024-01-01T00:00:00Z"));
  }

  TEST_CASE("a time without an offset is read in the zone given, else not") {
    CHECK_FALSE(parse_rfc3339("2024-01-01T00:00:00"));
    CHECK_FALSE(parse_rfc3339("2024-01-01 00:00:00.5"));
    CHECK(parse_rfc3339("2024-01-01T00:00:00", Zone()) ==
          Instant{new_year_2024, 0});
    CHECK(parse_rfc3339("2024-01-01 01:00:00.5", Zone(1h)) ==
          Instant{new_year_2024, 500'000'000});
    CHECK(parse_rfc3339("2023-12-31T19:00:00", Zone(-5h)) ==
          Instant{new_year_2024, 0});
    // Its own offset wins.
    CHECK(parse_rfc3339("2024-01-01T01:00:00+01:00", Zone(-1h)) ==
          Instant{new_year_2024, 0});
    // A date alone is the midnight of that zone.
    CHECK(parse_rfc3339("2024-01-01", Zone(1h)) ==
          Instant{new_year_2024 - 3600, 0});
  }

  TEST_CASE("an instant is written with as many digits as asked, cut") {
    const Instant instant{new_year_2024, 123'456'789};
    CHECK(to_rfc3339(instant, 0) == "2024-01-01T00:00:00Z");
    CHECK(to_rfc3339(instant, 1) == "2024-01-01T00:00:00.1Z");
    CHECK(to_rfc3339(instant, 3) == "2024-01-01T00:00:00.123Z");
    CHECK(to_rfc3339(instant, 6) == "2024-01-01T00:00:00.123456Z");
    CHECK(to_rfc3339(instant, 9) == "2024-01-01T00:00:00.123456789Z");
    CHECK(to_rfc3339({new_year_2024, 999'999'999}, 3) ==
          "2024-01-01T00:00:00.999Z");
    CHECK(to_rfc3339({new_year_2024, 5}, 9) ==
          "2024-01-01T00:00:00.000000005Z");
    CHECK(to_rfc3339({-1, 500'000'000}, 3) == "1969-12-31T23:59:59.500Z");
    CHECK(to_rfc3339(earliest_instant, 0) == "0001-01-01T00:00:00Z");
    CHECK(to_rfc3339(latest_instant, 9) == "9999-12-31T23:59:59.999999999Z");
    CHECK(to_date({-1, 0}) == "1969-12-31");
    CHECK(to_date({new_year_2024 + 86'399, 0}) == "2024-01-01");
    CHECK(to_date(earliest_instant) == "0001-01-01");
  }

  TEST_CASE("every instant that is written is read back") {
    // A prime step meets every part of the day, of the year and of a century.
    constexpr std::int64_t step = 86'399 * 37 + 1;
    Instant instant = earliest_instant;
    while (instant.seconds < latest_instant.seconds - step) {
      const auto text = to_rfc3339(instant, 9);
      if (parse_rfc3339(text) != instant) {
        FAIL(text);
      }
      instant = plus(instant, step, 987'654'321);
    }
  }

  TEST_CASE("moving an instant carries nanoseconds and stops at the edges") {
    CHECK(plus({10, 999'999'999}, 0, 1) == Instant{11, 0});
    CHECK(plus({10, 0}, 0, -1) == Instant{9, 999'999'999});
    CHECK(plus({0, 0}, 0, -1) == Instant{-1, 999'999'999});
    CHECK(plus({10, 5}, 0, 2'000'000'001) == Instant{12, 6});
    CHECK(plus({10, 5}, -3, -2'000'000'006) == Instant{4, 999'999'999});
    CHECK(plus(earliest_instant, 0, -1) == earliest_instant);
    CHECK(plus(latest_instant, 0, 1) == latest_instant);
    CHECK(plus({0, 0}, INT64_MAX) == latest_instant);
    CHECK(plus({0, 0}, INT64_MIN) == earliest_instant);
    CHECK(plus({5, 0}, INT64_MAX) == latest_instant);
    CHECK(plus({-5, 0}, INT64_MIN) == earliest_instant);
  }
}

TEST_SUITE("cursor") {
  constexpr CursorFormat::Kind time_formats[] = {
      CursorFormat::rfc3339, CursorFormat::rfc3339_ms, CursorFormat::rfc3339_us,
      CursorFormat::epoch_s, CursorFormat::epoch_ms,   CursorFormat::datetime,
      CursorFormat::date,
  };

  TEST_CASE("RFC 3339 is read whatever the time format") {
    for (const auto format : time_formats) {
      CAPTURE(static_cast<int>(format));
      CHECK(parse_cursor("2024-01-01T00:00:00.25Z", format) ==
            CursorValue(Instant{new_year_2024, 250'000'000}));
      CHECK_FALSE(parse_cursor("2024-01-01T00:00:00", format));
      CHECK(parse_cursor("2024-01-01 02:00:00", {format, Zone(2h)}) ==
            CursorValue(Instant{new_year_2024, 0}));
      CHECK_FALSE(parse_cursor("", format));
      CHECK_FALSE(parse_cursor("yesterday", format));
    }
    CHECK_FALSE(parse_cursor("2024-01-01T00:00:00Z", CursorFormat::integer));
  }

  TEST_CASE("numbers are read in the epoch formats, with fraction and sign") {
    struct Case {
      std::string text;
      CursorFormat::Kind format;
      std::optional<Instant> expected;
    };
    constexpr auto s = CursorFormat::epoch_s;
    constexpr auto ms = CursorFormat::epoch_ms;
    const std::vector<Case> cases = {
        {"1704067200", s, Instant{new_year_2024, 0}},
        {"1704067200.25", s, Instant{new_year_2024, 250'000'000}},
        {"1704067200.1234567899", s, Instant{new_year_2024, 123'456'789}},
        {"0", s, Instant{0, 0}},
        {"-1", s, Instant{-1, 0}},
        {"-0.5", s, Instant{-1, 500'000'000}},
        {"-1.25", s, Instant{-2, 750'000'000}},
        {"253402300799", s, Instant{253'402'300'799, 0}},
        {"253402300800", s, {}},
        {"-62135596800", s, earliest_instant},
        {"-62135596801", s, {}},
        {"1704067200000", s, {}},  // milliseconds taken for seconds
        {"1704067200123", ms, Instant{new_year_2024, 123'000'000}},
        {"1704067200123.5", ms, Instant{new_year_2024, 123'500'000}},
        {"-1", ms, Instant{-1, 999'000'000}},
        {"-1000.5", ms, Instant{-2, 999'500'000}},
        {"9223372036854775807", ms, {}},
        {"9223372036854775808", s, {}},
        {"1704067200.", s, {}},
        {".5", s, {}},
        {"1.7e9", s, {}},
        {"+1704067200", s, {}},
        {" 1704067200", s, {}},
        {"1704067200.5x", s, {}},
        {"1704067200.-5", s, {}},
        {"-", s, {}},
        {"true", s, {}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      const auto value = parse_cursor(c.text, c.format);
      REQUIRE(value.has_value() == c.expected.has_value());
      if (value) {
        CHECK(*value == CursorValue(*c.expected));
      }
    }
    CHECK_FALSE(parse_cursor("1704067200", CursorFormat::rfc3339));
    CHECK_FALSE(parse_cursor("1704067200", CursorFormat::date));
  }

  TEST_CASE("integers are read in the whole of their 64 bits and no further") {
    constexpr auto integer = CursorFormat::integer;
    CHECK(parse_cursor("9223372036854775807", integer) ==
          CursorValue(INT64_MAX));
    CHECK(parse_cursor("-9223372036854775808", integer) ==
          CursorValue(INT64_MIN));
    for (const std::string text :
         {"9223372036854775808", "1.0", "1e3", "", "+1", " 1", "1 ", "x"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_cursor(text, integer));
    }
  }

  TEST_CASE("a value is rounded down to the unit of its format") {
    struct Case {
      CursorFormat::Kind format;
      std::string expected;         // of an instant after 1970
      std::string expected_before;  // and of one before
    };
    const CursorValue after = *parse_rfc3339("2024-01-01T09:30:00.123456789Z");
    const CursorValue before = *parse_rfc3339("1969-12-30T09:30:00.123456789Z");
    const std::vector<Case> cases = {
        {CursorFormat::rfc3339, "2024-01-01T09:30:00.000000000Z",
         "1969-12-30T09:30:00.000000000Z"},
        {CursorFormat::rfc3339_ms, "2024-01-01T09:30:00.123000000Z",
         "1969-12-30T09:30:00.123000000Z"},
        {CursorFormat::rfc3339_us, "2024-01-01T09:30:00.123456000Z",
         "1969-12-30T09:30:00.123456000Z"},
        {CursorFormat::epoch_s, "2024-01-01T09:30:00.000000000Z",
         "1969-12-30T09:30:00.000000000Z"},
        {CursorFormat::epoch_ms, "2024-01-01T09:30:00.123000000Z",
         "1969-12-30T09:30:00.123000000Z"},
        {CursorFormat::datetime, "2024-01-01T09:30:00.000000000Z",
         "1969-12-30T09:30:00.000000000Z"},
        {CursorFormat::date, "2024-01-01T00:00:00.000000000Z",
         "1969-12-30T00:00:00.000000000Z"},
    };
    for (const auto& c : cases) {
      CAPTURE(static_cast<int>(c.format));
      CHECK(to_stored(round_down(after, c.format)) == c.expected);
      CHECK(to_stored(round_down(before, c.format)) == c.expected_before);
      CHECK(round_down(round_down(before, c.format), c.format) ==
            round_down(before, c.format));
    }
    CHECK(round_down(CursorValue(std::int64_t{-7}), CursorFormat::integer) ==
          CursorValue(std::int64_t{-7}));
  }

  TEST_CASE("a unit less is the format's smallest part less") {
    struct Case {
      CursorFormat::Kind format;
      std::string expected;
    };
    const CursorValue value = *parse_rfc3339("1970-01-01T00:00:00Z");
    const std::vector<Case> cases = {
        {CursorFormat::rfc3339, "1969-12-31T23:59:58.000000000Z"},
        {CursorFormat::rfc3339_ms, "1969-12-31T23:59:59.998000000Z"},
        {CursorFormat::rfc3339_us, "1969-12-31T23:59:59.999998000Z"},
        {CursorFormat::epoch_s, "1969-12-31T23:59:58.000000000Z"},
        {CursorFormat::epoch_ms, "1969-12-31T23:59:59.998000000Z"},
        {CursorFormat::datetime, "1969-12-31T23:59:58.000000000Z"},
        {CursorFormat::date, "1969-12-30T00:00:00.000000000Z"},
    };
    for (const auto& c : cases) {
      CAPTURE(static_cast<int>(c.format));
      CHECK(to_stored(minus_units(value, c.format, 2)) == c.expected);
    }
    const auto less = [](std::int64_t from, std::int64_t units) {
      return minus_units(CursorValue(from), CursorFormat::integer, units);
    };
    CHECK(less(10, 3) == CursorValue(std::int64_t{7}));
    CHECK(less(INT64_MIN + 1, 3) == CursorValue(INT64_MIN));
  }

  TEST_CASE("a filter's value is written in the source's own format") {
    struct Case {
      CursorFormat::Kind format;
      std::chrono::hours offset;
      std::string expected;
    };
    const CursorValue value = *parse_rfc3339("2024-01-01T23:30:00.123456789Z");
    const std::vector<Case> cases = {
        {CursorFormat::rfc3339, 0h, "2024-01-01T23:30:00Z"},
        {CursorFormat::rfc3339, 1h, "2024-01-01T23:30:00Z"},
        {CursorFormat::rfc3339_ms, 0h, "2024-01-01T23:30:00.123Z"},
        {CursorFormat::rfc3339_us, 0h, "2024-01-01T23:30:00.123456Z"},
        {CursorFormat::epoch_s, 1h, "1704151800"},
        {CursorFormat::epoch_ms, 0h, "1704151800123"},
        {CursorFormat::datetime, 0h, "2024-01-01 23:30:00"},
        {CursorFormat::datetime, 1h, "2024-01-02 00:30:00"},
        {CursorFormat::datetime, -1h, "2024-01-01 22:30:00"},
        {CursorFormat::date, 0h, "2024-01-01"},
        {CursorFormat::date, 1h, "2024-01-02"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.expected);
      CHECK(write_cursor(value, {c.format, Zone(c.offset)}) == c.expected);
    }
    CHECK(write_cursor(CursorValue(INT64_MIN), CursorFormat::integer) ==
          "-9223372036854775808");
  }

  TEST_CASE("what a filter is sent reads back as the value rounded down") {
    const CursorValue value = *parse_rfc3339("2024-02-29T23:30:00.123456789Z");
    for (const auto format : time_formats) {
      CAPTURE(static_cast<int>(format));
      const auto written = write_cursor(value, format);
      CHECK(parse_cursor(written, {format, Zone()}) ==
            round_down(value, format));
    }
  }

  TEST_CASE("nothing before 1970 is written") {
    const CursorValue value = *parse_rfc3339("1969-12-31T23:59:59.9Z");
    CHECK(write_cursor(value, CursorFormat::rfc3339) == "1970-01-01T00:00:00Z");
    CHECK(write_cursor(value, CursorFormat::epoch_ms) == "0");
    CHECK(write_cursor(value, CursorFormat::date) == "1970-01-01");
    CHECK(write_cursor(CursorValue(std::int64_t{-5}), CursorFormat::integer) ==
          "-5");
  }

  TEST_CASE("a mark is stored exactly and shown in milliseconds") {
    const CursorValue instant = Instant{-1, 1};
    CHECK(to_stored(instant) == "1969-12-31T23:59:59.000000001Z");
    CHECK(to_display(instant) == "1969-12-31T23:59:59.000Z");
    CHECK(parse_stored(to_stored(instant), true) == instant);
    const CursorValue integer = INT64_MIN;
    CHECK(to_stored(integer) == "-9223372036854775808");
    CHECK(to_display(integer) == "-9223372036854775808");
    CHECK(parse_stored(to_stored(integer), false) == integer);
    for (const auto& edge : {earliest_instant, latest_instant}) {
      CHECK(parse_stored(to_stored(edge), true) == CursorValue(edge));
    }
    CHECK_FALSE(parse_stored("12", true));
    CHECK_FALSE(parse_stored("2024-01-01T00:00:00Z", false));
    CHECK_FALSE(parse_stored("2024-01-01T00:00:00", true));
    CHECK_FALSE(parse_stored("", true));
    CHECK_FALSE(parse_stored("", false));
  }
}

TEST_SUITE("path") {
  TEST_CASE("a path is a JSON Pointer whose first slash may be left out") {
    const auto segments = [](const std::string& text) {
      std::vector<std::string> names;
      for (const auto& segment : parse_path(text).segments) {
        names.push_back(segment.text);
      }
      return names;
    };
    using Names = std::vector<std::string>;
    CHECK(segments("").empty());
    CHECK(segments("a") == Names{"a"});
    CHECK(segments("a/b") == Names{"a", "b"});
    CHECK(segments("/a/b") == Names{"a", "b"});
    CHECK(segments("/") == Names{""});
    CHECK(segments("a/") == Names{"a", ""});
    CHECK(segments("a//b") == Names{"a", "", "b"});
    CHECK(segments("a~1b/c~0d") == Names{"a/b", "c~d"});
    CHECK(segments("~01") == Names{"~1"});
    CHECK_FALSE(parse_path("a/b").absolute);
    CHECK(parse_path("/a/b").absolute);
  }

  TEST_CASE("a tilde before anything but 0 or 1 is refused") {
    for (const std::string text : {"~", "a~", "~2", "a/~x/b", "~~0"}) {
      CAPTURE(text);
      CHECK(why_no_path(text) ==
            "`~` in a path stands before 0 (for `~`) or 1 (for `/`)");
    }
  }

  TEST_CASE("a segment may mean an element, by index or by member") {
    const auto segment = [](const std::string& text) {
      return parse_path(text).segments.at(0);
    };
    CHECK(segment("0").index == 0U);
    CHECK(segment("17").index == 17U);
    for (const std::string text :
         {"01", "-1", "+1", "1a", "", "1.0", "99999999999999999999"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_path("x/" + text).segments.at(1).index);
    }
    const auto chosen = segment("primary=true");
    CHECK(chosen.text == "primary=true");
    CHECK(chosen.member == "primary");
    CHECK(chosen.value == "true");
    CHECK(segment("rel=a=b").value == "a=b");
    CHECK(segment("kind=").member == "kind");
    CHECK(segment("a~1b=c~0d").member == "a/b");
    CHECK(segment("a~1b=c~0d").value == "c~d");
    CHECK(segment("=x").member.empty());
  }

  TEST_CASE("a path is written as it was read") {
    for (const std::string text :
         {"", "a", "/a", "a/b", "/a/b/0", "a~1b/c~0d", "/", "//", "a/",
          "emails/primary=true/value"}) {
      CAPTURE(text);
      CHECK(to_text(parse_path(text)) == text);
    }
  }

  TEST_CASE("a path in a list names its column") {
    CHECK(column_name(parse_path("subject")) == "subject");
    CHECK(column_name(parse_path("/subject")) == "subject");
    CHECK(column_name(parse_path("requester/email")) == "requester_email");
    CHECK(column_name(parse_path("/a/b/0")) == "a_b_0");
  }
}

TEST_SUITE("template") {
  using Pieces = std::vector<Template::Piece>;

  TEST_CASE("placeholders are told from literal text") {
    CHECK(parse_template("").pieces.empty());
    CHECK(parse_template("plain $ {text}").pieces ==
          Pieces{{"plain $ {text}", false}});
    CHECK(parse_template("${from}").pieces == Pieces{{"from", true}});
    CHECK(parse_template("a${from}b${until}").pieces ==
          Pieces{{"a", false}, {"from", true}, {"b", false}, {"until", true}});
    CHECK(parse_template("$${from}").pieces == Pieces{{"${from}", false}});
    CHECK(parse_template("$$${from}").pieces == Pieces{{"$${from}", false}});
    CHECK(parse_template("${a}${b}").pieces ==
          Pieces{{"a", true}, {"b", true}});
    CHECK(parse_template("${}").pieces == Pieces{{"", true}});
    CHECK(parse_template("updated>${from}").has("from"));
    CHECK_FALSE(parse_template("from $${from}").has("from"));
  }

  TEST_CASE("a placeholder that is never closed is refused") {
    for (const std::string text : {"${", "a${from", "${a}${b"}) {
      CAPTURE(text);
      CHECK_THROWS_WITH_AS(
          parse_template(text),
          "a placeholder is not closed: `${` needs a `}`, and `$${` writes a "
          "literal `${`",
          std::invalid_argument);
    }
  }

  TEST_CASE("a template is written as it was read") {
    for (const std::string text :
         {"", "plain", "${from}", "a${from}b", "$${from}", "$$${from}",
          "${a}$${b}${c}", "$", "$$", "$ {"}) {
      CAPTURE(text);
      CHECK(to_text(parse_template(text)) == text);
    }
  }
}

TEST_SUITE("text") {
  TEST_CASE("the nearest word is found by edits, swaps and without case") {
    const std::vector<std::string_view> words = {"cursor", "query", "headers",
                                                 "key", "get"};
    const auto meant = [&](std::string_view word) {
      return std::string(nearest(word, words).value_or("(none)"));
    };
    CHECK(meant("cursor") == "cursor");
    CHECK(meant("CURSOR") == "cursor");
    CHECK(meant("crusor") == "cursor");
    CHECK(meant("cursr") == "cursor");
    CHECK(meant("curssor") == "cursor");
    CHECK(meant("qurey") == "query");
    CHECK(meant("header") == "headers");
    CHECK(meant("kex") == "key");
    CHECK(meant("kye") == "key");
    CHECK(meant("gte") == "get");
    CHECK(meant("xyz") == "(none)");
    CHECK(meant("cuxxxr") == "(none)");
    CHECK(meant("") == "(none)");
    CHECK_FALSE(nearest("cursor", {}));
    // The nearest, and of two equals the first.
    CHECK(nearest("abcd", {"abxx", "abcx", "abce"}) == "abcx");
  }

  TEST_CASE("text for a terminal has no control characters") {
    CHECK(printable("a\tb\n\x1b[31m\x7f", 100) == "a\\x09b\\x0A\\x1B[31m\\x7F");
    CHECK(printable(std::string("a\0b", 3), 100) == "a\\x00b");
    CHECK(printable("naïve ✓ 𝄞", 100) == "naïve ✓ 𝄞");
    // U+009B begins a terminal's command as ESC [ does.
    CHECK(printable("a\xC2\x9B"
                    "31m",
                    100) ==
          "a\\xC2\\x9B"
          "31m");
    CHECK(printable("a\xC2\xA0"
                    "b",
                    100) ==
          "a\xC2\xA0"
          "b");
  }

  TEST_CASE("text is cut at the edge of a character") {
    CHECK(printable("abcdef", 6) == "abcdef");
    CHECK(printable("abcdef", 5) == "abcde…");
    CHECK(printable("ab✓d", 5) == "ab✓…");
    CHECK(printable("ab✓d", 4) == "ab…");
    CHECK(printable("ab✓d", 3) == "ab…");
    CHECK(printable("𝄞", 3) == "…");
    CHECK(printable("\x80\x80\x80\x80", 2) == "…");
    CHECK(printable("", 0).empty());
  }
}

TEST_SUITE("digest") {
  TEST_CASE("SHA-256 is that of FIPS 180-4") {
    CHECK(sha256_hex("") ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256_hex("abc") ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256_hex(std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

TEST_SUITE("records") {
  // One record of the cells that a test adds.
  struct Batch {
    RecordBatch batch;
    Record record;

    Batch& add(std::uint32_t field, CellKind kind, const std::string& text,
               bool unescaped = false) {
      auto& to = unescaped ? batch.unescaped : batch.text;
      Cell cell;
      cell.field = field;
      cell.kind = kind;
      cell.unescaped = unescaped;
      cell.offset = static_cast<std::uint32_t>(to.size());
      cell.length = static_cast<std::uint32_t>(text.size());
      to += text;
      batch.cells.push_back(cell);
      ++record.cell_count;
      return *this;
    }
    std::string key(std::size_t size) const {
      return batch.key_of(record, size);
    }
  };

  TEST_CASE("a record's key is the JSON array of its parts' texts") {
    CHECK(Batch().add(0, CellKind::integer, "17").key(1) == R"(["17"])");
    CHECK(Batch()
              .add(2, CellKind::text, "other")
              .add(1, CellKind::text, "b")
              .add(0, CellKind::text, "a")
              .key(2) == R"(["a","b"])");
    CHECK(Batch().add(0, CellKind::boolean, "true").key(1) == R"(["true"])");
    CHECK(Batch().add(0, CellKind::text, "").key(1) == R"([""])");
    CHECK(Batch().add(0, CellKind::text, "q\"b\\n\n\x01é", true).key(1) ==
          R"(["q\"b\\n\u000a\u0001é"])");
  }

  TEST_CASE("keys whose parts run together differ") {
    CHECK(Batch()
              .add(0, CellKind::text, "a\",\"b")
              .add(1, CellKind::text, "c")
              .key(2) != Batch()
                             .add(0, CellKind::text, "a")
                             .add(1, CellKind::text, "b\",\"c")
                             .key(2));
  }

  TEST_CASE("without a whole scalar key there is none") {
    CHECK(Batch().key(1).empty());
    CHECK(Batch().add(0, CellKind::null, "null").key(1).empty());
    CHECK(Batch().add(0, CellKind::json, "{}").key(1).empty());
    CHECK(Batch().add(0, CellKind::integer, "1").key(2).empty());
    CHECK(Batch().add(1, CellKind::integer, "1").key(2).empty());
  }

  TEST_CASE("a stream's fields begin with its key") {
    StreamDefinition stream;
    stream.key = {{"id", parse_path("id"), {}}, {"n", parse_path("n"), {}}};
    stream.columns = {{"name", parse_path("title"), {}}};
    CHECK(initial_fields(stream) ==
          std::vector<std::string>{"id", "n", "name"});
  }

  TEST_CASE("a share of rejects counts from a hundred records on") {
    const RejectLimit tenth;
    const RejectLimit none{{}, 0};
    const RejectLimit half{{}, 0.5};
    const RejectLimit all{{}, 1};
    const RejectLimit odd{{}, 0.29};
    const RejectLimit three{3, 0.1};
    struct Case {
      const RejectLimit& limit;
      std::int64_t rejected;
      std::int64_t fetched;
      bool expected;
    };
    const Case cases[] = {
        {tenth, 0, 0, false},        {tenth, 10, 10, false},
        {tenth, 11, 11, true},       {tenth, 11, 99, true},
        {tenth, 10, 99, false},      {tenth, 10, 100, false},
        {tenth, 11, 100, true},      {tenth, 100, 1000, false},
        {tenth, 101, 1000, true},    {none, 0, 1000, false},
        {none, 1, 100, true},        {none, 10, 99, false},
        {half, 40, 80, false},       {half, 41, 80, true},
        {all, 1000, 1000, false},    {all, 50, 50, false},
        {odd, 29, 100, false},       {odd, 30, 100, true},
        {three, 3, 3, false},        {three, 4, 4, true},
        {three, 4, 1'000'000, true},
    };
    for (const auto& [limit, rejected, fetched, expected] : cases) {
      const auto of_limit = limit.share;
      const auto few = rejected;
      const auto of_records = fetched;
      CAPTURE(of_limit);
      CAPTURE(few);
      CAPTURE(of_records);
      CHECK(exceeds(limit, rejected, fetched) == expected);
    }
  }
}
