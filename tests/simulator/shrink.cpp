// SPDX-License-Identifier: MIT
#include "shrink.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace strandline::simulator {
namespace {

using Simplify = std::function<void(Scenario&)>;

// What happened in a run that is left out happens before the next.
void drop_run(Scenario& scenario, std::size_t index) {
  scenario.runs.erase(scenario.runs.begin() +
                      static_cast<std::ptrdiff_t>(index));
  for (auto& change : scenario.changes) {
    if (change.run == index) {
      change.request = 0;
      change.in_flight = false;
    } else if (change.run > index) {
      --change.run;
    }
  }
  const auto last = scenario.runs.empty() ? 0 : scenario.runs.size() - 1;
  for (auto& change : scenario.changes) {
    change.run = std::min(change.run, last);
  }
}

// A change of a record that was never made would be another case.
void drop_record(Scenario& scenario, int id) {
  std::erase_if(scenario.changes,
                [&](const Change& each) { return each.id == id; });
}

class Shrinker {
 public:
  Shrinker(Scenario scenario, const std::function<bool(const Scenario&)>& fails,
           int attempts)
      : scenario_(std::move(scenario)), fails_(fails), attempts_(attempts) {}

  Scenario run() {
    bool smaller = true;
    while (smaller && attempts_ > 0) {
      smaller = drop_runs();
      smaller = drop_records() || smaller;
      smaller = drop_changes() || smaller;
      smaller = simplify_source() || smaller;
      smaller = simplify_runs() || smaller;
      smaller = simplify_changes() || smaller;
    }
    return scenario_;
  }

 private:
  bool attempt(const Simplify& simplify) {
    if (attempts_ <= 0) {
      return false;
    }
    auto candidate = scenario_;
    simplify(candidate);
    --attempts_;
    if (!fails_(candidate)) {
      return false;
    }
    scenario_ = std::move(candidate);
    return true;
  }

  bool drop_runs() {
    bool smaller = false;
    for (auto i = scenario_.runs.size(); i-- > 1;) {
      smaller = attempt([&](Scenario& each) { drop_run(each, i); }) || smaller;
    }
    return scenario_.runs.size() > 1 &&
                   attempt([](Scenario& each) { drop_run(each, 0); })
               ? true
               : smaller;
  }

  bool drop_records() {
    bool smaller = false;
    while (scenario_.records > 0 && attempt([](Scenario& each) {
             drop_record(each, each.records);
             --each.records;
           })) {
      smaller = true;
    }
    std::vector<int> ids;
    for (const auto& change : scenario_.changes) {
      ids.push_back(change.id);
    }
    for (const int id : ids) {
      const bool is_there =
          std::any_of(scenario_.changes.begin(), scenario_.changes.end(),
                      [&](const Change& each) { return each.id == id; });
      smaller = (is_there &&
                 attempt([&](Scenario& each) { drop_record(each, id); })) ||
                smaller;
    }
    return smaller;
  }

  bool drop_changes() {
    bool smaller = false;
    for (auto i = scenario_.changes.size(); i-- > 0;) {
      if (scenario_.changes[i].kind == Change::Kind::create) {
        continue;
      }
      smaller = attempt([&](Scenario& each) {
                  each.changes.erase(each.changes.begin() +
                                     static_cast<std::ptrdiff_t>(i));
                }) ||
                smaller;
    }
    return smaller;
  }

  // Sets a member to its simplest value, if it has another.
  template <typename Value>
  bool set(const std::function<Value&(Scenario&)>& member, Value simplest) {
    if (member(scenario_) == simplest) {
      return false;
    }
    return attempt([&](Scenario& each) { member(each) = simplest; });
  }

