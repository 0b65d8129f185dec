// SPDX-License-Identifier: MIT
//
// What the oracle says of windows and of the mark.
#include <fmt/format.h>

#include <algorithm>

#include "oracle.hpp"

namespace strandline::simulator {
namespace {

constexpr Ms day_ms = 86'400'000;

// So far a mark may lie after T0 before the source's clock was set back.
constexpr Ms set_back_ms = 300'000;

}  // namespace

Ms unit_of(const Scenario& scenario) {
  using model::CursorFormat;
  switch (scenario.source.format) {
    case CursorFormat::date:
      return day_ms;
    case CursorFormat::integer:
    case CursorFormat::rfc3339_ms:
    case CursorFormat::epoch_ms:
      return 1;
    default:
      return 1000;
  }
}

std::optional<Violation> Oracle::judge_mark(const CheckpointRow& now) const {
  const auto& before = own_.before;
  // Back is what judge_set_back has judged; and a full read in steps forgets
  // the mark first.
  if (now.mark == before.mark || now.generation > before.generation ||
      (now.mark && before.mark && *now.mark < *before.mark)) {
    return {};
  }
  if (!now.mark) {
    return Violation{"I4", "the mark is gone, which was " + mark_text()};
  }
  if (now.complete_number == before.complete_number) {
    return Violation{"I4", "the mark moved before its window was complete"};
  }
  const auto looked = own_.window.looked_ms;
  Ms ahead = 0;
  for (const auto& run : scenario_.runs) {
    ahead = std::max(ahead, run.clock_error_ms);
  }
  std::int64_t most = 0;
  if (scenario_.counts()) {
    most = world_.largest_shown(scenario_.stream.immutable ? world_.now()
                                                           : looked);
  } else if (scenario_.source.date_skew_ms) {
    most = world_.clock(looked) + *scenario_.source.date_skew_ms;
  } else {
    most = (scenario_.stream.immutable ? world_.now() : looked) + ahead;
  }
  if (*now.mark <= most) {
    return {};
  }
  return Violation{
      "I4", fmt::format("the mark {} is later than when its window began, {}",
                        mark_text(now.mark), mark_text(most))};
}

// The newest mark after a run that lies before T0 by the overlap.
std::optional<std::int64_t> Oracle::mark_before(Ms anchor) const {
  const auto found =
      std::find_if(history_.rbegin(), history_.rend(), [&](const auto& each) {
        return each.second && *each.second <= anchor - overlap_ms();
      });
  return found == history_.rend() ? std::nullopt : found->second;
}

// It needs a person only where no earlier mark is left to go back to.
std::optional<Violation> Oracle::refused(const Process& process) const {
  if (process.went_back || process.pages.size() <= process.committed_pages) {
    return {};
  }
  const auto& anchor = process.pages.back().anchor_ms;
  if (!anchor || !mark_before(*anchor)) {
    return {};
  }
  return Violation{"clock",
                   "the source's clock was set back, and the run does "
                   "not go on from " +
                       mark_text(mark_before(*anchor))};
}

// The mark goes back by itself where the source's clock was set back, and to
// the newest that it had after a run and that lies before T0 by the overlap.
std::optional<Violation> Oracle::judge_set_back(Process& process,
                                                const CheckpointRow& now) {
  const auto& before = own_.before;
  if (list_ != &own_ || !now.mark || !before.mark ||
      *now.mark >= *before.mark || now.generation > before.generation) {
    return {};
  }
  std::optional<Ms> anchor;
  if (process.pages.size() == process.committed_pages + 1) {
    anchor = process.pages.back().anchor_ms;
  }
  if (!anchor || *before.mark <= *anchor + set_back_ms) {
    return Violation{
        "I4", fmt::format("the mark went back from {} to {}, and the source's "
                          "clock did not",
                          mark_text(), mark_text(now.mark))};
  }
  const auto expected = mark_before(*anchor);
  if (!expected || expected != now.mark || now.open) {
    return Violation{
        "I4", fmt::format("the mark went back to {}; of the earlier runs' the "
                          "newest that is not after {} less the overlap is {}",
                          mark_text(now.mark), time_text(*anchor),
                          mark_text(expected))};
  }
  process.went_back = true;
  process.drop_pages();
  own_.begun.clear();  // the number of the window that was given up comes again
  return {};
}

// With a mark well beyond its T0 a window would pass over what changes now.
std::optional<Violation> Oracle::judge_clock(const Process& process) const {
  const auto& before = own_.before;
  if (scenario_.counts() || process.plan().full || before.full ||
      !before.mark || !own_.window.anchor_ms ||
      *before.mark <= *own_.window.anchor_ms + set_back_ms) {
    return {};
  }
  return Violation{
      "I4", fmt::format("a window is complete whose T0 is {}, long before the "
                        "mark {}: the source's clock was set back",
                        time_text(*own_.window.anchor_ms), mark_text())};
}

Ms Oracle::overlap_ms() const {
  return std::max(scenario_.stream.overlap * 1000, unit_of(scenario_));
}

std::int64_t Oracle::lower_bound(std::int64_t mark) const {
  if (scenario_.counts()) {
    return mark - scenario_.stream.overlap;
  }
  const auto bound = mark - overlap_ms();
  const auto from = bound - bound % unit_of(scenario_);
  return scenario_.stream.has_start && mark >= start_ms
             ? std::max(from, start_ms)
             : from;
}

// From where the window at hand was asked, or a little later; nothing where it
// had no bound but `start`. A settled one begins behind the mark.
std::optional<std::int64_t> Oracle::from(const Process* process) const {
  const auto& mark = list_->before.mark;
  if (!mark && process != nullptr && list_ == &backfill_) {
    return process->since();
  }
  if (!mark) {
    return {};
  }
  return scenario_.source.exclusive ? *mark + unit_of(scenario_)
                                    : lower_bound(*mark);
}

// Newest first, the end may also be a page that is older than the window.
bool Oracle::is_below(const Process& process, const GivenPage& page) const {
  const auto bound = from(&process);
  return scenario_.stream.order == model::Order::descending && bound &&
         !page.rows.empty() &&
         std::all_of(page.rows.begin(), page.rows.end(),
                     [&](std::int64_t number) {
                       const auto& version = world_.version(number);
                       return version.stamp && *version.stamp < *bound;
                     });
}

std::optional<Violation> Oracle::judge_end(const Process& process) const {
  // A total is compared with what was read, which only the client knows.
  const bool is_total = scenario_.source.end == EndSign::total;
  if (process.committed_pages == 0) {
    return Violation{"end", "a window is complete without a page"};
  }
  const auto& last = process.pages[process.committed_pages - 1];
  if (last.end || is_total || (is_below(process, last) && list_->ordered)) {
    return {};
  }
  return Violation{"end", "a window is complete, and its end was not proved"};
}

// The source no longer shows it, or a backfill has put an older one in its
// place.
bool Oracle::is_beyond_promise(const Version& version) const {
  return (!promise_.remembers && world_.is_forgotten(version)) ||
         set_back_.contains(version.id);
}

bool Oracle::may_be_lost(const Version& version) const {
  return !promise_.next_window || world_.excused(version) ||
         is_beyond_promise(version) ||
         (scenario_.source.paging == Paging::offset && !world_.all_in_time());
}

// However late it came, the window that is complete had asked for it.
bool Oracle::is_asked_for(const Version& version) const {
  const auto bound = from(nullptr);
  return bound && version.stamp && *version.stamp >= *bound &&
         scenario_.source.paging != Paging::offset;
}

std::optional<Violation> Oracle::judge_window(const CheckpointRow& now) {
  const auto looked = own_.window.looked_ms;
  const bool moves = scenario_.source.paging == Paging::offset;
  const bool all_in_time = world_.all_in_time();
  for (const auto& [version, held] : missing()) {
    const bool late = world_.excused(*version) || (moves && !all_in_time);
    if (is_beyond_promise(*version) || (late && !is_asked_for(*version))) {
      continue;
    }
    if (promise_.every_window && !scenario_.source.bounded &&
        world_.sure_ms(*version) <= looked) {
      return Violation{
          "I2", fmt::format("{} is not in, though the window that began {} is "
                            "complete; the table has version {}",
                            describe(*version), time_text(looked), held)};
    }
    if (!late && promise_.next_window && now.mark && version->stamp &&
        *version->stamp < lower_bound(*now.mark)) {
      return Violation{
          "I3", fmt::format("{} is not in, and the mark {} has passed it for "
                            "good; the table has version {}",
                            describe(*version), mark_text(now.mark), held)};
    }
  }
  return {};
}

}  // namespace strandline::simulator
