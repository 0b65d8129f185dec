// SPDX-License-Identifier: MIT
//
// How a cursor's values are written: `format`, `zone`, and what follows from
// them.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "config/refusal.hpp"
#include "config_file.hpp"

using namespace std::chrono_literals;
using namespace strandline;
using namespace strandline::model;
using test::faults;
using test::load_text;
using test::note;
using test::problems_of;
using test::small_config;

namespace {

std::string with_cursor(const std::string& more) {
  return small_config(
      "query = { a = \"${from}\" }\ncursor = { field = \"a\", " + more +
      " }\n");
}

CursorRule cursor(const std::string& more) {
  return load_text(with_cursor(more)).streams.at(0).cursor.value();
}

// Behind "8:25: 'KEY' in [stream.tickets.cursor] ".
std::string refusal(const std::string& more) {
  const auto text = faults(with_cursor(more));
  const std::string table = "in [stream.tickets.cursor] ";
  const auto at = text.find(table);
  return at == std::string::npos || text.find('\n') != std::string::npos
             ? text
             : text.substr(at + table.size());
}

std::vector<std::string> advice(const std::vector<Note>& notes) {
  std::vector<std::string> texts;
  for (const auto& one : notes) {
    if (one.label == "try") {
      texts.push_back(one.text);
    }
  }
  return texts;
}

const std::string zone_advice =
    "\"UTC\", an offset such as \"+01:00\" or an IANA name such as "
    "\"Europe/Berlin\"; \"-12:00\" is never too late where the zone is not "
    "known";

}  // namespace

