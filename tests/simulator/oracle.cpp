// SPDX-License-Identifier: MIT
#include "oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace strandline::simulator {
namespace {

// Of two records with one key in a window the first is the newer.
bool first_wins(const Scenario& scenario) {
  const auto carrier = scenario.source.carrier;
  return !scenario.is_feed() &&
         scenario.stream.order == model::Order::descending &&
         (carrier == Carrier::token || carrier == Carrier::next ||
          carrier == Carrier::link || carrier == Carrier::after);
}

}  // namespace

std::string time_text(Ms time) {
  return model::to_rfc3339(
      {time / 1000, static_cast<std::int32_t>(time % 1000) * 1'000'000}, 3);
}

Oracle::Oracle(const Scenario& scenario, const World& world)
    : scenario_(scenario), world_(world), promise_(promise(scenario)) {
  backfill_.name = backfill_list;
}

void Oracle::open(const std::filesystem::path& file) {
  view_ = std::make_unique<DatabaseView>(file);
}

std::string Oracle::describe(const Version& version) const {
  return fmt::format("record {} (version {}, stamp {}, made {}, shown from {})",
                     version.id, version.number, world_.stamp_text(version),
                     time_text(version.made_ms), time_text(version.visible_ms));
}

std::string Oracle::mark_text(const std::optional<std::int64_t>& mark) const {
  if (!mark) {
    return "none";
  }
  return scenario_.counts() ? std::to_string(*mark) : time_text(*mark);
}

Oracle::ListState& Oracle::list_of(const Process& process) {
  return process.plan().verb == Verb::backfill ? backfill_ : own_;
}

std::int64_t Oracle::holder(const Process& process) const {
  return process.plan().verb == Verb::backfill ? backfill_.before.last_run_id
                                               : own_.before.last_run_id;
}

std::optional<Violation> Oracle::committed(Process& process) {
  const auto verb = process.plan().verb;
  if (verb == Verb::rewind || verb == Verb::reset) {
    return judge_action(process);
  }
  list_ = &list_of(process);
  const auto seen = view_->checkpoint(list_->name);
  if (!seen) {
    return {};
  }
  const auto now = *seen;
  const auto& before = list_->before;
  if (process.run_id == 0 && now.last_run_id != before.last_run_id) {
    process.run_id = now.last_run_id;
  }
  if (now != before && now.last_run_id != process.run_id) {
    return Violation{
        "I5", fmt::format("{} (run {}) has changed the checkpoint, which run "
                          "{} holds",
                          process.name(), process.run_id, now.last_run_id)};
  }
  if (now.generation < before.generation) {
    return Violation{"I5", "the generation went back"};
  }
  if (auto violation = judge_lists(process)) {
    return violation;
  }
  if (auto violation = judge_set_back(process, now)) {
    return violation;
  }
  const auto pages = process.committed_pages;
  if (auto violation = judge_rows(process, now)) {
    return violation;
  }
  if (now.generation > before.generation) {
    list_->begun.clear();  // numbers of windows that were given up come again
  }
  if (process.committed_pages > pages) {
    const auto number = now.open ? now.window_number : now.complete_number;
    const auto& first = process.pages[pages];
    list_->window =
        list_->begun
            .try_emplace(number, Begin{first.looked_ms, first.anchor_ms})
            .first->second;
  }
  const bool complete = now.complete_number > before.complete_number;
  if (complete) {
    if (auto violation = judge_end(process)) {
      return violation;
    }
  }
  const bool own = list_ == &own_;
  auto violation = own ? judge_mark(now) : judge_backfill(process, now, pages);
  if (!violation && scenario_.is_feed()) {
    violation = judge_use_of_token(process, now, pages);
  }
  if (!violation && scenario_.is_feed()) {
    violation = judge_token(process, now);
  }
  if (!violation && own && complete) {
    violation = judge_clock(process);
  }
  if (!violation && own && complete) {
    violation = judge_window(now);
  }
  disturbed_ = disturbed_ || (own && process.committed_pages > pages);
  list_->before = now;
  if (own) {
    history_[now.last_run_id] = now.mark;
  }
  return violation;
}

// A run changes the list alone that it reads.
std::optional<Violation> Oracle::judge_lists(const Process& process) {
  const auto& other = list_ == &own_ ? backfill_ : own_;
  if (view_->checkpoint(other.name) == other.before) {
    return {};
  }
  return Violation{"I4", fmt::format("{} has changed the checkpoint of {}",
                                     process.name(), other.name)};
}

void Oracle::watch_order(const Version& version) {
  if (!version.stamp) {
    list_->ordered = false;
    return;
  }
  const auto stamp = *version.stamp / unit_of(scenario_);
  list_->ordered =
      list_->ordered && !(list_->last_stamp && stamp > *list_->last_stamp);
  list_->last_stamp = stamp;
}

