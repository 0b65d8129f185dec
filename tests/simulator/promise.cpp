// SPDX-License-Identifier: MIT
//
// What is promised under which assumptions, for a source's ways as a whole.
#include <algorithm>

#include "scenario.hpp"

namespace strandline::simulator {
namespace {

using model::Order;

bool has_nulls(const Scenario& scenario) {
  return std::any_of(scenario.changes.begin(), scenario.changes.end(),
                     [](const Change& each) { return each.null; });
}

bool is_ever_late(const Scenario& scenario) {
  return scenario.source.replica_lag_ms > 0 ||
         std::any_of(scenario.changes.begin(), scenario.changes.end(),
                     [](const Change& each) { return each.lag_ms > 0; });
}

Promise broken(const char* why) {
  return {false, false, true, why};
}

Promise of_offsets(const Scenario& scenario) {
  const auto& source = scenario.source;
  if (!scenario.lacks(Change::Kind::remove)) {
    return broken("offsets over a list that records are deleted from");
  }
  if (source.memory_ms > 0) {
    return broken("offsets over a list that changes are forgotten from");
  }
  if (source.replica_lag_ms > 0) {
    return broken("offsets over replicas that differ");
  }
  if (scenario.stream.immutable) {
    return {};
  }
  if (source.order == Order::ascending) {
    return broken("offsets over an ascending list that moves");
  }
  if (has_nulls(scenario) && source.order == Order::descending) {
    return broken("offsets over a list with null cursors");
  }
  return {false, true, true, "offsets over a list that moves, newest first"};
}

// The mark follows at once, without a T0.
bool follows_at_once(const Scenario& scenario) {
  return scenario.stream.immutable &&
         scenario.stream.order == Order::descending &&
         (scenario.counts() || !scenario.source.date_skew_ms);
}

// A feed is a log: what is in it does not move, unless it changes again.
Promise of_feed(const Scenario& scenario) {
  const auto& source = scenario.source;
  if (source.paging != Paging::offset) {
    return {.why = "a feed"};
  }
  if (source.memory_ms > 0) {
    return broken("offsets over a list that changes are forgotten from");
  }
  if (source.replica_lag_ms > 0) {
    return broken("offsets over replicas that differ");
  }
  if (source.carrier == Carrier::number) {
    return broken("page numbers over a feed that moves");
  }
  return scenario.lacks(Change::Kind::update) &&
                 scenario.lacks(Change::Kind::remove)
             ? Promise{.why = "offsets over a feed that only grows"}
             : broken("offsets over a feed that moves");
}

// As many records were read as the list has, some of them twice, and a page
// that was emptied by a fault looks like the one behind the last.
bool may_count_out(const Scenario& scenario) {
  const auto& source = scenario.source;
  return source.end == EndSign::total &&
         (source.replica_lag_ms > 0 || source.repeats) &&
         std::any_of(scenario.runs.begin(), scenario.runs.end(),
                     [](const RunPlan& run) {
                       return run.fault_at > 0 &&
                              run.fault == Fault::empty_page;
                     });
}

Promise of_list(const Scenario& scenario) {
  const auto& source = scenario.source;
  if (may_count_out(scenario)) {
    return broken("a total over records that come twice, and an empty page");
  }
  const bool fixed = source.paging == Paging::snapshot;
  if (scenario.stream.order == Order::descending &&
      source.order != Order::descending) {
    return broken("declared descending, and is not");
  }
  if (follows_at_once(scenario) && !fixed) {
    if (source.order == Order::unordered) {
      return broken("immutable cursors that are not in their order");
    }
    if (source.order == Order::ascending && is_ever_late(scenario)) {
      return broken("immutable cursors that come late and without a T0");
    }
  }
  if (source.paging == Paging::offset) {
    return source.bounded ? broken("offsets with an upper bound")
                          : of_offsets(scenario);
  }
  return {};
}

// What a source forgets is read in time, or noticed as gone, if `retention` is
// no longer than its memory less what a run takes; and if something tells how
// long ago the last one was: T0 does, or a mark.
bool remembers(const Scenario& scenario) {
  const auto& source = scenario.source;
  const auto told = scenario.stream.retention_ms;
  return source.memory_ms == 0 ||
         (told > 0 && told + longest_run(scenario) <= source.memory_ms &&
          (source.date_skew_ms || !scenario.is_feed()));
}

}  // namespace

Promise promise(const Scenario& scenario) {
  auto promised = scenario.is_feed() ? of_feed(scenario) : of_list(scenario);
  promised.remembers = remembers(scenario);
  if (!promised.remembers && promised.next_window) {
    promised.why = "a source that forgets more than `retention` says";
  }
  return promised;
}

}  // namespace strandline::simulator
