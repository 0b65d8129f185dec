// SPDX-License-Identifier: MIT
#include <algorithm>

#include "dice.hpp"
#include "scenario.hpp"

namespace strandline::simulator {
namespace {

using model::CursorFormat;
using model::Order;

constexpr Ms day_ms = 86'400'000;

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : dice_(seed) { made_.seed = seed; }

  Scenario run() {
    format();
    paging();
    stream();
    clock();
    end_sign();
    bounds();
    runs();
    changes();
    return made_;
  }

 private:
  void format() {
    auto& source = made_.source;
    source.format = dice_.one_of(
        {CursorFormat::rfc3339, CursorFormat::rfc3339, CursorFormat::rfc3339,
         CursorFormat::rfc3339_ms, CursorFormat::rfc3339_ms,
         CursorFormat::epoch_s, CursorFormat::epoch_ms, CursorFormat::date,
         CursorFormat::integer, CursorFormat::integer});
    const bool whole = source.format == CursorFormat::epoch_s;
    source.resolution_ms = whole ? 1000 : dice_.one_of<Ms>({1, 1000, 1000});
    if (source.format == CursorFormat::date && dice_.chance(50)) {
      source.resolution_ms = day_ms;
    }
    if (made_.counts()) {
      made_.stream.overlap = dice_.one_of<std::int64_t>({0, 0, 1, 3, 10});
    } else if (source.format == CursorFormat::date) {
      made_.stream.overlap = dice_.one_of<std::int64_t>({0, 86'400, 172'800});
    } else {
      made_.stream.overlap =
          dice_.one_of<std::int64_t>({0, 1, 1, 2, 5, 30, 300});
    }
  }

  void paging() {
    auto& source = made_.source;
    source.order = dice_.one_of({Order::ascending, Order::ascending,
                                 Order::descending, Order::unordered});
    source.carrier = dice_.one_of(
        {Carrier::single, Carrier::token, Carrier::token, Carrier::token,
         Carrier::next, Carrier::link, Carrier::offset, Carrier::number,
         Carrier::after, Carrier::after});
    if (by_count()) {
      source.paging = Paging::offset;
    } else if (source.carrier == Carrier::single) {
      source.paging = Paging::snapshot;
    } else if (source.carrier == Carrier::after) {
      source.paging = Paging::keyset;
      source.order = Order::unordered;
    } else {
      source.paging =
          dice_.one_of({Paging::snapshot, Paging::keyset, Paging::keyset,
                        Paging::keyset, Paging::offset});
    }
    source.exclusive = dice_.chance(40);
    source.truncating_filter = dice_.chance(40);
    source.nulls_first = dice_.chance(50);
    if (dice_.chance(40)) {
      source.token_life_ms = dice_.one_of<Ms>({20'000, 600'000, 7'200'000});
      source.refusal = dice_.one_of({400, 404, 410, 422});
    }
  }

  void stream() {
    auto& source = made_.source;
    auto& stream = made_.stream;
    stream.immutable = dice_.chance(by_count() ? 50 : 10);
    stream.has_start = dice_.chance(30);
    stream.order = source.order;
    if (dice_.chance(15)) {
      stream.order = Order::unordered;
    } else if (dice_.chance(6)) {
      source.order = Order::unordered;
    }
    // The configuration's check refuses any other.
    if (stream.order == Order::ascending && source.order == stream.order &&
        source.carrier != Carrier::single && dice_.chance(40)) {
      source.keyset = true;
      source.filter = true;
      return;
    }
    if (by_count() && !stream.immutable) {
      stream.order = Order::descending;
      source.order = dice_.chance(95) ? stream.order : Order::unordered;
    }
    source.filter = !dice_.chance(stream.order == Order::descending ? 40 : 8);
  }

  void clock() {
    auto& source = made_.source;
    budget_ms_ = made_.counts() ? 20'000 : made_.stream.overlap * 1000;
    if (!made_.counts()) {
      const bool by_day = source.format == CursorFormat::date;
      const bool by_ms = source.format == CursorFormat::rfc3339_ms ||
                         source.format == CursorFormat::epoch_ms;
      budget_ms_ = std::max(budget_ms_, by_day  ? day_ms
                                        : by_ms ? Ms{1}
                                                : Ms{1000});
    }
    scale_ms_ = std::max<Ms>(budget_ms_, 2000);
    if (!made_.counts()) {
      budget_ms_ -= source.resolution_ms - 1;
    }
    budget_ms_ = std::max<Ms>(budget_ms_, 0);
    if (dice_.chance(30)) {
      source.date_skew_ms.reset();
    } else if (dice_.chance(25)) {
      source.date_skew_ms = dice_.chance(50) ? -dice_.below(scale_ms_ * 2)
                                             : dice_.below(budget_ms_ + 1);
      budget_ms_ -= std::max<Ms>(*source.date_skew_ms, 0);
    }
    if (dice_.chance(12)) {
      source.replica_lag_ms = dice_.below(budget_ms_ + 1);
      budget_ms_ -= source.replica_lag_ms;
    }
  }

