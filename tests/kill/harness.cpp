// SPDX-License-Identifier: MIT
#include "harness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace strandline::test {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr int killed = -SIGKILL;
constexpr int busy = 11;
constexpr int terminated = 143;
constexpr int records = 1200;
constexpr int parallel = 4;
// More than a batch, so that windows of several batches are met.
constexpr int many_changes = 1100;

KillPlan no_kill() {
  return {Moment::delay, std::chrono::seconds(30), 0};
}

}  // namespace

KillHarness::KillHarness(std::uint32_t seed)
    : random_(seed),
      source_(records, seed),
      wal_(source_, "wal", parallel),
      rollback_(source_, "rollback", parallel),
      fresh_wal_(source_, "wal", parallel),
      fresh_rollback_(source_, "rollback", parallel),
      killer_(source_) {}

void KillHarness::run(int kills) {
  try {
    while (counts_.kills < kills) {
      step();
    }
    for (auto* world : {&wal_, &rollback_}) {
      doing_ = "the run at the end";
      settle(*world);
    }
  } catch (const std::exception& error) {
    std::string kept;
    for (auto* world : {&wal_, &rollback_, &fresh_wal_, &fresh_rollback_}) {
      world->dir().keep();
      kept += " " + world->dir().path().string();
    }
    throw Violation(fmt::format("kill {} (run {}), {}: {}\nkept:{}",
                                counts_.kills, counts_.runs, doing_,
                                error.what(), kept));
  }
}

void KillHarness::step() {
  source_.change_while_read(true);
  change_source();
  const int chance = random(0, 99);
  if (chance < 15) {
    auto& world = random(0, 1) == 0 ? fresh_wal_ : fresh_rollback_;
    kill_one(world, random_start(), early_plan());
    if (random(0, 4) == 0) {
      settle(world);
      world.remove_database();
      ++counts_.fresh;
    }
    return;
  }
  auto& world = random(0, 2) == 0 ? rollback_ : wal_;
  if (chance < 20) {
    run_twins(world);
  } else {
    kill_one(world, random_start(), random_plan(world));
  }
  if (random(0, 49) == 0) {
    settle(world);
  }
}

int KillHarness::kill_one(World& world, const Start& start,
                          const KillPlan& plan) {
  doing_ = fmt::format("killed {} ({}, {} us)", to_text(plan.moment), plan.nth,
                       plan.delay.count());
  killer_.aim(plan, start.token, world.database());
  auto child = world.start(start, output_);
  const int code = killer_.strike(child);
  count(code, plan, child);
  look_at(world, {start});
  if (code == 0) {
    world.require_closed(start);
  }
  return code;
}

