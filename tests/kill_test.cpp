// SPDX-License-Identifier: MIT
//
// The program, ended by SIGKILL at random moments. STRANDLINE_KILLS says how
// often, STRANDLINE_SEED with which choices; moments are real time, so that a
// seed repeats the choices and not every instant.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include "kill/harness.hpp"

using namespace strandline::test;

namespace {

unsigned long number(const char* variable, unsigned long otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? otherwise : std::stoul(text);
}

void report(const KillCounts& counts, std::chrono::duration<double> time) {
  std::cout << fmt::format(
      "{} kills in {:.1f} s, {:.0f} a second; {} starts, {} of them ended "
      "first\n",
      counts.kills, time.count(), counts.kills / time.count(), counts.runs,
      counts.done);
  for (std::size_t i = 0; i < moment_count; ++i) {
    std::cout << fmt::format("  {} {}\n", counts.by_moment.at(i),
                             to_text(static_cast<Moment>(i)));
  }
  std::cout << fmt::format(
      "{} pairs at once, of which {} had one turned away; {} files made anew\n"
      "after each: the file intact, rows and checkpoint those of whole pages,\n"
      "the mark by its rules, run ids and generations, dead runs closed;\n"
      "{} times also: the file is what the source is, a second run idle\n",
      counts.twins, counts.refused, counts.fresh, counts.settled);
}

}  // namespace

TEST_SUITE("killed") {
  TEST_CASE("by SIGKILL at any moment, rows and checkpoint are whole pages") {
    const auto kills = static_cast<int>(number("STRANDLINE_KILLS", 500));
    const auto seed = static_cast<std::uint32_t>(
        number("STRANDLINE_SEED", std::random_device()()));
    std::cout << "seed " << seed << std::endl;
    KillHarness harness(seed);
    const auto begun = std::chrono::steady_clock::now();
    try {
      harness.run(kills);
    } catch (const Violation& violation) {
      FAIL("seed " << seed << ", " << violation.what());
    }
    report(harness.counts(), std::chrono::steady_clock::now() - begun);
    CHECK(harness.counts().kills >= kills);
    CHECK(harness.counts().settled > 0);
  }
}
