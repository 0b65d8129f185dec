// SPDX-License-Identifier: MIT
//
// Nights in which a zone repeats or skips an hour, played through: a source
// that stamps, sorts and compares by its own clock, and runs that follow it.
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

// How a source takes the local time of a filter.
enum class Reading { as_text, as_earlier, as_later };

struct Night {
  std::string zone;
  std::string change;  // the instant
};

struct Play {
  Night night;
  CursorFormat format;
  std::chrono::seconds overlap{0};
  Order order = Order::unordered;
  Reading reading = Reading::as_text;
  bool exclusive = false;
  std::int64_t between_runs = 0;
  bool naive = false;  // writes what the clock shows, as if it were enough
};

struct Outcome {
  int lost = 0;          // records that a run should have brought and did not
  std::size_t last = 0;  // records that the last run read
};

struct Record {
  Instant at;
  Instant visible;
  Instant shown;  // by its clock, as exactly as the format has it
  std::string text;
};

class Game {
 public:
  explicit Game(const Play& play) : play_(play), zone_(*play.format.zone) {
    stream_.path = parse_template("/");
    stream_.cursor.emplace();
    stream_.cursor->format = play.format;
    stream_.cursor->overlap = play.overlap;
    stream_.cursor->order = play.order;
    stream_.cursor->exclusive = play.exclusive;
    const auto change = parse_rfc3339(play.night.change).value();
    begin_ = plus(change, -2 * hour);
    end_ = plus(change, 6 * hour);
    // Some come late, by less than the overlap.
    const auto overlap = play.overlap.count();
    std::int64_t n = 0;
    for (auto at = begin_; at < end_; at = plus(at, 10 * minute)) {
      const auto late = overlap > 0 ? ++n * 7 * minute % overlap : 0;
      const auto shown = rounded(to_local(at, zone_));
      records_.push_back({at, plus(at, late), shown, write(shown)});
    }
  }

  Outcome run_all() {
    Outcome outcome;
    for (auto now = begin_; now < plus(end_, hour);
         now = plus(now, play_.between_runs)) {
      run_once(now, outcome);
    }
    run_once(plus(end_, 26 * hour), outcome);
    run_once(plus(end_, 27 * hour), outcome);
    return outcome;
  }

 private:
  void run_once(Instant now, Outcome& outcome) {
    outcome.last = run(now);
    for (std::size_t i = 0; i < records_.size(); ++i) {
      if (records_[i].visible <= now && !file_.contains(i)) {
        ++outcome.lost;
        file_.insert(i);  // counted once
      }
    }
  }

  Instant rounded(Instant local) const {
    const auto unit = std::chrono::duration_cast<std::chrono::seconds>(
                          strandline::model::unit(play_.format))
                          .count();
    return {local.seconds - local.seconds % unit, 0};
  }

  std::string write(Instant local) const {
    const auto& format = play_.format;
    return write_pattern(
        local, format.kind == CursorFormat::datetime ? "%Y-%m-%d %H:%M:%S"
               : format.kind == CursorFormat::date   ? "%Y-%m-%d"
                                                     : format.pattern_text);
  }

  // Nothing where there is no bound.
  std::optional<std::string> filter(const Window& window) const {
    // Newest first a list need not have a filter at all.
    if (!window.from || play_.order == Order::descending) {
      return {};
    }
    if (play_.naive) {
      const auto mark = std::get<Instant>(*checkpoint_.mark);
      return write(to_local(plus(mark, -play_.overlap.count()), zone_));
    }
    return write_cursor(filter_bound(*window.from, *stream_.cursor),
                        play_.format);
  }

  // The filter's local time, and the instant that the source makes of it.
  std::pair<Instant, Instant> read_filter(const std::string& text) const {
    auto format = play_.format;
    format.zone = Zone();
    const auto local = std::get<Instant>(parse_cursor(text, format).value());
    const auto offset_at = [&](Instant there) {
      return to_local(there, zone_).seconds - there.seconds;
    };
    const auto one = plus(local, -offset_at(plus(local, -24 * hour)));
    const auto other = plus(local, -offset_at(plus(local, 24 * hour)));
    const bool is_one = to_local(one, zone_) == local;
    const bool is_other = to_local(other, zone_) == local;
    if (is_one != is_other) {
      return {local, is_one ? one : other};
    }
    return {local, play_.reading == Reading::as_later ? std::max(one, other)
                                                      : std::min(one, other)};
  }

  bool passes(const Record& record,
              const std::pair<Instant, Instant>& bound) const {
    const bool as_text = play_.reading == Reading::as_text;
    const auto value = as_text ? record.shown : record.at;
    const auto limit = as_text ? bound.first : bound.second;
    return play_.exclusive ? value > limit : value >= limit;
  }

