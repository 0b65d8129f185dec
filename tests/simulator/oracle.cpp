// SPDX-License-Identifier: MIT
#include "oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace strandline::simulator {
namespace {

constexpr Ms day_ms = 86'400'000;

std::string time_text(Ms time) {
  return model::to_rfc3339(
      {time / 1000, static_cast<std::int32_t>(time % 1000) * 1'000'000}, 3);
}

Ms unit_of(model::CursorFormat::Kind format) {
  switch (format) {
    case model::CursorFormat::date:
      return day_ms;
    case model::CursorFormat::rfc3339_ms:
    case model::CursorFormat::epoch_ms:
      return 1;
    default:
      return 1000;
  }
}

// Of two records with one key in a window the first is the newer.
bool first_wins(const Scenario& scenario) {
  const auto carrier = scenario.source.carrier;
  return scenario.stream.order == model::Order::descending &&
         (carrier == Carrier::token || carrier == Carrier::next ||
          carrier == Carrier::link || carrier == Carrier::after);
}

}  // namespace

Oracle::Oracle(const Scenario& scenario, const World& world)
    : scenario_(scenario), world_(world), promise_(promise(scenario)) {}

void Oracle::open(const std::filesystem::path& file) {
  view_ = std::make_unique<DatabaseView>(file);
}

std::string Oracle::describe(const Version& version) const {
  return fmt::format("record {} (version {}, stamp {}, made {}, shown from {})",
                     version.id, version.number, world_.stamp_text(version),
                     time_text(version.made_ms), time_text(version.visible_ms));
}

std::string Oracle::mark_text() const {
  if (!before_.mark) {
    return "none";
  }
  return scenario_.counts() ? std::to_string(*before_.mark)
                            : time_text(*before_.mark);
}

std::optional<Violation> Oracle::committed(Process& process) {
  const auto seen = view_->checkpoint();
  if (!seen) {
    return {};
  }
  const auto now = *seen;
  if (process.run_id == 0 && now.last_run_id != before_.last_run_id) {
    process.run_id = now.last_run_id;
  }
  const bool moved = now != before_;
  if (moved && now.last_run_id != process.run_id) {
    return Violation{
        "I5", fmt::format("{} (run {}) has changed the checkpoint, which run "
                          "{} holds",
                          process.name(), process.run_id, now.last_run_id)};
  }
  if (now.generation < before_.generation) {
    return Violation{"I5", "the generation went back"};
  }
  const auto pages = process.committed_pages;
  if (auto violation = judge_rows(process, now)) {
    return violation;
  }
  if (now.generation > before_.generation) {
    looked_.clear();  // the numbers of windows that were given up come again
  }
  if (process.committed_pages > pages) {
    const auto number = now.open ? now.window_number : now.complete_number;
    const auto first = process.pages[pages].looked_ms;
    window_looked_ms_ = looked_.try_emplace(number, first).first->second;
  }
  if (auto violation = judge_mark(now)) {
    return violation;
  }
  const bool complete = now.complete_number > before_.complete_number;
  before_ = now;
  if (!complete) {
    return {};
  }
  if (auto violation = judge_end(process)) {
    return violation;
  }
  return judge_window(now);
}

void Oracle::watch_order(const Version& version) {
  if (!version.stamp) {
    ordered_ = false;
    return;
  }
  const auto unit = scenario_.counts() ? 1 : unit_of(scenario_.source.format);
  const auto stamp = *version.stamp / unit;
  ordered_ = ordered_ && !(last_stamp_ && stamp > *last_stamp_);
  last_stamp_ = stamp;
}

void Oracle::take_page(Process& process, const GivenPage& page) {
  // Counted through, a list that records came in front of shows some again.
  const auto carrier = scenario_.source.carrier;
  if (carrier == Carrier::offset || carrier == Carrier::number) {
    last_stamp_.reset();
  }
  for (const auto number : page.rows) {
    const auto id = world_.version(number).id;
    watch_order(world_.version(number));
    if (first_wins(scenario_) && !seen_.insert(id).second) {
      ++process.stale;
      continue;
    }
    const auto [row, is_new] =
        rows_.try_emplace(id, Row{number, process.run_id});
    if (is_new) {
      ++process.inserted;
    } else if (row->second.version != number) {
      row->second = {number, process.run_id};
      ++process.updated;
    } else {
      ++process.unchanged;
    }
  }
}