void Oracle::take_page(Process& process, const GivenPage& page) {
  // Counted through, a list that records came in front of shows some again.
  const auto carrier = scenario_.source.carrier;
  if (carrier == Carrier::offset || carrier == Carrier::number) {
    list_->last_stamp.reset();
  }
  if (page.token) {
    list_->token = page.token;
  }
  for (const auto number : page.rows) {
    const auto id = world_.version(number).id;
    watch_order(world_.version(number));
    if (first_wins(scenario_) && !list_->seen.insert(id).second) {
      ++process.stale;
      continue;
    }
    const auto [row, is_new] =
        rows_.try_emplace(id, Row{number, process.run_id});
    if (is_new) {
      ++process.inserted;
    } else if (scenario_.stream.version && row->second.version > number) {
      ++process.stale;
    } else if (row->second.version != number || row->second.deleted) {
      // A snapshot that is gone on with may be from before what a sync brought.
      if (list_ == &backfill_ && disturbed_ && number < row->second.version &&
          scenario_.source.paging == Paging::snapshot) {
        set_back_.insert(id);
      } else {
        set_back_.erase(id);
      }
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
    run = view_->run(process.run_id, list_->name);
  }
  const auto committed = process.committed_pages;
  const auto& before = list_->before;
  const bool moved = now != before;
  const auto number = now.open ? now.window_number : now.complete_number;
  if (number != list_->seen_number || !before.open ||
      now.generation != before.generation) {
    list_->seen.clear();
    list_->token.reset();
    list_->seen_number = number;
    list_->ordered = true;
    list_->last_stamp.reset();
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
  const bool complete = now.complete_number > before.complete_number;
  if (auto violation = take_sweep(process, view_->rows(), complete)) {
    return violation;
  }
  if (auto violation = compare_rows()) {
    return violation;
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

// Rows are marked in the transaction of a window's last page, none of them
// while its record is there.
std::optional<Violation> Oracle::take_sweep(const Process& process,
                                            const Rows& found, bool complete) {
  for (const auto& [id, row] : found) {
    const auto expected = rows_.find(id);
    if (!row.deleted || expected == rows_.end() || expected->second.deleted) {
      continue;
    }
    if (!complete || !scenario_.stream.sweeps || scenario_.source.bounded ||
        list_ != &own_) {
      return Violation{"deleted",
                       fmt::format("record {} is marked, and nothing was "
                                   "looked for",
                                   id)};
    }
    if (promise_.next_window && !was_ever_away(process, id)) {
      return Violation{
          "deleted",
          fmt::format("record {} is marked, and was never away", id)};
    }
    expected->second.deleted = true;
    expected->second.run_id = process.run_id;
    ++swept_;
  }
  return {};
}

// What comes too late, and what the source forgets, may be in no reading; nor
// is what one replica has shown, and the one that answers does not know yet.
bool Oracle::was_ever_away(const Process& process, int id) const {
  return world_.was_removed(id) || scenario_.source.memory_ms != 0 ||
         world_.excused(id) || process.pages.empty() ||
         !world_.is_sure(id, process.pages.front().looked_ms);
}

std::optional<Violation> Oracle::compare_rows() {
  const auto found = view_->rows();
  if (found == rows_) {
    return {};
  }
  const char* invariant = "I1";
  std::string text = "the rows are not those of the pages that are in:";
  for (const auto& [id, row] : rows_) {
    const auto it = found.find(id);
    if (it == found.end()) {
      text += fmt::format(
          " record {} should be version {} of run {} and is "
          "not there;",
          id, row.version, row.run_id);
    } else if (it->second != row) {
      text += fmt::format(
          " record {} should be version {} of run {} and is "
          "version {} of run {}{};",
          id, row.version, row.run_id, it->second.version, it->second.run_id,
          it->second.deleted == row.deleted ? ""
          : row.deleted                     ? " and not marked"
                                            : " and marked");
      const bool older = it->second.version < row.version;
      invariant = scenario_.stream.version && older ? "I7" : invariant;
    }
  }
  for (const auto& [id, row] : found) {
    if (!rows_.contains(id)) {
      text += fmt::format(" record {} is there and should not be;", id);
    }
  }
  return Violation{invariant, text};
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

std::vector<Missing> Oracle::missing_at_all() {
  std::vector<Missing> missing;
  for (const int id : world_.ids()) {
    const auto* version = world_.current(id);
    if (version == nullptr) {
      continue;
    }
    const auto row = rows_.find(id);
    const auto held =
        row == rows_.end() || row->second.deleted ? 0 : row->second.version;
    if (held != version->number) {
      missing.push_back({version, held});
    }
  }
  return missing;
}

std::vector<Missing> Oracle::missing() {
  auto missing = missing_at_all();
  if (scenario_.source.bounded) {
    // What is dated in the future is beyond every upper bound so far.
    const auto most = own_.before.mark.value_or(world_.clock(world_.now()));
    std::erase_if(missing, [most](const Missing& each) {
      return each.version->stamp && *each.version->stamp > most;
    });
  }
  return missing;
}

std::optional<Violation> Oracle::swept() const {
  const bool twice = scenario_.source.carrier == Carrier::offset ||
                     scenario_.source.carrier == Carrier::number;
  // Rows from before `start` are not looked for.
  const bool goes_back =
      scenario_.stream.has_start &&
      std::any_of(scenario_.runs.begin(), scenario_.runs.end(),
                  [](const auto& run) { return run.verb == Verb::backfill; });
  if (!scenario_.stream.sweeps || scenario_.source.bounded || twice ||
      goes_back || own_.before.sweep_waits || scenario_.is_feed()) {
    return {};
  }
  for (const auto& [id, row] : rows_) {
    if (!row.deleted && world_.shown(id, world_.now()) == nullptr) {
      return Violation{"deleted",
                       fmt::format("record {} is gone, and not marked after a "
                                   "whole reading",
                                   id)};
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
