// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "decoding.hpp"

using namespace std::string_literals;
using namespace strandline::test;

TEST_SUITE("types") {
  TEST_CASE("a declared type takes what reads as it") {
    struct Case {
      ColumnType type;
      std::string value;
      std::string expected;  // empty: rejected
    };
    constexpr auto text = ColumnType::text;
    constexpr auto integer = ColumnType::integer;
    constexpr auto real = ColumnType::real;
    constexpr auto boolean = ColumnType::boolean;
    constexpr auto timestamp = ColumnType::timestamp;
    constexpr auto date = ColumnType::date;
    constexpr auto decimal = ColumnType::decimal;
    constexpr auto json = ColumnType::json;
    const std::vector<Case> cases = {
        {text, "null", "null"},
        {text, R"("a\nb")", "'a\nb'"},
        {text, R"("")", "''"},
        {text, "1.50", "'1.50'"},
        {text, "true", "'true'"},
        {text, "123456789012345678901234567890",
         "'123456789012345678901234567890'"},
        {text, R"({"a" : 1})", R"('{"a" : 1}')"},

        {integer, "null", "null"},
        {integer, R"("")", "null"},
        {integer, "17", "integer 17"},
        {integer, R"("17")", "integer 17"},
        {integer, R"("\u0031\u0037")", "integer 17"},
        {integer, "1e3", "integer 1000"},
        {integer, "1.0", "integer 1"},
        {integer, "-0", "integer 0"},
        {integer, R"("-2.00")", "integer -2"},
        {integer, "9007199254740992.0", "integer 9007199254740992"},
        {integer, "9007199254740994.0", ""},
        {integer, "9007199254740993.0", ""},
        {integer, "5.00000000000000000001", ""},
        {integer, "9223372036854775807", "integer 9223372036854775807"},
        {integer, R"("-9223372036854775808")", "integer -9223372036854775808"},
        {integer, "9223372036854775808", ""},
        {integer, "1.5", ""},
        {integer, "1E400", ""},
        {integer, "true", ""},
        {integer, R"("x")", ""},
        {integer, R"(" 1")", ""},
        {integer, R"("007")", ""},
        {integer, R"("+1")", ""},
        {integer, R"("true")", ""},
        {integer, R"("null")", ""},
        {integer, "[]", ""},
        {integer, "{}", ""},

        {real, "1", "real 1"},
        {real, "1.5", "real 1.5"},
        {real, R"("1.5e1")", "real 15"},
        {real, R"("")", "null"},
        {real, "100000000000000000000", "real 1e+20"},
        {real, R"("123456789012345678901")", "real 1.2345678901234568e+20"},
        {real, "1e-400", ""},
        {real, "1E400", ""},
        {real, "true", ""},
        {real, R"("1,5")", ""},
        {real, R"("NaN")", ""},
        {real, R"("inf")", ""},
        {real, "[1]", ""},

        {boolean, "true", "boolean 1"},
        {boolean, "false", "boolean 0"},
        {boolean, "1", "boolean 1"},
        {boolean, "0", "boolean 0"},
        {boolean, R"("true")", "boolean 1"},
        {boolean, R"("0")", "boolean 0"},
        {boolean, R"("")", "null"},
        {boolean, "null", "null"},
        {boolean, "2", ""},
        {boolean, "1.0", ""},
        {boolean, R"("yes")", ""},
        {boolean, R"("TRUE")", ""},
        {boolean, "[]", ""},

        {timestamp, R"("2024-01-01T01:00:00.5+01:00")",
         "'2024-01-01T00:00:00.500000Z'"},
        {timestamp, R"("2024-01-01 00:00:00")",
         "'2024-01-01T00:00:00.000000Z'"},
        {timestamp, R"("2024-01-01")", "'2024-01-01T00:00:00.000000Z'"},
        {timestamp, R"("2024\u002d01-01T00:00:00.1234567Z")",
         "'2024-01-01T00:00:00.123456Z'"},
        {timestamp, R"("")", "null"},
        {timestamp, "null", "null"},
        {timestamp, "1704067200", ""},
        {timestamp, R"("0000-00-00 00:00:00")", ""},
        {timestamp, R"("soon")", ""},
        {timestamp, "{}", ""},

        {date, R"("2024-01-01")", "'2024-01-01'"},
        {date, R"("2024-01-01T23:30:00-05:00")", "'2024-01-02'"},
        {date, R"("")", "null"},
        {date, R"("2024-02-30")", ""},
        {date, "20240101", ""},

        {decimal, "1.50", "'1.50'"},
        {decimal, R"("1.50")", "'1.50'"},
        {decimal, "123456789012345678901234567890.10",
         "'123456789012345678901234567890.10'"},
        {decimal, "1E400", "'1E400'"},
        {decimal, R"("")", "null"},
        {decimal, "true", ""},
        {decimal, R"("1,50")", ""},
        {decimal, R"("$1")", ""},
        {decimal, "[1]", ""},

        {json, R"("a\n")", R"('"a\n"')"},
        {json, R"("\ud800")", R"('"\ud800"')"},
        {json, R"("")", R"('""')"},
        {json, "1.50", "'1.50'"},
        {json, "true", "'true'"},
        {json, R"({"a" : [ ]})", R"('{"a" : [ ]}')"},
        {json, "null", "null"},
    };
    for (const auto& c : cases) {
      CAPTURE(static_cast<int>(c.type));
      CAPTURE(c.value);
      const auto text_found = found(c.value, c.type);
      if (c.expected.empty()) {
        CHECK(text_found.starts_with("rejected [\"1\"]: 'v' holds '"));
      } else {
        CHECK(text_found == "id: integer 1, v: " + c.expected + "\n");
      }
    }
  }

  TEST_CASE("a time is read as its column's format and zone say") {
    using Format = CursorFormat;
    struct Case {
      ColumnType type;
      Format format;
      std::string value;
      std::string expected;  // empty: rejected
    };
    constexpr auto timestamp = ColumnType::timestamp;
    constexpr auto date = ColumnType::date;
    const auto berlin = Zone::named("Europe/Berlin");
    const auto sao_paulo = Zone::named("America/Sao_Paulo");
    REQUIRE(berlin);
    REQUIRE(sao_paulo);
    const auto in = [](Format::Kind kind, std::optional<Zone> zone) {
      return Format(kind, zone);
    };
    const auto german = Format::of_pattern("%d.%m.%Y %H:%M", berlin);
    const std::vector<Case> cases = {
        {timestamp, Format::epoch_s, "1704067200",
         "2024-01-01T00:00:00.000000Z"},
        {timestamp, Format::epoch_s, R"("1704067200")",
         "2024-01-01T00:00:00.000000Z"},
        {timestamp, Format::epoch_s, "1704067200.25",
         "2024-01-01T00:00:00.250000Z"},
        {timestamp, Format::epoch_s, "-1", "1969-12-31T23:59:59.000000Z"},
        {timestamp, Format::epoch_ms, "1704067200123",
         "2024-01-01T00:00:00.123000Z"},
        {timestamp, Format::epoch_ms, "1704067200123.4567",
         "2024-01-01T00:00:00.123456Z"},
        {timestamp, Format::epoch_s, R"("2024-01-01T01:00:00+01:00")",
         "2024-01-01T00:00:00.000000Z"},
        {timestamp, Format::epoch_s, R"("2024-01-01")",
         "2024-01-01T00:00:00.000000Z"},
        {timestamp, Format::epoch_s, R"("")", "null"},
        {timestamp, Format::epoch_s, "null", "null"},
        {timestamp, Format::epoch_s, "true", ""},
        {timestamp, Format::epoch_s, "[1]", ""},
        {timestamp, Format::epoch_s, "1e9", ""},
        {timestamp, Format::epoch_s, "99999999999999", ""},
        {timestamp, Format::rfc3339, "1704067200", ""},
        {timestamp, Format::rfc3339, R"("2024-01-01T00:00:00.123456789Z")",
         "2024-01-01T00:00:00.123456Z"},
        {timestamp, Format::rfc3339, R"("2024-01-01T00:00:00.999999999Z")",
         "2024-01-01T00:00:00.999999Z"},
        {timestamp, in(Format::rfc3339, berlin), R"("2024-07-01T12:00:00")",
         "2024-07-01T10:00:00.000000Z"},
        {timestamp, in(Format::rfc3339, berlin), R"("2024-07-01T12:00:00Z")",
         "2024-07-01T12:00:00.000000Z"},
        {timestamp, Format::datetime, R"("2024-01-01 10:00:00")",
         "2024-01-01T10:00:00.000000Z"},
        {timestamp, in(Format::datetime, berlin), R"("2024-01-01 10:00:00")",
         "2024-01-01T09:00:00.000000Z"},
        {timestamp, in(Format::date, berlin), R"("2024-01-01")",
         "2023-12-31T23:00:00.000000Z"},
        {timestamp, german, R"("01.02.2024 10:30")",
         "2024-02-01T09:30:00.000000Z"},
        {timestamp, german, R"("31.02.2024 10:30")", ""},
        {timestamp, Format::of_pattern("%Y-%d-%m"), R"("2024-31-12")",
         "2024-12-31T00:00:00.000000Z"},
        {timestamp, Format::of_pattern("%Y-%d-%m"), R"("2024-12-31")", ""},
        {timestamp, Format::of_pattern("%Y%m%d"), "20240131",
         "2024-01-31T00:00:00.000000Z"},

        {date, Format::epoch_s, "1704067200", "2024-01-01"},
        {date, in(Format::epoch_s, berlin), "1704067199", "2024-01-01"},
        {date, in(Format::rfc3339, berlin), R"("2023-12-31T23:30:00Z")",
         "2024-01-01"},
        {date, in(Format::rfc3339, berlin), R"("2024-01-01")", "2024-01-01"},
        {date, in(Format::datetime, berlin), R"("2024-01-01 00:30:00")",
         "2024-01-01"},
        {date, in(Format::date, sao_paulo), R"("2018-11-04")", "2018-11-04"},
        {date, german, R"("01.02.2024 00:30")", "2024-02-01"},
        {date, Format::of_pattern("%Y%m%d"), "20240131", "2024-01-31"},
        {date, Format::of_pattern("%Y%m%d"), "20240231", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.value);
      CAPTURE(c.expected);
      auto rule = column("v", c.type);
      rule.format = c.format;
      const auto is =
          decode(declared({rule}), R"([{"id":1,"v":)" + c.value + "}]");
      if (c.expected.empty()) {
        CHECK(is.starts_with("rejected [\"1\"]: 'v' holds '"));
      } else {
        CHECK(is ==
              "id: integer 1, v: " +
                  (c.expected == "null" ? "null" : "'" + c.expected + "'") +
                  "\n");
      }
    }
    auto rule = column("v", timestamp);
    rule.format = Format::epoch_s;
    CHECK(decode(declared({rule}), R"([{"id":1,"v":"soon"}])") ==
          "rejected [\"1\"]: 'v' holds 'soon', which is not a time of the "
          "column's format, nor an RFC 3339 time\n");
  }

  TEST_CASE("a key may have a format") {
    auto stream = declared({});
    stream.key = {column("id", ColumnType::timestamp)};
    stream.key[0].format = CursorFormat::epoch_s;
    CHECK(decode(stream, R"([{"id":1704067200}])") ==
          "id: '2024-01-01T00:00:00.000000Z'\n");
  }

  TEST_CASE("what does not fit is rejected with the column and the value") {
    CHECK(found(R"("a lot")", ColumnType::integer) ==
          "rejected [\"1\"]: 'v' holds 'a lot', which is not an integer of 64 "
          "bits\n");
    CHECK(found("1E400", ColumnType::real) ==
          "rejected [\"1\"]: 'v' holds '1E400', which is not a number of 64 "
          "bits\n");
    CHECK(found(R"("x")", ColumnType::boolean) ==
          "rejected [\"1\"]: 'v' holds 'x', which is not a boolean\n");
    CHECK(found(R"("x")", ColumnType::timestamp) ==
          "rejected [\"1\"]: 'v' holds 'x', which is not an RFC 3339 time\n");
    CHECK(found(R"("x")", ColumnType::date) ==
          "rejected [\"1\"]: 'v' holds 'x', which is not an RFC 3339 time\n");
    CHECK(found(R"("x")", ColumnType::decimal) ==
          "rejected [\"1\"]: 'v' holds 'x', which is not a number\n");
    CHECK(found("\"" + std::string(100, 'y') + "\"", ColumnType::integer)
              .find(std::string(60, 'y') + "…'") != std::string::npos);
  }

  TEST_CASE("the first thing wrong is the reason") {
    CHECK(decode(declared({column("a", ColumnType::integer),
                           column("b", ColumnType::integer)}),
                 R"([{"id":1,"b":"x","a":"y"}])") ==
          "rejected [\"1\"]: 'b' holds 'x', which is not an integer of 64 "
          "bits\n");
  }

  TEST_CASE("a key may be typed") {
    auto stream = declared({});
    stream.key = {column("id", ColumnType::integer)};
    CHECK(decode(stream, R"([{"id":"17"},{"id":"x"},{"id":""}])") ==
          "id: integer 17\n"
          "rejected : 'id' holds 'x', which is not an integer of 64 bits\n"
          "rejected : the key 'id' is null\n");
  }
}
