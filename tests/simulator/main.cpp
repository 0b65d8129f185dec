// SPDX-License-Identifier: MIT
//
// simulate [--twice] [--story] [--brief] [--only FEATURE] [N [SEED]]
//
// Plays the N scenarios of the seeds from SEED on (none: a random one). The
// first that breaks an invariant is shrunk and told, and the end is 1. Of the
// features that a seed may have one can be asked for: feed, memory, clock,
// actions, version, none.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../temp_dir.hpp"
#include "shrink.hpp"
#include "simulation.hpp"

namespace strandline::simulator {
namespace {

namespace fs = std::filesystem;

constexpr int shrink_attempts = 2000;

struct Options {
  std::uint64_t count = 1000;
  std::optional<std::uint64_t> seed;
  bool twice = false;  ///< each seed must go the same way twice
  bool story = false;  ///< tell also what breaks nothing
  bool brief = false;  ///< do not shrink what breaks something
  std::string only;    ///< leave out what has not this feature
};

Options read(const std::vector<std::string>& arguments) {
  Options options;
  int numbers = 0;
  bool names_feature = false;
  for (const auto& argument : arguments) {
    if (std::exchange(names_feature, false)) {
      options.only = argument;
    } else if (argument == "--only") {
      names_feature = true;
    } else if (argument == "--twice") {
      options.twice = true;
    } else if (argument == "--story") {
      options.story = true;
    } else if (argument == "--brief") {
      options.brief = true;
    } else if (numbers == 0) {
      options.count = std::stoull(argument);
      ++numbers;
    } else {
      options.seed = std::stoull(argument);
    }
  }
  return options;
}

// In memory where there is such a folder: a case has dozens of commits, each of
// which is synced.
void prefer_memory() {
  for (const char* folder : std::initializer_list<const char*>{
           std::getenv("XDG_RUNTIME_DIR"), "/dev/shm"}) {
    std::error_code error;
    if (folder != nullptr && fs::is_directory(folder, error) &&
        std::getenv("TMPDIR") == nullptr) {
      setenv("TMPDIR", folder, 0);
    }
  }
}

void print_story(const Simulation& simulation) {
  for (const auto& line : simulation.story()) {
    fmt::print("{}\n", line);
  }
}

void tell_failure(const Scenario& scenario, const Violation& violation,
                  const fs::path& folder) {
  fmt::print("shrinking …\n");
  std::fflush(stdout);
  Totals totals;
  const auto small = shrink(
      scenario,
      [&](const Scenario& each) {
        try {
          const auto found = Simulation(each, folder, totals, false).run();
          return found && found->invariant == violation.invariant;
        } catch (const std::exception&) {
          return false;  // no scenario that the program takes
        }
      },
      shrink_attempts);
  Simulation simulation(small, folder, totals, true);
  const auto found = simulation.run();
  fmt::print("\n{}\n", describe(small));
  print_story(simulation);
  fmt::print("\n{}: {}\nAgain: ./dev simulate 1 {}\n",
             found ? found->invariant : violation.invariant,
             found ? found->text : violation.text, scenario.seed);
}

void print_totals(const Totals& totals, std::uint64_t count, double seconds) {
  fmt::print(
      "{} scenarios in {:.1f} s, {:.0f} a second: {} runs, {} requests, {} "
      "commits, {} changes, {} deaths, {} second runs ({} fenced off), {} "
      "faults, {} places refused\n",
      count, seconds, static_cast<double>(count) / seconds, totals.runs,
      totals.requests, totals.commits, totals.changes, totals.deaths,
      totals.seconds, totals.fenced, totals.faults, totals.refused);
  fmt::print(
      "{} tokens refused, {} backfills, {} rewinds and resets, {} marks set "
      "back\n",
      totals.resyncs, totals.backfills, totals.actions, totals.set_back);
  for (const auto& [why, scenarios] : totals.scenarios) {
    fmt::print("{:>7} {} ({} lost a record)\n", scenarios, why,
               totals.losing.contains(why) ? totals.losing.at(why) : 0);
  }
  fmt::print(
      "{:>7} versions lost where an assumption was broken, all found "
      "by --full\n",
      totals.lost);
}

// The story without the times of the real world is the same each time.
bool goes_the_same_way(const Scenario& scenario, const fs::path& folder) {
  Totals totals;
  Simulation one(scenario, folder, totals, true);
  one.run();
  const auto before = one.story();
  Simulation two(scenario, folder, totals, true);
  two.run();
  if (before == two.story()) {
    return true;
  }
  fmt::print("seed {} goes another way the second time:\n", scenario.seed);
  print_story(one);
  fmt::print("and then:\n");
  print_story(two);
  return false;
}

int simulate(const Options& options) {
  using Clock = std::chrono::steady_clock;
  prefer_memory();
  watch_connections();
  const test::TempDir folder;
  const auto first =
      options.seed.value_or(std::random_device()() % 1'000'000'000U);
  fmt::print("{} scenarios from seed {} on, in {}\n", options.count, first,
             folder.path().string());
  std::fflush(stdout);
  Totals totals;
  const auto begun = Clock::now();
  auto shown = begun;
  const auto elapsed = [&] {
    return std::chrono::duration<double>(Clock::now() - begun).count();
  };
  for (std::uint64_t i = 0; i < options.count; ++i) {
    const auto scenario = generate(first + i);
    if (!options.only.empty() && scenario.feature != options.only) {
      continue;
    }
    if (options.twice && !goes_the_same_way(scenario, folder.path())) {
      return 1;
    }
    Simulation simulation(scenario, folder.path(), totals, options.story);
    const auto violation = simulation.run();
    if (violation) {
      fmt::print("\nseed {}, the {}th, breaks {}: {}\n", scenario.seed, i + 1,
                 violation->invariant, violation->text);
      if (!options.brief) {
        tell_failure(scenario, *violation, folder.path());
      }
      return 1;
    }
    if (options.story) {
      fmt::print("{}\n", describe(scenario));
      print_story(simulation);
    }
    if (Clock::now() - shown > std::chrono::seconds(10)) {
      shown = Clock::now();
      fmt::print("{} in {:.0f} s\n", i + 1, elapsed());
      std::fflush(stdout);
    }
  }
  print_totals(totals, options.count, elapsed());
  return 0;
}

}  // namespace
}  // namespace strandline::simulator

int main(int argc, char** argv) {
  try {
    return strandline::simulator::simulate(
        strandline::simulator::read({argv + 1, argv + argc}));
  } catch (const std::exception& error) {
    fmt::print(stderr, "simulate: {}\n", error.what());
    return 2;
  }
}