// Two at once on one file: one works, and the other is turned away.
void KillHarness::run_twins(World& world) {
  ++counts_.twins;
  const auto first = random_start();
  const auto second = random_start();
  const KillPlan plan{Moment::delay, microseconds(random(0, 40'000)), 1};
  const bool held = random(0, 1) == 0;
  doing_ = fmt::format("one of two at once, {} us", plan.delay.count());
  killer_.aim(plan, first.token, world.database());
  if (held) {
    killer_.hold();
  }
  auto child = world.start(first, output_);
  if (held && !killer_.holds(child)) {
    throw Violation("a run ends before its first request: " + child.err());
  }
  auto twin = world.start(second, twin_output_);
  if (held) {
    const int code = twin.wait();
    if (code != busy ||
        twin.err().find("another run is at work") == std::string::npos) {
      throw Violation(fmt::format("a second run at once ends with {}: {}", code,
                                  twin.err()));
    }
    ++counts_.refused;
    killer_.release();
    count(killer_.strike(child), plan, child);
  } else {
    auto& victim = random(0, 1) == 0 ? child : twin;
    auto& other = &victim == &child ? twin : child;
    const int code = killer_.strike(victim);
    const int others = other.wait();
    if (code == busy || others == busy) {
      ++counts_.refused;
    }
    if (code != busy) {
      count(code, plan, victim);
    }
    if (others != busy) {
      count(others, plan, other);
    } else if (code == busy) {
      throw Violation("two runs at once turn each other away");
    }
  }
  ++counts_.runs;
  look_at(world, {first, second});
}

// Two runs while the source stands still: after the first the file is what the
// source is, and the second has nothing to do.
void KillHarness::settle(World& world) {
  ++counts_.settled;
  source_.change_while_read(false);
  std::string before;
  for (const bool again : {false, true}) {
    doing_ = again ? "a second run" : "a run to the end";
    const auto start = Start{fmt::format("token-of-run-{}", counts_.runs), {}};
    const auto begun = steady_clock::now();
    killer_.aim(no_kill(), start.token, world.database());
    auto child = world.start(start, output_);
    const int code = killer_.strike(child);
    length_ =
        std::chrono::duration_cast<microseconds>(steady_clock::now() - begun);
    count(code, no_kill(), child);
    look_at(world, {start});
    world.require_complete();
    auto data = world.data();
    if (again && data != before) {
      throw Violation("a run with nothing new has changed the tables");
    }
    before = std::move(data);
    const auto summary = nlohmann::json::parse(child.out());
    for (const auto& stream : summary.at("streams")) {
      if (again && (stream.at("inserted") != 0 || stream.at("updated") != 0)) {
        throw Violation("a run with nothing new counts " + stream.dump());
      }
    }
  }
}

void KillHarness::look_at(World& world, const std::vector<Start>& starts) {
  world.check(starts, counts_.runs % 25 == 0);
}

Start KillHarness::random_start() {
  Start start;
  start.token =
      fmt::format("token-of-run-{}-{}", counts_.runs, random(0, 9999));
  const auto& names = ChangingSource::stream_names();
  if (random(0, 5) != 0) {
    for (int i = random(1, 3); i > 0; --i) {
      const auto& name = names.at(static_cast<std::size_t>(
          random(0, static_cast<int>(names.size()) - 1)));
      if (std::find(start.streams.begin(), start.streams.end(), name) ==
          start.streams.end()) {
        start.streams.push_back(name);
      }
    }
  }
  start.full = random(0, 24) == 0;
  return start;
}

// While a file is made, before the first request.
KillPlan KillHarness::early_plan() {
  if (random(0, 3) == 0) {
    return {Moment::delay, microseconds(random(0, 30'000)), 1};
  }
  return {Moment::file, microseconds(0), random(1, 70)};
}

KillPlan KillHarness::random_plan(const World& world) {
  const int chance = random(0, 99);
  const microseconds short_while(random(0, 3) == 0 ? random(0, 2000) : 0);
  // What was read stays, a few pages of a window: more to go on from.
  if (random(0, 9) == 0) {
    return {Moment::request, {}, random(2, 20), SIGTERM};
  }
  if (chance < 35) {
    const auto longest = static_cast<int>(length_.count());
    return {Moment::delay, microseconds(random(0, longest)), 1};
  }
  if (chance < 50) {
    return {Moment::request, microseconds(0), random(1, 20)};
  }
  if (chance < 65) {
    return {Moment::answer, microseconds(random(0, 3000)), random(1, 20)};
  }
  if (chance < 85) {
    return {Moment::file, short_while, random(1, 80)};
  }
  if (chance < 95) {
    return {Moment::main_file, short_while, random(1, 12)};
  }
  return {Moment::journal_end, short_while,
          world.uses_wal() ? 1 : random(1, 6)};
}

void KillHarness::change_source() {
  if (random(0, 2) != 0) {
    source_.change(random(1, 40));
  }
  if (random(0, 29) == 0) {
    source_.change(many_changes);
  }
  if (random(0, 1) == 0) {
    source_.pass_time();
  }
}

void KillHarness::count(int code, const KillPlan& plan, const Child& child) {
  ++counts_.runs;
  if (code == killed) {
    ++counts_.kills;
    ++counts_.by_moment.at(static_cast<std::size_t>(plan.moment));
  } else if (code == 0) {
    ++counts_.done;
  } else if (plan.signal == SIGTERM && code == terminated) {
    ++counts_.stopped;
  } else {
    throw Violation(fmt::format("a run ends with {}: {}", code, child.err()));
  }
}

int KillHarness::random(int from, int to) {
  return std::uniform_int_distribution<int>(from, to)(random_);
}

}  // namespace strandline::test