TEST_SUITE("a cursor's format and zone") {
  TEST_CASE("a zone is UTC, an offset or a name") {
    CHECK(cursor("zone = \"UTC\"").format.zone == Zone());
    CHECK(cursor("zone = \"-12:00\"").format.zone == Zone(-12h));
    CHECK(cursor("zone = \"+05:45\"").format.zone == Zone(5h + 45min));
    CHECK(cursor("zone = \"Europe/Berlin\"").format.zone ==
          Zone::named("Europe/Berlin"));
    CHECK(cursor("zone = \"America/Argentina/Buenos_Aires\"").format.zone ==
          Zone::named("America/Argentina/Buenos_Aires"));
    CHECK(cursor("format = \"epoch_s\", zone = \"Asia/Tokyo\"").format ==
          CursorFormat(CursorFormat::epoch_s, Zone::named("Asia/Tokyo")));
    CHECK_FALSE(cursor("exclusive = true").format.zone);
  }

  TEST_CASE("a pattern is a format") {
    const auto rule =
        cursor("format = \"%d.%m.%Y %H:%M\", zone = \"Europe/Berlin\"");
    CHECK(rule.format == CursorFormat::of_pattern(
                             "%d.%m.%Y %H:%M", Zone::named("Europe/Berlin")));
    CHECK(cursor("format = \"%Y-%m-%dT%H:%M:%S%z\"").format ==
          CursorFormat::of_pattern("%Y-%m-%dT%H:%M:%S%z"));
    CHECK(cursor("format = \"%Y%m%d\"").format ==
          CursorFormat::of_pattern("%Y%m%d"));
  }

  TEST_CASE("the overlap is an hour where local times come twice") {
    const std::string berlin = "zone = \"Europe/Berlin\"";
    struct Case {
      std::string text;
      std::chrono::seconds expected;
    };
    const std::vector<Case> cases = {
        {"format = \"datetime\", " + berlin, 1h},
        {"format = \"date\", " + berlin, 1h},
        {"format = \"%Y-%m-%d %H:%M\", " + berlin, 1h},
        // What is set holds, less than an hour too: see semantics.md.
        {"format = \"datetime\", overlap = \"1s\", " + berlin, 1s},
        {"format = \"datetime\", overlap = \"2h\", " + berlin, 2h},
        // Filters that say their offset.
        {"format = \"rfc3339\", " + berlin, 5min},
        {"format = \"epoch_ms\", " + berlin, 5min},
        {"format = \"%Y-%m-%d %H:%M%z\", " + berlin, 5min},
        // Zones that repeat nothing.
        {"format = \"datetime\", zone = \"UTC\"", 5min},
        {"format = \"datetime\", zone = \"+01:00\"", 5min},
        {"format = \"datetime\", zone = \"Asia/Kathmandu\"", 5min},
        {"format = \"date\"", 5min},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      CHECK(cursor(c.text).overlap == c.expected);
    }
  }

  TEST_CASE("a start without an offset is one in the zone") {
    const auto start = [](const std::string& more) {
      return to_stored(cursor(more).start.value());
    };
    const std::string berlin = ", zone = \"Europe/Berlin\"";
    CHECK(start("start = 2024-07-01T00:00:00" + berlin) ==
          "2024-06-30T22:00:00.000000000Z");
    CHECK(start("start = \"2024-01-01T00:00:00\"" + berlin) ==
          "2023-12-31T23:00:00.000000000Z");
    CHECK(start("start = 2024-10-27T02:30:00" + berlin) ==
          "2024-10-27T00:30:00.000000000Z");
    // A date alone is midnight in UTC, whatever the zone.
    CHECK(start("start = 2024-07-01" + berlin) ==
          "2024-07-01T00:00:00.000000000Z");
    CHECK(start("start = \"2024-07-01\", format = \"date\"" + berlin) ==
          "2024-07-01T00:00:00.000000000Z");
  }

  TEST_CASE("zones that are not known are refused with the nearest that is") {
    struct Case {
      std::string zone;
      std::string meant;
    };
    const std::vector<Case> cases = {
        {"Europe/Berln", "Europe/Berlin"},
        {"europe/berlin", "Europe/Berlin"},
        {"Berlin", "Europe/Berlin"},
        {"new_york", "America/New_York"},
        {"New York", "America/New_York"},
        {"US/Estern", "US/Eastern"},
        {"utc", "UTC"},
        // Nothing is near; an Etc/GMT+1 would be west of Greenwich.
        {"Z", ""},
        {"UTC+1", ""},
        {"Local time of the office", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.zone);
      const auto text = "format = \"datetime\", zone = \"" + c.zone + "\"";
      CHECK(refusal(text) == "is no time zone that is known here" +
                                 (c.meant.empty()
                                      ? std::string()
                                      : "; did you mean \"" + c.meant + "\"?"));
    }
    const auto problems = problems_of(with_cursor("zone = \"Europe/Berln\""));
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].line == 8);
    CHECK(problems[0].column == 25);
    CHECK(advice(problems[0].notes) == std::vector<std::string>{zone_advice});
    // The line shows the name.
    CHECK(note(problems[0].notes, "line").find("zone = \"Europe/Berln\"") !=
          std::string::npos);
  }

  TEST_CASE("a name is not guessed from one that means the other direction") {
    const auto refused = config::refuse_zone(
        "GMT+1", {"Etc/GMT+1", "Etc/GMT-1", "Europe/Berlin"});
    CHECK(refused.says == "is no time zone that is known here");
  }

  TEST_CASE("without a zone database a name is refused with the way out") {
    const auto refused = config::refuse_zone("Europe/Berlin", {});
    CHECK(refused.says ==
          "needs the time zone database, and this system has none");
    CHECK(advice(refused.notes) ==
          std::vector<std::string>{"install the package tzdata, or write an "
                                   "offset such as \"+01:00\""});
    CHECK(config::refuse_zone("+1", {}).says.starts_with("must be \"UTC\""));
  }

  TEST_CASE("offsets that are none are refused") {
    for (const std::string zone : {"", "+1", "+0100", "+25:00", "-01:61"}) {
      CAPTURE(zone);
      CHECK(refusal("zone = \"" + zone + "\"") ==
            "must be \"UTC\", an offset such as \"+01:00\" or the name of a "
            "time zone such as \"Europe/Berlin\"");
    }
    CHECK(refusal("zone = 1") ==
          "must be \"UTC\" or an offset such as \"+01:00\" or the name of a "
          "time zone such as \"Europe/Berlin\"");
  }

  TEST_CASE("a zone that is refused is the one complaint") {
    CHECK(refusal("format = \"datetime\", zone = \"Nowhere/At_all\", start = "
                  "2024-01-01T00:00:00") ==
          "is no time zone that is known here");
  }

  TEST_CASE("patterns that make no sense are refused with the reason") {
    struct Case {
      std::string pattern;
      std::string says;
      std::vector<std::string> advice;
    };
    const std::string parts = ", which is not one of %Y %m %d %H %M %S %z";
    const std::vector<Case> cases = {
        {"%Y-%m", "has no %d; a pattern needs %Y, %m and %d", {}},
        {"%H:%M", "has no %Y; a pattern needs %Y, %m and %d", {}},
        {"%Y-%m-%d %M", "has %M without %H", {}},
        {"%Y-%m-%d %H:%S", "has %S without %M", {}},
        {"%Y-%m-%d %d", "has %d twice", {}},
        {"%Y-%m-%d%", "ends with a % that has no letter", {}},
        {"%y-%m-%d", "has %y" + parts, {}},
        {"%F", "has %F" + parts, {"write %Y-%m-%d for %F"}},
        {"%F %T",
         "has %F" + parts,
         {"write %Y-%m-%d for %F", "write %H:%M:%S for %T"}},
        {"%Y-%m-%d %R", "has %R" + parts, {"write %H:%M for %R"}},
        {"%D",
         "has %D" + parts,
         {"write %m/%d/%Y for dates as %D has them, with the whole year"}},
        {"%s",
         "has %s" + parts,
         {"write format = \"epoch_s\" for seconds since 1970"}},
        {"%Y-%m-%d %H:%M:%S.%f",
         "has %f" + parts,
         {"leave the fraction behind %S out: it is read without being named"}},
        {"%Y-%m-%d %%",
         "has %%" + parts,
         {"a pattern cannot have a literal %"}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.pattern);
      const auto text = "format = \"" + c.pattern + "\", zone = \"UTC\"";
      CHECK(refusal(text) == c.says);
      const auto problems = problems_of(with_cursor(text));
      REQUIRE(problems.size() == 1);
      CHECK(problems[0].line == 8);
      CHECK(problems[0].column == 25);
      CHECK(advice(problems[0].notes) == c.advice);
    }
  }

  TEST_CASE("what goes with a format that is refused is not refused too") {
    CHECK(refusal("format = \"%Y\", start = 5, overlap = 5, zone = \"x\"") ==
          "has no %m; a pattern needs %Y, %m and %d");
    CHECK(refusal("format = \"int\", start = 5, overlap = 5")
              .starts_with("must be \"rfc3339\""));
  }

  TEST_CASE("a word that is no format is told of patterns too") {
    const auto problems = problems_of(with_cursor("format = \"iso\""));
    REQUIRE(problems.size() == 1);
    CHECK(note(problems[0].notes, "try") ==
          "a pattern of %Y %m %d %H %M %S %z, such as \"%d.%m.%Y %H:%M\"");
    const auto orders = problems_of(with_cursor("order = \"up\""));
    REQUIRE(orders.size() == 1);
    CHECK(note(orders[0].notes, "try").empty());
  }

  TEST_CASE("a time of day without an offset needs a zone") {
    CHECK(faults(with_cursor("format = \"datetime\"")) ==
          "8:10: missing key 'zone' in [stream.tickets.cursor] with format = "
          "\"datetime\"");
    CHECK(faults(with_cursor("format = \"%Y-%m-%d %H\"")) ==
          "8:10: missing key 'zone' in [stream.tickets.cursor] with a format "
          "that has %H and no %z");
    CHECK(faults(with_cursor("format = \"%Y-%m-%d %H%z\"")) == "");
    CHECK(faults(with_cursor("format = \"%Y-%m-%d\"")) == "");
    CHECK(faults(with_cursor("format = \"date\"")) == "");
  }
}
