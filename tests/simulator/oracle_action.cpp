// SPDX-License-Identifier: MIT
//
// What the oracle says of backfills, and of what a person does to where the
// stream stands.
#include <fmt/format.h>

#include <algorithm>

#include "oracle.hpp"

namespace strandline::simulator {
namespace {

// How far behind its own clock a client takes T0 to be while nobody tells it.
constexpr Ms unknown_clock_ms = 300'000;

// A list that nothing is known of: no window, no bounds, no token.
bool is_bare(const CheckpointRow& row) {
  return !row.open && row.token.empty() &&
         row.rest.find_first_not_of('|') == std::string::npos;
}

}  // namespace

// A rewind or reset is one transaction: before it nothing is changed, after it
// exactly what was asked for.
std::optional<Violation> Oracle::judge_action(Process& process) {
  const bool is_rewind = process.plan().verb == Verb::rewind;
  const auto now = view_->checkpoint().value_or(CheckpointRow{});
  const auto run_id = view_->newest_run(is_rewind ? "rewind" : "reset");
  if (run_id <= last_action_) {
    list_ = &own_;
    return now != own_.before     ? Violation{"I4", process.name() +
                                                    " has changed the "
                                                        "checkpoint by halves"}
           : judge_lists(process) ? judge_lists(process)
                                  : compare_rows();
  }
  last_action_ = run_id;
  process.run_id = run_id;
  const auto& before = own_.before;
  const bool existed = before.last_run_id != 0;
  const bool is_bare_now = !now.open && is_bare(now);
  if (existed &&
      (now.generation != before.generation + 1 || now.last_run_id != run_id)) {
    return Violation{"I5", process.name() + " leaves others their checkpoint"};
  }
  if (!is_bare_now || now.complete_number != before.complete_number) {
    return Violation{"I4", process.name() + " leaves a window or its bounds"};
  }
  if (is_rewind &&
      (now.mark != process.target || !before.mark || now.mark >= before.mark)) {
    return Violation{"I4", fmt::format("rewound from {} to {}, and the mark is "
                                       "{}",
                                       mark_text(), mark_text(process.target),
                                       mark_text(now.mark))};
  }
  own_.before = now;
  own_.begun.clear();
  if (existed) {
    history_[run_id] = now.mark;
  }
  if (!is_rewind) {
    if (process.plan().rows) {
      rows_.clear();
    }
    if (auto violation = judge_reset(now)) {
      return violation;
    }
  }
  return compare_rows();
}

// Backfills are forgotten with the rest.
std::optional<Violation> Oracle::judge_reset(const CheckpointRow& now) {
  const auto other = view_->checkpoint(backfill_list).value_or(CheckpointRow{});
  const bool existed = backfill_.before.last_run_id != 0;
  if (now.mark || other.mark || !is_bare(other) ||
      (existed && other.generation != backfill_.before.generation + 1)) {
    return Violation{"I4", "a reset leaves a mark, a window or a fence"};
  }
  backfill_.before = other;
  backfill_.begun.clear();
  return {};
}

// Up to where a backfill is to have read: what was asked for, but no further
// than T0, of which the client knows as much as it was told.
std::int64_t Oracle::reach_of_backfill(const Process& process) const {
  const auto most = std::numeric_limits<std::int64_t>::max();
  if (!scenario_.source.bounded) {
    return most;
  }
  // Without a `Date` its own clock, less what that is taken to be wrong by.
  const Ms assumed = longest_run(scenario_) + unknown_clock_ms;
  const auto known = backfill_anchor_.value_or(backfill_looked_ms_ - assumed);
  const auto until = std::min(known, process.until().value_or(most));
  return until - until % unit_of(scenario_);
}

// One that is done leaves nothing behind, and has brought what was shown, with
// a cursor between its bounds, when it began.
std::optional<Violation> Oracle::judge_backfill(const Process& process,
                                                const CheckpointRow& now,
                                                std::size_t pages) {
  const auto& before = backfill_.before;
  const bool begins =
      (!before.open && !before.mark) || now.generation > before.generation;
  if (begins) {
    disturbed_ = false;
  }
  if (begins && process.committed_pages > pages) {
    backfill_looked_ms_ = process.pages[pages].looked_ms;
    backfill_anchor_ = process.pages[pages].anchor_ms;
  }
  const bool done =
      now.complete_number > before.complete_number && !now.open && !now.mark;
  if (!done || !promise_.every_window ||
      scenario_.source.paging == Paging::offset) {
    return {};
  }
  const auto reach = reach_of_backfill(process);
  for (const auto& [version, held] : missing_at_all()) {
    const auto& own = own_.before;
    // What the stream's own windows have read of an older list meanwhile they
    // read again.
    const bool is_own =
        disturbed_ &&
        (own.open || !own.mark || *version->stamp >= lower_bound(*own.mark));
    if (version->stamp && *version->stamp >= process.since() &&
        *version->stamp < reach &&
        world_.sure_ms(*version) <= backfill_looked_ms_ && !is_own &&
        !world_.is_forgotten(*version)) {
      return Violation{
          "I2", fmt::format("{} is not in, though the backfill that began {} "
                            "is done; the table has version {}",
                            describe(*version), time_text(backfill_looked_ms_),
                            held)};
    }
  }
  return {};
}

}  // namespace strandline::simulator