  std::vector<std::size_t> list(Instant now,
                                const std::optional<std::string>& text) const {
    std::vector<std::size_t> found;
    const auto bound = text ? std::optional(read_filter(*text)) : std::nullopt;
    for (std::size_t i = 0; i < records_.size(); ++i) {
      if (records_[i].visible <= now &&
          (!bound || passes(records_[i], *bound))) {
        found.push_back(i);
      }
    }
    if (play_.reading == Reading::as_text) {
      std::stable_sort(found.begin(), found.end(),
                       [&](std::size_t a, std::size_t b) {
                         return records_[a].shown < records_[b].shown;
                       });
    }
    if (play_.order == Order::descending) {
      std::reverse(found.begin(), found.end());
    } else if (play_.order == Order::unordered) {
      std::rotate(found.begin(), found.begin() + found.size() / 2, found.end());
    }
    return found;
  }

  // One window, to its proved end; returns how many records it read.
  std::size_t run(Instant now) {
    constexpr std::size_t page_size = 3;
    const auto& rule = *stream_.cursor;
    auto window = open_window(checkpoint_, stream_, WindowMode::incremental);
    window.anchor = plus(now, -1);
    const auto found = list(now, filter(window));
    CursorCounts counts;
    std::size_t read = 0;
    while (read < found.size()) {
      bool below = true;
      const auto end = std::min(read + page_size, found.size());
      for (; read < end; ++read) {
        const auto cursor =
            parse_cursor(records_[found[read]].text, play_.format);
        observe(window, counts, rule, cursor, window.anchor);
        below = below && window.from && *cursor < *window.from;
        file_.insert(found[read]);
      }
      if (play_.order == Order::descending && below && window.ordered) {
        break;
      }
    }
    checkpoint_ = close_window(checkpoint_, window, stream_);
    return read;
  }

  Play play_;
  Zone zone_;
  StreamDefinition stream_;
  Instant begin_;
  Instant end_;
  std::vector<Record> records_;
  Checkpoint checkpoint_;
  std::set<std::size_t> file_;
};

const std::vector<Night> nights = {
    {"Europe/Berlin", "2024-10-27T01:00:00Z"},
    {"Europe/Berlin", "2024-03-31T01:00:00Z"},
    {"America/New_York", "2024-11-03T06:00:00Z"},
    // Half an hour, and the other way round the year.
    {"Australia/Lord_Howe", "2024-04-06T15:00:00Z"},
    {"Australia/Lord_Howe", "2024-10-05T15:30:00Z"},
    // At a minute past midnight, back into the day before.
    {"America/St_Johns", "2010-11-07T02:31:00Z"},
    // Midnight itself comes twice, or not at all.
    {"America/Havana", "2018-11-04T05:00:00Z"},
    {"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
};

// Calls `visit` with every kind of play of every night.
template <typename Visit>
void each_play(Visit visit) {
  for (const auto& night : nights) {
    const auto zone = Zone::named(night.zone).value();
    for (const auto& format : {CursorFormat(CursorFormat::datetime, zone),
                               CursorFormat::of_pattern("%d/%m/%Y %H:%M", zone),
                               CursorFormat::of_pattern("%Y-%m-%dT%H", zone),
                               CursorFormat(CursorFormat::date, zone)}) {
      for (const auto overlap : {0min, 5min, 60min}) {
        for (const auto order :
             {Order::unordered, Order::ascending, Order::descending}) {
          for (const auto reading :
               {Reading::as_text, Reading::as_earlier, Reading::as_later}) {
            for (const auto between : {11 * minute, 47 * minute}) {
              for (const bool exclusive : {false, true}) {
                visit(Play{night, format, overlap, order, reading, exclusive,
                           between, false});
              }
            }
          }
        }
      }
    }
  }
}

}  // namespace

TEST_SUITE("the night of the change") {
  TEST_CASE("no record of a repeated or skipped hour is lost") {
    int plays = 0;
    std::size_t most = 0;
    each_play([&](const Play& play) {
      ++plays;
      const auto outcome = Game(play).run_all();
      if (play.order != Order::descending && play.overlap <= 5min &&
          play.format.kind != CursorFormat::date) {
        most = std::max(most, outcome.last);
      }
      if (outcome.lost != 0) {
        CAPTURE(play.night.zone);
        CAPTURE(play.night.change);
        CAPTURE(static_cast<int>(play.format.kind));
        CAPTURE(play.format.pattern_text);
        CAPTURE(play.overlap.count());
        CAPTURE(static_cast<int>(play.order));
        CAPTURE(static_cast<int>(play.reading));
        CAPTURE(play.exclusive);
        CAPTURE(play.between_runs);
        CHECK(outcome.lost == 0);
      }
    });
    // Nor is everything read for ever: of 48 records, with ten minutes between
    // them. Where the unit is an hour, so is the overlap, and an exclusive
    // filter takes one more.
    CHECK(most <= 18);
    CHECK(plays == 8 * 4 * 3 * 3 * 3 * 2 * 2);
  }

  TEST_CASE("writing what the clock shows loses records in autumn") {
    Play play;
    play.night = nights[0];
    play.format =
        CursorFormat(CursorFormat::datetime, Zone::named(play.night.zone));
    play.overlap = 5min;
    play.order = Order::ascending;
    play.between_runs = 25 * minute;
    CHECK(Game(play).run_all().lost == 0);
    play.naive = true;
    CHECK(Game(play).run_all().lost > 0);
    play.night = nights[1];
    CHECK(Game(play).run_all().lost == 0);
  }
}
