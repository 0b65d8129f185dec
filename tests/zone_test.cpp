// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "model/civil.hpp"
#include "model/instant.hpp"
#include "model/zone.hpp"

using namespace std::chrono_literals;
using namespace strandline::model;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

namespace {

sys_seconds utc(const std::string& text) {
  return sys_seconds(seconds(parse_rfc3339(text).value().seconds));
}

local_seconds wall(const std::string& text) {
  return local_seconds(utc(text + "Z").time_since_epoch());
}

Zone named(const std::string& name) {
  return Zone::named(name).value();
}

// Runs with the C library's own idea of a zone, which is read by other code
// from the same files.
class LibcZone {
 public:
  explicit LibcZone(const std::string& name) {
    const char* const before = std::getenv("TZ");
    had_ = before != nullptr;
    before_ = had_ ? before : "";
    ::setenv("TZ", name.c_str(), 1);
    ::tzset();
  }
  ~LibcZone() {
    if (had_) {
      ::setenv("TZ", before_.c_str(), 1);
    } else {
      ::unsetenv("TZ");
    }
    ::tzset();
  }
  LibcZone(const LibcZone&) = delete;
  LibcZone& operator=(const LibcZone&) = delete;

  static local_seconds local(sys_seconds instant) {
    const std::time_t time = instant.time_since_epoch().count();
    std::tm fields{};
    ::localtime_r(&time, &fields);
    return local_seconds(seconds(::timegm(&fields)));
  }

 private:
  bool had_ = false;
  std::string before_;
};

}  // namespace

