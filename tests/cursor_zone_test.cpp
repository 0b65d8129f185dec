// SPDX-License-Identifier: MIT
//
// Cursors that are written and read as local times, above all in the hours
// that a zone repeats or skips.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/civil.hpp"
#include "model/mark.hpp"
#include "model/pattern.hpp"

using namespace std::chrono_literals;
using namespace strandline::model;

namespace {

constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

Instant instant(const std::string& text) {
  return parse_rfc3339(text).value();
}

Zone named(const std::string& name) {
  return Zone::named(name).value();
}

// Formats of every unit that local times have.
std::vector<CursorFormat> local_formats(const Zone& zone) {
  return {
      CursorFormat(CursorFormat::datetime, zone),
      CursorFormat::of_pattern("%d.%m.%Y %H:%M", zone),
      CursorFormat::of_pattern("%Y%m%d%H", zone),
      CursorFormat(CursorFormat::date, zone),
  };
}

std::int64_t unit_seconds(const CursorFormat& format) {
  return std::chrono::duration_cast<std::chrono::seconds>(unit(format)).count();
}

// The local time that a text of `format` names, to be compared with others.
Instant wall_time(const std::string& text, const CursorFormat& format) {
  return std::get<Instant>(parse_cursor(text,
                                        [&] {
                                          auto elsewhere = format;
                                          elsewhere.zone = Zone();
                                          return elsewhere;
                                        }())
                               .value());
}

// The instants that a source may take a local time for: those that have it, or
// where it is skipped what either clock would make of it.
std::pair<Instant, Instant> readings(Instant local, const Zone& zone) {
  std::vector<Instant> with_it;
  std::vector<Instant> all;
  for (const auto around : {-day, day}) {
    const auto there = plus(local, around);
    const auto offset = to_local(there, zone).seconds - there.seconds;
    const auto reading = plus(local, -offset);
    all.push_back(reading);
    if (to_local(reading, zone) == local) {
      with_it.push_back(reading);
    }
  }
  const auto& found = with_it.empty() ? all : with_it;
  return {*std::min_element(found.begin(), found.end()),
          *std::max_element(found.begin(), found.end())};
}

const std::vector<std::string> zones = {
    "America/New_York", "Europe/Berlin",    "Australia/Lord_Howe",
    "Asia/Kathmandu",   "America/St_Johns", "Africa/Casablanca",
    "Pacific/Apia",     "America/Havana",   "America/Sao_Paulo",
};

// True if the zone changes its offset within a day and a half of `at`.
bool near_change(Instant at, const Zone& zone) {
  const auto offset = [&](Instant there) {
    return to_local(there, zone).seconds - there.seconds;
  };
  return offset(plus(at, -36 * hour)) != offset(plus(at, 36 * hour));
}

// Every hour, a few seconds past, for two days around each change in some
// years, and some hours of the other days.
template <typename Visit>
void each_hour(const Zone& zone, Visit visit) {
  for (const std::string year : {"1986", "2011", "2018", "2024"}) {
    const auto begin = instant(year + "-01-01T00:00:07Z");
    for (std::int64_t h = 0; h < 366 * 24; ++h) {
      // Between the half hours that some changes fall on, too.
      const auto at = plus(begin, h * hour + h % 4 * 17 * minute, 5);
      if (h % 11 == 0 || near_change(at, zone)) {
        visit(at, zone);
      }
    }
  }
}

}  // namespace