  void end_sign() {
    auto& source = made_.source;
    if (source.carrier == Carrier::single) {
      return;
    }
    source.end = dice_.one_of({EndSign::absence, EndSign::absence,
                               EndSign::absence, EndSign::more, EndSign::end,
                               EndSign::total, EndSign::size});
    const bool may_fill = source.end == EndSign::absence ||
                          source.end == EndSign::more ||
                          source.end == EndSign::end;
    source.eager_token = dice_.chance(40);
    if (!by_count() && source.carrier != Carrier::after && may_fill) {
      source.holes = dice_.chance(15);
      // A tie longer than a page is read until a pass brings each row once.
      source.repeats = !source.keyset && dice_.chance(15);
    }
    source.not_found_beyond = by_count() && source.end != EndSign::absence &&
                              source.end != EndSign::size && dice_.chance(50);
  }

  // Of a stream that is asked for with an upper bound, perhaps in steps.
  void bounds() {
    auto& source = made_.source;
    auto& stream = made_.stream;
    if (made_.counts() || by_count() || !source.filter ||
        source.carrier == Carrier::single || !dice_.chance(20)) {
      return;
    }
    source.bounded = true;
    source.until_exclusive = dice_.chance(50);
    // Without a T0 an empty step is as far as a run comes, and it says so.
    if (source.date_skew_ms && dice_.chance(60)) {
      const auto unit = source.format == CursorFormat::date ? day_ms : 1000;
      stream.has_start = true;
      stream.step_ms =
          std::max(dice_.one_of<Ms>({day_ms / 2, day_ms, 4 * day_ms}),
                   2 * std::max(stream.overlap * 1000, unit) + 1000);
    }
  }