TEST_SUITE("zone") {
  TEST_CASE("a zone without a name is an offset") {
    const auto instant = utc("2024-07-01T00:00:00Z");
    CHECK(Zone().local(instant) == wall("2024-07-01T00:00:00"));
    const Zone west(-(9h + 30min));
    CHECK(west.local(instant) == wall("2024-06-30T14:30:00"));
    CHECK(west.earliest(wall("2024-06-30T14:30:00")) == instant);
    CHECK_FALSE(west.unclear(wall("2024-06-30T14:30:00")));
    CHECK_FALSE(west.repeats());
    CHECK(west == Zone(-(9h + 30min)));
    CHECK_FALSE(west == Zone());
  }

  TEST_CASE("local times are those of the C library") {
    for (const std::string name :
         {"America/New_York", "Europe/Berlin", "Australia/Lord_Howe",
          "Asia/Kathmandu", "America/St_Johns", "Africa/Casablanca",
          "Pacific/Apia", "America/Havana", "Africa/Monrovia", "Etc/UTC"}) {
      CAPTURE(name);
      const auto zone = named(name);
      const LibcZone libc(name);
      const auto offset = [&](sys_seconds instant) {
        return zone.local(instant).time_since_epoch() -
               instant.time_since_epoch();
      };
      const auto check = [&](sys_seconds instant) {
        if (zone.local(instant) != libc.local(instant)) {
          FAIL(instant.time_since_epoch().count());
        }
      };
      // The odd second meets all parts of the day.
      constexpr auto step = 12h - 1s;
      for (auto instant = utc("1965-01-01T00:00:00Z");
           instant < utc("2037-06-01T00:00:00Z"); instant += step) {
        check(instant);
        if (offset(instant) == offset(instant + step)) {
          continue;
        }
        // The last second before the change, and the first after it.
        auto before = instant;
        auto after = instant + step;
        while (after - before > 1s) {
          const auto middle = before + (after - before) / 2;
          (offset(middle) == offset(instant) ? before : after) = middle;
        }
        check(before);
        check(after);
      }
    }
  }

  TEST_CASE("a time that comes twice is the first, one that is skipped early") {
    struct Case {
      std::string zone;
      std::string local;
      std::string expected;
      std::string unclear_begin;  // empty: one instant has this time
    };
    const std::vector<Case> cases = {
        {"Europe/Berlin", "2024-10-27T01:59:59", "2024-10-26T23:59:59Z", ""},
        {"Europe/Berlin", "2024-10-27T02:00:00", "2024-10-27T00:00:00Z",
         "2024-10-27T02:00:00"},
        {"Europe/Berlin", "2024-10-27T02:59:59", "2024-10-27T00:59:59Z",
         "2024-10-27T02:00:00"},
        {"Europe/Berlin", "2024-10-27T03:00:00", "2024-10-27T02:00:00Z", ""},
        {"Europe/Berlin", "2024-03-31T01:59:59", "2024-03-31T00:59:59Z", ""},
        {"Europe/Berlin", "2024-03-31T02:00:00", "2024-03-31T00:00:00Z",
         "2024-03-31T02:00:00"},
        {"Europe/Berlin", "2024-03-31T02:59:59", "2024-03-31T00:59:59Z",
         "2024-03-31T02:00:00"},
        {"Europe/Berlin", "2024-03-31T03:00:00", "2024-03-31T01:00:00Z", ""},
        // Half an hour.
        {"Australia/Lord_Howe", "2024-04-07T01:45:00", "2024-04-06T14:45:00Z",
         "2024-04-07T01:30:00"},
        {"Australia/Lord_Howe", "2024-04-07T02:00:00", "2024-04-06T15:30:00Z",
         ""},
        // A whole day that never was.
        {"Pacific/Apia", "2011-12-29T23:59:59", "2011-12-30T09:59:59Z", ""},
        {"Pacific/Apia", "2011-12-30T12:00:00", "2011-12-29T22:00:00Z",
         "2011-12-30T00:00:00"},
        {"Pacific/Apia", "2011-12-31T00:00:00", "2011-12-30T10:00:00Z", ""},
        // Ramadan: back and forth within one year.
        {"Africa/Casablanca", "2024-03-10T02:30:00", "2024-03-10T01:30:00Z",
         "2024-03-10T02:00:00"},
        {"Africa/Casablanca", "2024-04-14T02:30:00", "2024-04-14T01:30:00Z",
         "2024-04-14T02:00:00"},
        {"Asia/Kathmandu", "2024-01-01T05:45:00", "2024-01-01T00:00:00Z", ""},
        // Before the first change and after the last.
        {"Europe/Berlin", "0001-01-02T00:00:00", "0001-01-01T23:06:32Z", ""},
        {"Asia/Kathmandu", "9999-01-01T05:45:00", "9999-01-01T00:00:00Z", ""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.zone);
      CAPTURE(c.local);
      const auto zone = named(c.zone);
      CHECK(zone.earliest(wall(c.local)) == utc(c.expected));
      const auto begin = zone.unclear(wall(c.local));
      REQUIRE(begin.has_value() == !c.unclear_begin.empty());
      if (begin) {
        CHECK(*begin == wall(c.unclear_begin));
      }
    }
  }

  TEST_CASE("the zone database knows the summers and winters to come") {
    const auto berlin = named("Europe/Berlin");
    CHECK(berlin.local(utc("2036-07-01T00:00:00Z")) ==
          wall("2036-07-01T02:00:00"));
    CHECK(berlin.local(utc("2036-12-01T00:00:00Z")) ==
          wall("2036-12-01T01:00:00"));
  }

  TEST_CASE("zones that repeated times after 1970 are known by it") {
    CHECK(named("Europe/Berlin").repeats());
    CHECK(named("Australia/Lord_Howe").repeats());
    CHECK(named("America/Phoenix").repeats() == false);
    CHECK(named("Asia/Kathmandu").repeats() == false);
    CHECK(named("Etc/UTC").repeats() == false);
  }

  TEST_CASE("only names of zones are known, and each is one zone") {
    CHECK(named("Europe/Berlin") == named("Europe/Berlin"));
    CHECK_FALSE(named("Europe/Berlin") == named("Europe/Paris"));
    for (const std::string name :
         {"", "Berlin", "europe/berlin", "Europe/", "Europe", "localtime",
          "posixrules", "Factory", "../../etc/passwd", "/etc/localtime",
          "zone.tab", "+01:00"}) {
      CAPTURE(name);
      CHECK_FALSE(Zone::named(name));
    }
    const auto names = zone_names();
    CHECK(std::is_sorted(names.begin(), names.end()));
    CHECK(std::count(names.begin(), names.end(), "America/St_Johns") == 1);
    CHECK(std::count(names.begin(), names.end(), "localtime") == 0);
    for (const auto& name : names) {
      CAPTURE(name);
      CHECK(Zone::named(name));
    }
  }

  TEST_CASE("local times keep to the years of an instant") {
    CHECK(to_local(latest_instant, Zone(1h)) == latest_instant);
    CHECK(to_local(earliest_instant, Zone(-1h)) == earliest_instant);
    CHECK_FALSE(from_local(latest_instant, Zone(-1s)));
    CHECK_FALSE(from_local(earliest_instant, Zone(1s)));
    CHECK(from_local({0, 5}, Zone(1h)) == Instant{-3600, 5});
  }
}