TEST_SUITE("cursor in a zone") {
  TEST_CASE("a local time that comes twice is read as the first") {
    const CursorFormat format(CursorFormat::datetime, named("Europe/Berlin"));
    const auto read = [&](const std::string& text) {
      return to_stored(parse_cursor(text, format).value());
    };
    CHECK(read("2024-10-27 02:30:00") == "2024-10-27T00:30:00.000000000Z");
    CHECK(read("2024-10-27T02:30:00.25") == "2024-10-27T00:30:00.250000000Z");
    CHECK(read("2024-03-31 02:30:00") == "2024-03-31T00:30:00.000000000Z");
    CHECK(read("2024-07-01 00:00:00") == "2024-06-30T22:00:00.000000000Z");
    // A date says less than the format promises.
    CHECK_FALSE(parse_cursor("2024-07-01", format));
    CHECK_FALSE(parse_cursor("2024-07-01", CursorFormat::rfc3339));
    CHECK(to_stored(
              parse_cursor("2024-07-01", CursorFormat(CursorFormat::date,
                                                      named("Europe/Berlin")))
                  .value()) == "2024-06-30T22:00:00.000000000Z");
    // Its own offset says which of the two it is.
    CHECK(read("2024-10-27 02:30:00+0100") == "2024-10-27T01:30:00.000000000Z");
    CHECK_FALSE(parse_cursor("0001-01-01 00:00:00",
                             CursorFormat(CursorFormat::datetime, Zone(1h))));
    CHECK_FALSE(parse_cursor("9999-12-31 23:59:59",
                             CursorFormat(CursorFormat::datetime, Zone(-1h))));
  }

  TEST_CASE(
      "for an hour that is repeated or skipped the minute before stands") {
    struct Case {
      std::string zone;
      std::string at;
      std::string datetime;
      std::string date;
    };
    const std::vector<Case> cases = {
        // Autumn: 02:00 to 03:00 comes twice.
        {"Europe/Berlin", "2024-10-26T23:59:59.9Z", "2024-10-27 01:59:59",
         "2024-10-27"},
        {"Europe/Berlin", "2024-10-27T00:00:00Z", "2024-10-27 01:59:00",
         "2024-10-27"},
        {"Europe/Berlin", "2024-10-27T00:59:59Z", "2024-10-27 01:59:00",
         "2024-10-27"},
        {"Europe/Berlin", "2024-10-27T01:00:00Z", "2024-10-27 01:59:00",
         "2024-10-27"},
        {"Europe/Berlin", "2024-10-27T01:59:59Z", "2024-10-27 01:59:00",
         "2024-10-27"},
        {"Europe/Berlin", "2024-10-27T02:00:00Z", "2024-10-27 03:00:00",
         "2024-10-27"},
        // Spring: no instant is skipped.
        {"Europe/Berlin", "2024-03-31T00:59:59Z", "2024-03-31 01:59:59",
         "2024-03-31"},
        {"Europe/Berlin", "2024-03-31T01:00:00Z", "2024-03-31 03:00:00",
         "2024-03-31"},
        {"Australia/Lord_Howe", "2024-04-06T14:45:00Z", "2024-04-07 01:29:00",
         "2024-04-07"},
        // A midnight that is skipped, and one that comes twice.
        {"America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04 10:00:00",
         "2018-11-03"},
        {"America/Sao_Paulo", "2018-11-05T12:00:00Z", "2018-11-05 10:00:00",
         "2018-11-05"},
        {"America/Havana", "2018-11-04T17:00:00Z", "2018-11-04 12:00:00",
         "2018-11-03"},
        {"America/Havana", "2018-11-04T04:30:00Z", "2018-11-03 23:59:00",
         "2018-11-03"},
        // The day that Samoa left out.
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31 00:00:00",
         "2011-12-31"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.zone);
      CAPTURE(c.at);
      const auto zone = named(c.zone);
      const CursorValue value = instant(c.at);
      CHECK(write_cursor(value, {CursorFormat::datetime, zone}) == c.datetime);
      CHECK(write_cursor(value, {CursorFormat::date, zone}) == c.date);
    }
    // 02:00 is skipped here, though no more than half an hour is.
    const CursorValue spring = instant("2024-10-05T15:45:00Z");
    CHECK(write_cursor(
              spring, CursorFormat::of_pattern("%Y-%m-%d %H",
                                               named("Australia/Lord_Howe"))) ==
          "2024-10-06 01");
  }

  TEST_CASE("a day in a zone begins at its own midnight, however long it is") {
    const CursorFormat format(CursorFormat::date, named("Europe/Berlin"));
    const auto begin = [&](const std::string& at) {
      return to_stored(round_down(instant(at), format));
    };
    CHECK(begin("2024-07-01T23:30:00Z") == "2024-07-01T22:00:00.000000000Z");
    CHECK(begin("2024-10-27T12:00:00Z") == "2024-10-26T22:00:00.000000000Z");
    CHECK(begin("2024-03-31T12:00:00Z") == "2024-03-30T23:00:00.000000000Z");
    const auto day_before = [&](const std::string& at) {
      return to_stored(minus_units(instant(at), format, 1));
    };
    // Days of 25 and 23 hours.
    CHECK(day_before("2024-10-27T23:00:00Z") ==
          "2024-10-26T22:00:00.000000000Z");
    CHECK(day_before("2024-03-31T22:00:00Z") ==
          "2024-03-30T23:00:00.000000000Z");
  }

  TEST_CASE("formats that say their offset do not care for the zone") {
    const auto berlin = named("Europe/Berlin");
    const CursorValue value = instant("2024-10-27T00:30:00Z");
    CHECK(write_cursor(value, {CursorFormat::rfc3339, berlin}) ==
          "2024-10-27T00:30:00Z");
    CHECK(write_cursor(value, {CursorFormat::epoch_s, berlin}) == "1729989000");
    CHECK(write_cursor(value,
                       CursorFormat::of_pattern("%Y-%m-%d %H%z", berlin)) ==
          "2024-10-27 00+0000");
    CHECK(parse_cursor("2024-10-27T02:30:00",
                       {CursorFormat::rfc3339, berlin}) == value);
  }

  TEST_CASE("a zone that is not known may be taken for the westernmost") {
    const CursorFormat unknown(CursorFormat::datetime, Zone(-12h));
    const CursorValue value = instant("2024-07-01T12:00:00Z");
    const auto wall = wall_time(write_cursor(value, unknown), unknown);
    for (const std::string name :
         {"Pacific/Kiritimati", "Europe/Berlin", "America/New_York",
          "Pacific/Pago_Pago", "Etc/GMT+12"}) {
      CAPTURE(name);
      const auto latest = readings(wall, named(name)).second;
      CHECK(latest <= std::get<Instant>(value));
      CHECK(latest >= plus(std::get<Instant>(value), -26 * hour));
    }
  }

  TEST_CASE(
      "what is written is never late, and early by no more than it must") {
    for (const auto& name : zones) {
      CAPTURE(name);
      each_hour(named(name), [&](Instant at, const Zone& zone) {
        for (const auto& format : local_formats(zone)) {
          const auto text = write_cursor(at, format);
          const auto unit = unit_seconds(format);
          const auto back = parse_cursor(text, format);
          const auto rounded = round_down(at, format);
          bool good = back == rounded && rounded <= CursorValue(at) &&
                      round_down(rounded, format) == rounded &&
                      write_cursor(rounded, format) == text;
          // One reading only, whatever the source makes of such times.
          const auto [early, late] = readings(wall_time(text, format), zone);
          good = good && early == late && CursorValue(early) == rounded;
          // A day's midnight may be one that is repeated or skipped.
          const auto most = (unit == day ? 2 * unit : unit) + 2 * hour + minute;
          const auto least = plus(at, -(near_change(at, zone) ? most : unit));
          good = good && rounded >= CursorValue(least);
          if (!good) {
            CAPTURE(to_rfc3339(at, 9));
            CAPTURE(text);
            CAPTURE(to_stored(rounded));
            FAIL("not so");
          }
        }
      });
    }
  }

  TEST_CASE("no later instant has a local time before the one written") {
    for (const auto& name : zones) {
      CAPTURE(name);
      int changes = 0;
      each_hour(named(name), [&](Instant at, const Zone& zone) {
        if (!near_change(at, zone)) {
          return;
        }
        ++changes;
        for (const auto& format : local_formats(zone)) {
          const auto rounded = round_down(at, format);
          const auto bound = wall_time(write_cursor(rounded, format), format);
          // What an exclusive filter is sent must be less, not equal.
          const auto below = wall_time(
              write_cursor(minus_units(rounded, format, 1), format), format);
          bool good = below < bound;
          // No zone here went back by more than an hour.
          for (auto later = at; later < plus(at, 3 * hour);
               later = plus(later, 10 * minute)) {
            good = good && to_local(later, zone) >= bound;
          }
          if (!good) {
            CAPTURE(to_rfc3339(at, 9));
            CAPTURE(to_rfc3339(bound, 0));
            FAIL("not so");
          }
        }
      });
      CHECK(changes > 0);
    }
  }
}