  bool simplify_source() {
    using S = Scenario;
    bool smaller = false;
    const auto flag = [&](bool SourceTraits::*member, bool simplest) {
      smaller = set<bool>([&](S& s) -> bool& { return s.source.*member; },
                          simplest) ||
                smaller;
    };
    flag(&SourceTraits::exclusive, false);
    flag(&SourceTraits::truncating_filter, false);
    flag(&SourceTraits::eager_token, false);
    flag(&SourceTraits::holes, false);
    flag(&SourceTraits::repeats, false);
    flag(&SourceTraits::nulls_first, false);
    flag(&SourceTraits::not_found_beyond, false);
    flag(&SourceTraits::filter, true);
    flag(&SourceTraits::early_token, false);
    flag(&SourceTraits::quiet_token, true);
    flag(&SourceTraits::first_token, false);
    flag(&SourceTraits::same_param, false);
    const auto length = [&](Ms SourceTraits::*member) {
      smaller =
          set<Ms>([&](S& s) -> Ms& { return s.source.*member; }, 0) || smaller;
    };
    length(&SourceTraits::replica_lag_ms);
    length(&SourceTraits::token_life_ms);
    length(&SourceTraits::feed_life_ms);
    length(&SourceTraits::memory_ms);
    smaller =
        set<std::optional<Ms>>(
            [](S& s) -> std::optional<Ms>& { return s.source.date_skew_ms; },
            Ms{0}) ||
        smaller;
    smaller =
        set<bool>([](S& s) -> bool& { return s.new_file; }, false) || smaller;
    smaller =
        set<bool>([](S& s) -> bool& { return s.stream.has_start; }, false) ||
        smaller;
    smaller =
        set<bool>([](S& s) -> bool& { return s.stream.version; }, false) ||
        set<bool>([](S& s) -> bool& { return s.stream.sweeps; }, false) ||
        smaller;
    if (scenario_.source.carrier != Carrier::offset &&
        scenario_.source.carrier != Carrier::number &&
        scenario_.source.carrier != Carrier::single) {
      smaller = set<Carrier>([](S& s) -> Carrier& { return s.source.carrier; },
                             Carrier::token) ||
                smaller;
    }
    if (!scenario_.source.not_found_beyond) {
      smaller = set<EndSign>([](S& s) -> EndSign& { return s.source.end; },
                             EndSign::absence) ||
                smaller;
    }
    return smaller;
  }

  bool simplify_runs() {
    bool smaller = false;
    for (std::size_t i = 0; i < scenario_.runs.size(); ++i) {
      const auto simplest = [&](auto member, auto value) {
        using Value = decltype(value);
        smaller =
            set<Value>([&](Scenario& s) -> Value& { return s.runs[i].*member; },
                       value) ||
            smaller;
      };
      simplest(&RunPlan::verb, Verb::sync);
      simplest(&RunPlan::second_verb, Verb::sync);
      simplest(&RunPlan::rows, false);
      simplest(&RunPlan::dies_at, 0);
      simplest(&RunPlan::second_at, 0);
      simplest(&RunPlan::second_dies_at, 0);
      simplest(&RunPlan::fault, Fault::none);
      simplest(&RunPlan::full, false);
      simplest(&RunPlan::clock_error_ms, Ms{0});
      simplest(&RunPlan::batch_rows, std::size_t{1});
      simplest(&RunPlan::gap_ms, Ms{60'000});
      simplest(&RunPlan::latency_ms, Ms{1000});
    }
    return smaller;
  }

  bool simplify_changes() {
    bool smaller = false;
    for (std::size_t i = 0; i < scenario_.changes.size(); ++i) {
      const auto simplest = [&](auto member, auto value) {
        using Value = decltype(value);
        smaller =
            set<Value>(
                [&](Scenario& s) -> Value& { return s.changes[i].*member; },
                value) ||
            smaller;
      };
      simplest(&Change::null, false);
      simplest(&Change::shift_ms, Ms{0});
      simplest(&Change::lag_ms, Ms{0});
      simplest(&Change::in_flight, false);
      simplest(&Change::wait_ms, Ms{0});
    }
    return smaller;
  }

  Scenario scenario_;
  const std::function<bool(const Scenario&)>& fails_;
  int attempts_;
};

}  // namespace

Scenario shrink(Scenario scenario,
                const std::function<bool(const Scenario&)>& fails,
                int attempts) {
  return Shrinker(std::move(scenario), fails, attempts).run();
}

}  // namespace strandline::simulator