// Every state is one after some whole pages, rows and checkpoint alike.
std::optional<Violation> Oracle::judge_rows(Process& process,
                                            const CheckpointRow& now) {
  std::optional<RunRow> run;
  if (process.run_id != 0) {
    run = view_->run(process.run_id);
  }
  const auto committed = process.committed_pages;
  const bool moved = now != before_;
  const auto number = now.open ? now.window_number : now.complete_number;
  if (number != seen_number_ || !before_.open ||
      now.generation != before_.generation) {
    seen_.clear();
    seen_number_ = number;
    ordered_ = true;
    last_stamp_.reset();
  }
  while (run && process.committed_pages < process.pages.size()) {
    const auto& page = process.pages[process.committed_pages];
    if (page.rows_so_far > run->fetched || (page.rows.empty() && !moved)) {
      break;
    }
    take_page(process, page);
    ++process.committed_pages;
  }
  const auto fetched =
      process.committed_pages == 0
          ? 0
          : process.pages[process.committed_pages - 1].rows_so_far;
  if (run && run->fetched != fetched) {
    return Violation{"I1", fmt::format("{} says that {} records are in, which "
                                       "are no whole pages",
                                       process.name(), run->fetched)};
  }
  if (const auto found = view_->rows(); found != rows_) {
    std::string text = "the rows are not those of the pages that are in:";
    for (const auto& [id, row] : rows_) {
      const auto it = found.find(id);
      if (it == found.end() || it->second != row) {
        text +=
            fmt::format(" record {} should be version {} of run {} and is {};",
                        id, row.version, row.run_id,
                        it == found.end() ? "not there"
                                          : fmt::format("version {} of run {}",
                                                        it->second.version,
                                                        it->second.run_id));
      }
    }
    for (const auto& [id, row] : found) {
      if (!rows_.contains(id)) {
        text += fmt::format(" record {} is there and should not be;", id);
      }
    }
    return Violation{"I1", text};
  }
  const bool pages_came = process.committed_pages > committed;
  if (pages_came && now.last_run_id != process.run_id) {
    return Violation{"I5", process.name() +
                               " has written rows, and holds the "
                               "checkpoint no more"};
  }
  if (pages_came && !moved) {
    return Violation{"I1", "rows came in, and the checkpoint stays"};
  }
  return run ? judge_counts(process, *run) : std::nullopt;
}

std::optional<Violation> Oracle::judge_counts(const Process& process,
                                              const RunRow& run) const {
  if (run.inserted == process.inserted && run.updated == process.updated &&
      run.unchanged == process.unchanged && run.stale == process.stale) {
    return {};
  }
  return Violation{
      "counts",
      fmt::format(
          "{} counts {} inserted, {} updated, {} unchanged, {} stale; it "
          "was {}, {}, {}, {}",
          process.name(), run.inserted, run.updated, run.unchanged, run.stale,
          process.inserted, process.updated, process.unchanged, process.stale)};
}