  void runs() {
    made_.records = static_cast<int>(dice_.between(0, 9));
    made_.new_file = dice_.chance(15);
    const auto count = dice_.between(2, 7);
    const bool dies = dice_.chance(75);
    const bool meets_faults = dice_.chance(40);
    const bool meets_seconds = dice_.chance(25);
    const bool varies = dice_.chance(40);
    const bool wrong_clock = dice_.chance(20);
    const int limit = static_cast<int>(dice_.between(1, 4));
    auto latency = dice_.one_of<Ms>(
        {scale_ms_ / 10, scale_ms_ / 2, scale_ms_, scale_ms_ * 3});
    if (made_.stream.step_ms > 0) {
      // Else time goes faster than windows do, and there are thousands.
      latency = std::min(latency, made_.stream.step_ms / 16);
    }
    for (std::int64_t i = 0; i < count; ++i) {
      RunPlan run;
      run.gap_ms = dice_.one_of<Ms>(
          {0, scale_ms_ / 2, scale_ms_, scale_ms_ * 3, 60'000, 14'400'000});
      run.limit = varies ? static_cast<int>(dice_.between(1, 4)) : limit;
      run.batch_rows = static_cast<std::size_t>(
          dice_.chance(60) ? 1 : dice_.between(1, 2 * run.limit));
      run.latency_ms = latency;
      run.full = dice_.chance(4);
      if (wrong_clock) {
        run.clock_error_ms = dice_.one_of<Ms>(
            {0, -600'000, 600'000, 315'360'000'000, -315'360'000'000});
      }
      run.dies_at =
          dies && dice_.chance(55) ? static_cast<int>(dice_.between(1, 30)) : 0;
      if (meets_faults && dice_.chance(50)) {
        run.fault_at = static_cast<int>(dice_.between(1, 6));
        run.fault = dice_.one_of({Fault::connection, Fault::status, Fault::cut,
                                  Fault::empty_page, Fault::empty_page});
      }
      if (meets_seconds && dice_.chance(50)) {
        run.second_at = static_cast<int>(dice_.between(1, 25));
        run.lock_fails = dice_.chance(75);
        run.second_full = dice_.chance(15);
        run.second_dies_at =
            dice_.chance(50) ? static_cast<int>(dice_.between(1, 25)) : 0;
      }
      made_.runs.push_back(run);
    }
  }

  void changes() {
    const bool removes = dice_.chance(25);
    const bool has_late = dice_.chance(8);
    const bool has_future = !made_.counts() && dice_.chance(30);
    const bool has_nulls =
        !made_.counts() && !made_.stream.immutable && dice_.chance(12);
    const bool late_at_all = dice_.chance(made_.stream.immutable ? 15 : 75);
    int newest = made_.records;
    const auto count = dice_.between(2, 24);
    for (std::int64_t i = 0; i < count; ++i) {
      Change change;
      change.run = static_cast<std::size_t>(
          dice_.below(static_cast<std::int64_t>(made_.runs.size())));
      change.request = static_cast<int>(
          dice_.chance(25) ? 0 : dice_.between(1, dice_.one_of({2, 4, 8})));
      change.in_flight = change.request > 0 && dice_.chance(35);
      change.wait_ms = dice_.chance(40) ? 0 : dice_.below(scale_ms_);
      if (newest == 0 || dice_.chance(made_.stream.immutable ? 85 : 30)) {
        change.kind = Change::Kind::create;
      } else if (removes && dice_.chance(25)) {
        change.kind = Change::Kind::remove;
      } else if (made_.stream.immutable) {
        continue;
      }
      stamp(change, late_at_all, has_late, has_future, has_nulls);
      made_.changes.push_back(change);
      newest += change.kind == Change::Kind::create ? 1 : 0;
      // One that is in time, and takes the mark past the one that is late.
      if (change.lag_ms > 1000 && dice_.chance(60)) {
        Change twin;
        twin.run = change.run;
        twin.request = change.request;
        twin.in_flight = change.in_flight;
        twin.kind = Change::Kind::create;
        twin.wait_ms = dice_.below(change.lag_ms / 2);
        made_.changes.push_back(twin);
        ++newest;
      }
    }
    std::stable_sort(made_.changes.begin(), made_.changes.end(),
                     [](const Change& a, const Change& b) {
                       return std::pair(a.run, a.request) <
                              std::pair(b.run, b.request);
                     });
    name_records();
  }

  // Ids rise in the order in which records are made.
  void name_records() {
    int newest = made_.records;
    for (auto& change : made_.changes) {
      if (change.kind == Change::Kind::create) {
        change.id = ++newest;
      } else if (newest == 0) {
        change.kind = Change::Kind::create;
        change.id = ++newest;
      } else {
        change.id = static_cast<int>(dice_.between(1, newest));
      }
    }
  }

  void stamp(Change& change, bool late_at_all, bool has_late, bool has_future,
             bool has_nulls) {
    if (late_at_all && dice_.chance(50)) {
      change.lag_ms =
          dice_.chance(35) ? budget_ms_ : dice_.below(budget_ms_ + 1);
    }
    if (has_late && dice_.chance(20)) {
      change.lag_ms = dice_.below(scale_ms_ * 4);
    }
    if (has_future && dice_.chance(25)) {
      change.shift_ms =
          dice_.one_of<Ms>({1000, scale_ms_, 3'600'000, Ms{75} * 365 * day_ms});
    } else if (late_at_all && dice_.chance(15)) {
      change.shift_ms = -dice_.below(budget_ms_ - change.lag_ms + 1);
    }
    change.null = has_nulls && dice_.chance(20);
  }

  bool by_count() const {
    return made_.source.carrier == Carrier::offset ||
           made_.source.carrier == Carrier::number;
  }

  Dice dice_;
  Scenario made_;
  Ms budget_ms_ = 0;  // of lateness that the overlap covers
  Ms scale_ms_ = 0;   // of everything that takes time
};

}  // namespace

namespace {

void read_whole_often(Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.runs.size(); ++i) {
    auto& run = scenario.runs[i];
    run.full = run.full ||
               (run.verb == Verb::sync && mix(scenario.seed, 3, i) % 3 == 0);
  }
}

}  // namespace

std::uint64_t mix(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  // SplitMix64 (G. L. Steele et al., OOPSLA 2014), thrice.
  std::uint64_t state = 0;
  for (const auto part : {a, b, c}) {
    state += part + 0x9E3779B97F4A7C15U;
    state = (state ^ (state >> 30U)) * 0xBF58476D1CE4E5B9U;
    state = (state ^ (state >> 27U)) * 0x94D049BB133111EBU;
    state ^= state >> 31U;
  }
  return state;
}

bool Scenario::lacks(Change::Kind kind) const {
  return std::none_of(changes.begin(), changes.end(),
                      [&](const Change& each) { return each.kind == kind; });
}

Scenario generate(std::uint64_t seed) {
  auto scenario = Generator(seed).run();
  add_feature(scenario);
  scenario.stream.sweeps = mix(seed, 1) % 2 == 0;
  if (scenario.stream.sweeps && mix(seed, 2) % 2 == 0) {
    read_whole_often(scenario);
  }
  return scenario;
}

}  // namespace strandline::simulator
