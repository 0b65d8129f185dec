// SPDX-License-Identifier: MIT
#include "strandline/history.hpp"

#include "model/text.hpp"
#include "report/table.hpp"
#include "report/text.hpp"

namespace strandline::report {
namespace {

constexpr std::size_t longest_reason = 300;

std::string first_line(const std::string& text) {
  return model::printable(text.substr(0, text.find('\n')), longest_reason);
}

// What became of an entry that is not "ok", below it.
std::string reason(const RunEntry& run) {
  if (!run.error.empty()) {
    return first_line(run.error);
  }
  return run.outcome == "killed"
             ? "the process ended without a word; the next sync goes on at its "
               "last batch"
             : "";
}

}  // namespace

std::string text(const std::vector<RunEntry>& runs) {
  if (runs.empty()) {
    return "no run yet: strandline sync makes the first\n";
  }
  Table table(
      {"run", "stream", "mode", "began", "took", "outcome", "fetched",
       "inserted", "updated", "mark"},
      {true, false, false, false, true, false, true, true, true, false});
  for (const auto& run : runs) {
    const auto& counts = run.counts;
    table.add({std::to_string(run.run_id), run.stream,
               run.mode.empty() ? "-" : run.mode, run.started_at,
               run.duration ? duration(*run.duration) : "-", run.outcome,
               grouped(counts.fetched), grouped(counts.inserted),
               grouped(counts.updated), run.mark_after.value_or("-")});
    if (const auto why = reason(run); !why.empty()) {
      table.add_line("  " + why);
    }
  }
  return table.text();
}

}  // namespace strandline::report
