// SPDX-License-Identifier: MIT
//
// What not every source has and not every person asks for, given to a scenario
// that was made without it: so a seed without a feature is what it always was.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "dice.hpp"
#include "scenario.hpp"

namespace strandline::simulator {
namespace {

using model::CursorFormat;
using model::Order;

constexpr Ms hour_ms = 3'600'000;
constexpr Ms day_ms = 24 * hour_ms;

bool by_count(const Scenario& scenario) {
  return scenario.source.carrier == Carrier::offset ||
         scenario.source.carrier == Carrier::number;
}

// A source that remembers changes for so long, and a stream that says so, or
// is mistaken, or says nothing; and pauses that are longer.
void add_memory(Scenario& scenario, Dice& dice) {
  auto& source = scenario.source;
  for (auto& run : scenario.runs) {
    run.latency_ms = std::min<Ms>(run.latency_ms, 5000);
    run.clock_error_ms = std::clamp<Ms>(run.clock_error_ms, -600'000, 600'000);
  }
  const auto longest = longest_run(scenario);
  const auto told = dice.one_of<Ms>({2 * hour_ms, 6 * hour_ms, day_ms});
  source.memory_ms = told + longest + 60'000;
  scenario.stream.retention_ms = told;
  if (dice.chance(15)) {
    scenario.stream.retention_ms = dice.chance(50) ? 0 : 4 * source.memory_ms;
  }
  for (auto& run : scenario.runs) {
    if (dice.chance(60)) {
      run.gap_ms =
          dice.one_of<Ms>({told / 2, told - 1000, told + 60'000,
                           source.memory_ms + 60'000, 2 * source.memory_ms});
    }
  }
}

void act(RunPlan& run, Verb verb, Dice& dice) {
  run.back = dice.one_of<std::int64_t>({1, 5, 2000, 60'000, hour_ms, day_ms});
  run.to_run.reset();
  if (dice.chance(40)) {
    run.to_run = static_cast<int>(dice.between(1, 4));
  }
  run.rows = dice.chance(50);
  run.verb = verb;
}

// A list of changes, and a token or URL for those that are to come.
void add_feed(Scenario& scenario, Dice& dice) {
  auto& source = scenario.source;
  auto& stream = scenario.stream;
  source.cursor = dice.chance(70) ? CursorKind::token : CursorKind::next;
  source.format = CursorFormat::rfc3339;
  source.order = Order::ascending;
  source.keyset = source.bounded = source.holes = source.exclusive = false;
  source.truncating_filter = false;
  source.filter = true;
  if (source.carrier == Carrier::after || by_count(scenario)) {
    source.carrier = dice.one_of({Carrier::token, Carrier::next, Carrier::link,
                                  Carrier::offset, Carrier::number});
  }
  if (source.cursor == CursorKind::next &&
      (source.carrier == Carrier::token || by_count(scenario))) {
    source.carrier = dice.chance(50) ? Carrier::next : Carrier::link;
  }
  if (by_count(scenario)) {
    source.paging = Paging::offset;
  } else if (source.carrier == Carrier::single) {
    source.paging = Paging::snapshot;
  } else if (source.paging == Paging::offset && dice.chance(70)) {
    source.paging = Paging::keyset;
  }
  if (source.cursor == CursorKind::next && source.end == EndSign::size) {
    source.end = EndSign::absence;  // a URL that is kept has its own page size
  }
  if (!by_count(scenario)) {
    source.not_found_beyond = false;
  }
  const auto start = stream.has_start;
  const auto version = stream.version;
  stream = {};
  stream.has_start = start;
  stream.version = version;
  stream.order = Order::unordered;
  source.early_token = dice.chance(40);
  source.quiet_token = dice.chance(70);
  // A page that a replica brings which lags may be from before that token.
  source.first_token =
      source.paging != Paging::offset && dice.chance(20) &&
      (source.paging == Paging::snapshot || source.replica_lag_ms == 0);
  source.same_param = source.cursor == CursorKind::token &&
                      source.carrier == Carrier::token &&
                      source.paging != Paging::offset && dice.chance(40);
  if (dice.chance(45)) {
    source.feed_life_ms =
        dice.one_of<Ms>({20'000, 600'000, 7'200'000, 30 * day_ms});
  }
  for (auto& run : scenario.runs) {
    if (dice.chance(5)) {
      act(run, Verb::reset, dice);
    }
  }
  if (!source.same_param && dice.chance(25)) {
    add_memory(scenario, dice);
  }
}

// Versions, and lists that lag further than any overlap.
void add_version(Scenario& scenario, Dice& dice) {
  scenario.stream.version = true;
  if (scenario.source.paging != Paging::offset && dice.chance(70)) {
    scenario.source.replica_lag_ms = 1 + dice.below(60'000);
  }
}

bool can_forget(const Scenario& scenario) {
  return !scenario.counts() && scenario.source.filter &&
         !scenario.source.keyset && !scenario.source.bounded;
}

// Without a bound below, or the whole list could not be told from changes.
void forget(Scenario& scenario, Dice& dice) {
  scenario.stream.has_start = false;
  add_memory(scenario, dice);
}

bool has_clock(const Scenario& scenario) {
  return !scenario.counts() && !scenario.source.bounded;
}

// The source's clock is set back, by what is noticed or by what is not.
void set_back(Scenario& scenario, Dice& dice) {
  auto& source = scenario.source;
  if (!source.date_skew_ms && dice.chance(80)) {
    source.date_skew_ms = 0;
  }
  scenario.stream.has_start = false;  // stamps may be from before it
  const auto last = static_cast<std::int64_t>(scenario.runs.size()) - 1;
  const auto times = dice.between(1, 2);
  for (std::int64_t i = 0; i < times; ++i) {
    Change change;
    change.kind = Change::Kind::set_back;
    change.run = static_cast<std::size_t>(dice.between(1, last));
    change.request = static_cast<int>(dice.chance(50) ? 0 : dice.between(1, 4));
    change.in_flight = change.request > 0 && dice.chance(35);
    change.shift_ms = dice.one_of<Ms>({1000, 60'000, 299'000, 400'000, hour_ms,
                                       4 * hour_ms, 12 * hour_ms, 30 * day_ms});
    scenario.changes.push_back(change);
    if (dice.chance(30)) {
      continue;
    }
    // Soon after a run that had something to read.
    auto& run = scenario.runs[change.run];
    run.gap_ms = std::min(run.gap_ms, change.shift_ms / 4);
    if (scenario.records > 0 && !scenario.stream.immutable) {
      Change before;
      before.run = change.run - 1;
      before.id = 1;
      scenario.changes.push_back(before);
    }
  }
  std::stable_sort(scenario.changes.begin(), scenario.changes.end(),
                   [](const Change& a, const Change& b) {
                     return std::pair(a.run, a.request) <
                            std::pair(b.run, b.request);
                   });
}

struct Bounds {
  std::int64_t since = 0;
  std::int64_t until = 0;
};

// Runs begin a day after the world, and the first records.
Bounds bounds(const Scenario& scenario, Dice& dice) {
  Bounds bounds;
  if (scenario.counts()) {
    bounds.since = dice.below(scenario.records + 5);
    return bounds;
  }
  bounds.since = dice.one_of<Ms>(
      {0, 2000, day_ms - hour_ms, day_ms, day_ms + 60'000, day_ms + hour_ms});
  if (scenario.source.bounded && dice.chance(60)) {
    bounds.until =
        bounds.since + dice.one_of<Ms>({60'000, hour_ms, day_ms, 3 * day_ms});
  }
  return bounds;
}

// A person bounds runs, and moves the mark, between and beside the others.
void add_actions(Scenario& scenario, Dice& dice) {
  const bool can_fill = scenario.source.filter;
  const auto usual = bounds(scenario, dice);
  for (auto& run : scenario.runs) {
    const auto own = dice.chance(75) ? usual : bounds(scenario, dice);
    run.since = own.since;
    run.until = own.until;
    const auto verb =
        dice.one_of({Verb::backfill, Verb::backfill, Verb::backfill,
                     Verb::rewind, Verb::rewind, Verb::reset});
    if (dice.chance(45) && (verb != Verb::backfill || can_fill)) {
      act(run, verb, dice);
    }
    const auto second =
        dice.one_of({Verb::sync, Verb::rewind, Verb::reset, Verb::backfill});
    if (run.second_at != 0 && (second != Verb::backfill || can_fill)) {
      const auto first = run.verb;
      act(run, first, dice);
      run.second_verb = second;
    }
    // Of two lists the one's fence is not the other's: what keeps them apart
    // is the lock.
    const bool fills = run.verb == Verb::backfill;
    const bool then_fills = run.second_verb == Verb::backfill;
    if (fills != then_fills && (fills ? run.second_verb == Verb::sync : true)) {
      run.lock_fails = false;
    }
  }
}

}  // namespace

Ms longest_run(const Scenario& scenario) {
  constexpr Ms most_requests = 150;
  Ms longest = scenario.source.replica_lag_ms +
               std::abs(scenario.source.date_skew_ms.value_or(0));
  for (const auto& change : scenario.changes) {
    longest += change.wait_ms + change.lag_ms;
  }
  Ms latency = 1000;
  Ms error = 0;
  for (const auto& run : scenario.runs) {
    latency = std::max(latency, run.latency_ms);
    error = std::max(error, std::abs(run.clock_error_ms));
  }
  return longest + most_requests * latency + error;
}

void add_feature(Scenario& scenario) {
  Dice dice(scenario.seed, 0xFEA7);
  const auto which = dice.below(100);
  const bool versioned = dice.chance(8);
  if (versioned) {
    scenario.feature = "version";
    add_version(scenario, dice);
  }
  if (which < 14) {
    scenario.feature = "feed";
    add_feed(scenario, dice);
  } else if (which < 22 && can_forget(scenario)) {
    scenario.feature = "memory";
    forget(scenario, dice);
  } else if (which < 32 && has_clock(scenario)) {
    scenario.feature = "clock";
    set_back(scenario, dice);
  } else if (which >= 80) {
    scenario.feature = "actions";
    add_actions(scenario, dice);
  }
}

}  // namespace strandline::simulator