std::optional<Violation> Oracle::judge_mark(const CheckpointRow& now) const {
  if (now.mark == before_.mark) {
    return {};
  }
  // A full read in steps forgets the mark first.
  if (now.generation > before_.generation) {
    return {};
  }
  if (!now.mark || (before_.mark && *now.mark < *before_.mark)) {
    return Violation{"I4", "the mark went back from " + mark_text()};
  }
  if (now.complete_number == before_.complete_number) {
    return Violation{"I4", "the mark moved before its window was complete"};
  }
  const auto looked = window_looked_ms_;
  Ms ahead = 0;
  for (const auto& run : scenario_.runs) {
    ahead = std::max(ahead, run.clock_error_ms);
  }
  std::int64_t most = 0;
  if (scenario_.counts()) {
    most = world_.largest_shown(scenario_.stream.immutable ? world_.now()
                                                           : looked);
  } else if (scenario_.source.date_skew_ms) {
    most = looked + *scenario_.source.date_skew_ms;
  } else {
    most = (scenario_.stream.immutable ? world_.now() : looked) + ahead;
  }
  if (*now.mark > most) {
    return Violation{
        "I4", fmt::format(
                  "the mark {} is later than when its window began, {}",
                  scenario_.counts() ? std::to_string(*now.mark)
                                     : time_text(*now.mark),
                  scenario_.counts() ? std::to_string(most) : time_text(most))};
  }
  return {};
}

std::int64_t Oracle::lower_bound(std::int64_t mark) const {
  if (scenario_.counts()) {
    return mark - scenario_.stream.overlap;
  }
  const auto unit = unit_of(scenario_.source.format);
  const auto bound = mark - std::max(scenario_.stream.overlap * 1000, unit);
  return bound - bound % unit;
}

// Newest first, the end may also be a page that is older than the window. A
// settled one begins behind the mark.
bool Oracle::is_below(const GivenPage& page) const {
  if (scenario_.stream.order != model::Order::descending || !before_.mark) {
    return false;
  }
  const auto from = scenario_.source.exclusive
                        ? *before_.mark + unit_of(scenario_.source.format)
                        : lower_bound(*before_.mark);
  return !page.rows.empty() &&
         std::all_of(page.rows.begin(), page.rows.end(),
                     [&](std::int64_t number) {
                       const auto& version = world_.version(number);
                       return version.stamp && *version.stamp < from;
                     });
}

std::optional<Violation> Oracle::judge_end(const Process& process) const {
  // A total is compared with what was read, which only the client knows.
  const bool is_total = scenario_.source.end == EndSign::total;
  if (process.committed_pages == 0) {
    return Violation{"end", "a window is complete without a page"};
  }
  const auto& last = process.pages[process.committed_pages - 1];
  if (last.end || is_total || (is_below(last) && ordered_)) {
    return {};
  }
  return Violation{"end", "a window is complete, and its end was not proved"};
}

std::vector<Missing> Oracle::missing() {
  std::vector<Missing> missing;
  for (const int id : world_.ids()) {
    const auto* version = world_.current(id);
    // What is dated in the future is beyond every upper bound so far.
    if (version == nullptr ||
        (scenario_.source.bounded && version->stamp &&
         *version->stamp > before_.mark.value_or(world_.now()))) {
      continue;
    }
    const auto row = rows_.find(id);
    const auto held = row == rows_.end() ? 0 : row->second.version;
    if (held != version->number) {
      missing.push_back({version, held});
    }
  }
  return missing;
}

std::optional<Violation> Oracle::judge_window(const CheckpointRow& now) {
  const auto looked = window_looked_ms_;
  const bool all_in_time = world_.all_in_time();
  for (const auto& [version, held] : missing()) {
    if (world_.excused(*version) ||
        (scenario_.source.paging == Paging::offset && !all_in_time)) {
      continue;
    }
    if (promise_.every_window && !scenario_.source.bounded &&
        world_.sure_ms(*version) <= looked) {
      return Violation{
          "I2", fmt::format("{} is not in, though the window that began {} is "
                            "complete; the table has version {}",
                            describe(*version), time_text(looked), held)};
    }
    if (promise_.next_window && now.mark && version->stamp &&
        *version->stamp < lower_bound(*now.mark)) {
      return Violation{
          "I3", fmt::format("{} is not in, and the mark {} has passed it for "
                            "good; the table has version {}",
                            describe(*version), mark_text(), held)};
    }
  }
  return {};
}

std::optional<Violation> Oracle::finished() {
  const auto verdict = view_->check();
  if (verdict != "ok") {
    return Violation{"file", verdict};
  }
  return {};
}

}  // namespace strandline::simulator
