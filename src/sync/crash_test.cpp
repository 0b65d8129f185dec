// SPDX-License-Identifier: MIT
#include "sync/crash_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "sync/child_process.hpp"
#include "sync/scratch.hpp"

namespace strandline::sync {
namespace {

using std::chrono::steady_clock;

// For a run that hangs: so many times what one takes, and a minute.
constexpr int patience = 20;
constexpr std::chrono::minutes least_patience{1};

// Thrown by a pass's listener to end it where it is.
struct Enough : std::exception {};

}  // namespace

CrashTest::CrashTest(const Pass& pass, const Family& family,
                     const VerifyTask& task, const FamilyContent& first,
                     std::int64_t other_commits, std::filesystem::path folder,
                     StreamProof& proof)
    : pass_(pass),
      family_(family),
      lists_(lists_of(family)),
      task_(task),
      first_(first),
      other_commits_(other_commits),
      folder_(std::move(folder)),
      killed_(folder_ / "killed.db"),
      resumed_(folder_ / "resumed.db"),
      proof_(proof),
      random_(task.seed) {}

void CrashTest::run() {
  pass_.begin(folder_ / "start.db");
  choose_batches();
  if (!note_states()) {
    return;
  }
  time_one();
  kill_at_commit_points();
  kill_at_random();
}

// So large that there are not more commit points than kills: then each is
// tried.
void CrashTest::choose_batches() {
  const auto most =
      std::max<std::int64_t>(task_.most_kills / 2 - other_commits_, 1);
  if (proof_.batches > most) {
    batch_rows_ = static_cast<std::size_t>((proof_.records + most - 1) / most);
  }
}

// A pass that is not killed, and what it had at each moment. False if it did
// not end as the first did.
bool CrashTest::note_states() {
  const auto file = folder_ / "noted.db";
  copy_database(folder_ / "start.db", file);
  State state;
  const auto note = [&] {
    state.content = read_content(file, family_);
    states_.push_back(state);
  };
  note();
  PassOptions options;
  options.batch_rows = batch_rows_;
  options.full = task_.full;
  std::int64_t points = 0;
  options.on_commit = [&](store::CommitMoment) { ++points; };
  options.on_moment = [&](const Moment& moment) {
    state.moment = moment;
    state.batches += moment.kind == Moment::Kind::batch ? 1 : 0;
    if (moment.kind == Moment::Kind::begun) {
      state.since = moment.requests;
    }
    note();
  };
  options.may_open = [&](const std::string& list, const model::Window& window) {
    state.since = state.moment.requests;
    openings_.push_back({list, window, states_.size() - 1});
    return true;
  };
  const auto run = pass_.run(file, options);
  given_ = run.given;
  proof_.commit_points = points;
  const auto end = read_content(file, family_);
  const std::string where = "in another pass over the same input";
  if (run.failure) {
    Finding finding{"a run fails where the one before it did not", where};
    add_failure(*run.failure, finding);
    add(std::move(finding), proof_);
    return false;
  }
  if (end != first_) {
    Finding finding{"the same input leaves " + difference(first_, end), where};
    add_checkpoints(first_, end, family_, finding);
    add_rows(folder_ / "once.db", file, family_, finding);
    add(std::move(finding), proof_);
    return false;
  }
  return true;
}

// What a process of its own does.
int CrashTest::work(const store::OnCommit& on_commit) const {
  PassOptions options;
  options.full = task_.full;
  options.batch_rows = batch_rows_;
  options.on_commit = on_commit;
  return pass_.run(killed_, options).failure ? 1 : 0;
}

void CrashTest::time_one() {
  copy_database(folder_ / "start.db", killed_);
  const auto begun = steady_clock::now();
  ChildProcess child([&] { return work({}); });
  child.ends_within(std::chrono::hours(1), task_.stop);
  stop_if_told(task_.stop);
  duration_ = std::chrono::duration_cast<std::chrono::microseconds>(
      steady_clock::now() - begun);
}

void CrashTest::kill_at_commit_points() {
  const auto points = std::min(proof_.commit_points, task_.most_kills);
  if (points < proof_.commit_points) {
    note_once(fmt::format("of {} commit points {} were tried, evenly chosen",
                          proof_.commit_points, points));
  }
  for (std::int64_t i = 0; i < points; ++i) {
    const auto point = i * proof_.commit_points / points;
    tell("killed at commit points", i, points);
    copy_database(folder_ / "start.db", killed_);
    std::int64_t next = 0;
    ChildProcess child([&] {
      return work([&](store::CommitMoment) {
        if (next++ == point) {
          std::raise(SIGKILL);
        }
      });
    });
    const auto where = fmt::format(
        "killed just {} commit {} of {}", point % 2 == 0 ? "before" : "after",
        point / 2 + 1, (proof_.commit_points + 1) / 2);
    const bool ended =
        child.ends_within(std::max<std::chrono::microseconds>(
                              patience * duration_, least_patience),
                          task_.stop);
    stop_if_told(task_.stop);
    if (!ended || !child.was_killed()) {
      add({ended ? "a run ends where the one before it did not"
                 : "a run does not come to its end",
           where},
          proof_);
      continue;
    }
    ++proof_.kills;
    examine(where);
  }
}

void CrashTest::kill_at_random() {
  // Runs that were faster than the moment do not count, but there is an end.
  for (int i = 0;
       i < 3 * task_.random_kills && proof_.random_kills < task_.random_kills;
       ++i) {
    tell("killed at random", proof_.random_kills, task_.random_kills);
    copy_database(folder_ / "start.db", killed_);
    std::uniform_int_distribution<std::int64_t> moment(0, duration_.count());
    const std::chrono::microseconds after(moment(random_));
    {
      ChildProcess child([&] { return work({}); });
      child.ends_within(after, task_.stop);
      child.kill();
      stop_if_told(task_.stop);
      proof_.random_kills += child.was_killed() ? 1 : 0;
    }
    examine(fmt::format("killed {:.1f} ms after its begin",
                        static_cast<double>(after.count()) / 1000));
  }
}

void CrashTest::examine(const std::string& where) {
  const auto found = read_content(killed_, family_);
  if (const auto state = state_of(found)) {
    go_on_from(*state, where);
  } else {
    report_torn(found, where);
  }
}

std::optional<std::size_t> CrashTest::state_of(
    const FamilyContent& content) const {
  // Of equal ones the last: a page may bring nothing, and its answer is gone.
  for (auto i = states_.size(); i-- > 0;) {
    if (states_[i].content == content) {
      return i;
    }
  }
  return {};
}

const FamilyList& CrashTest::list_of(const std::string& name) const {
  return *std::find_if(lists_.begin(), lists_.end(), [&](const auto& each) {
    return each.list->pipeline_name() == name;
  });
}

// The list whose pages a run that is killed in this state was reading; null if
// it was between two.
const FamilyList* CrashTest::reading(std::size_t state) const {
  const auto& left = states_[state];
  if (left.moment.kind != Moment::Kind::batch) {
    return nullptr;
  }
  const auto& list = list_of(left.moment.list);
  return list.is_child() || checkpoint_of(left.content, list).window ? &list
                                                                     : nullptr;
}

// A second list is read from its begin again if the first one was read whole,
// and waits for it.
bool CrashTest::begins_anew(const FamilyList& list, std::size_t state) const {
  if (list.list->list != model::also_list) {
    return false;
  }
  const auto& content = states_[state].content;
  const auto& first = content[list.stream].checkpoints.at(list.number - 1);
  return first.sweep_is_due() && checkpoint_of(content, list).window;
}

// True if a run that goes on from `state` does not open the window again.
bool CrashTest::was_opened(const Opening& opening, std::size_t state) const {
  if (opening.state >= state) {
    return false;
  }
  const auto& list = list_of(opening.list);
  // Children are read by whichever run comes, until nothing is due.
  return list.is_child()
             ? checkpoint_of(states_[state].content, list) !=
                   checkpoint_of(states_[opening.state].content, list)
             : !begins_anew(list, state);
}

// A window that is open has no position to go on from.
bool CrashTest::lacks_position(std::size_t state) const {
  const auto* list = reading(state);
  return list != nullptr && !list->is_child() &&
         checkpoint_of(states_[state].content, *list)
             .window->position.first_page();
}

// A URL may hold a secret, and is not kept then.
bool CrashTest::may_lack_position(std::size_t state) const {
  const auto* list = reading(state);
  if (list == nullptr) {
    return false;
  }
  const auto kind = list->list->page.kind;
  return kind == model::PageRule::Kind::next ||
         kind == model::PageRule::Kind::link;
}

// Where pages are counted, an empty one proves no end to the run that it is the
// first of: what it counted to may be gone. Only the last one is empty.
bool CrashTest::may_begin_anew(std::size_t state) const {
  const auto* list = reading(state);
  if (list == nullptr || state + 1 == states_.size()) {
    return false;
  }
  const auto& next = states_[state + 1].content;
  if (list->is_child()) {
    const auto& due = states_[state].content[list->stream].due;
    return (list->list->page.counts() &&
            next[list->stream].due.rows < due.rows) ||
           may_lack_position(state);
  }
  return list->list->page.counts() && !checkpoint_of(next, *list).window;
}

// The answers that were committed are gone, but for those to what is read from
// its begin. Pages that were fetched ahead were not committed.
CrashTest::Resumed CrashTest::resume(std::size_t state, bool from_begin) const {
  const auto& left = states_[state];
  copy_database(killed_, resumed_);
  PassOptions options;
  options.batch_rows = batch_rows_;
  // A run that was to read everything, and has not begun to.
  options.full = task_.full && left.batches == 0;
  const auto place = [&](std::int64_t count) {
    return given_.begin() +
           std::min(count, static_cast<std::int64_t>(given_.size()));
  };
  const auto committed = left.moment.requests;
  const auto kept = from_begin ? left.since : committed;
  options.answered = {given_.begin(), place(kept)};
  if (from_begin) {
    options.repeated = {place(kept), given_.end()};
  }
  Resumed run;
  run.wanted = states_.size() - 1;
  options.on_moment = [&](const Moment& moment) {
    run.batches += moment.kind == Moment::Kind::batch ? 1 : 0;
  };
  std::map<std::string, std::vector<const Opening*>> ahead;
  for (const auto& opening : openings_) {
    if (!was_opened(opening, state)) {
      ahead[opening.list].push_back(&opening);
    }
  }
  options.may_open = [&](const std::string& list, const model::Window& window) {
    auto& next = ahead[list];
    if (next.empty()) {
      return false;
    }
    const auto& recorded = *next.front();
    if (window.from != recorded.window.from ||
        window.until != recorded.window.until) {
      run.wanted = recorded.state;
      run.cut_short = true;
      throw Enough();
    }
    next.erase(next.begin());
    return true;
  };
  run.end = pass_.run(resumed_, options);
  return run;
}

void CrashTest::go_on_from(std::size_t state, const std::string& where) {
  if (states_[state].content == states_.back().content) {
    return;  // it was at its end
  }
  const auto* list = reading(state);
  bool from_begin = list != nullptr && begins_anew(*list, state);
  if (lacks_position(state)) {
    report_no_position(state, where);
    from_begin = true;
  }
  auto run = resume(state, from_begin);
  if (run.end.failure && !run.cut_short && !from_begin &&
      may_begin_anew(state)) {
    from_begin = true;
    run = resume(state, from_begin);
    if (!run.end.failure) {
      note_once(
          "where pages are counted and the last one is empty, a list is read "
          "from its begin again after a kill before that page");
    }
  }
  compare(state, run, from_begin, where);
}

void CrashTest::compare(std::size_t state, const Resumed& run, bool from_begin,
                        const std::string& where) {
  if (run.cut_short) {
    note_once(
        "a run that goes on after a kill is compared up to where it asks for "
        "something else than the recorded one did, as between the windows of a "
        "`step`");
  }
  if (run.cut_short && run.batches == 0) {
    return;
  }
  ++proof_.resumed;
  if (run.end.failure && !run.cut_short) {
    report_failure(run.end, where);
    return;
  }
  const auto& wanted = states_[run.wanted].content;
  auto found = read_content(resumed_, family_);
  if (const auto* list = reading(state); from_begin && list != nullptr) {
    // It is another window then.
    found[list->stream].checkpoints[list->number].complete_number =
        checkpoint_of(wanted, *list).complete_number;
  }
  if (found != wanted) {
    report_difference(run.wanted, found, where);
  }
}

void CrashTest::report_torn(const FamilyContent& found,
                            const std::string& where) {
  // The first state that has the same there.
  const auto with = [&](const auto& same) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (same(states_[i].content, found)) {
        return i;
      }
    }
    return {};
  };
  const auto rows = with(same_rows);
  const auto checkpoint = with(same_checkpoints);
  const auto both = with([](const FamilyContent& a, const FamilyContent& b) {
    return same_rows(a, b) && same_checkpoints(a, b);
  });
  Finding finding{
      "a kill leaves what no batch does: rows and checkpoint are not committed "
      "together",
      where};
  if (both) {
    finding.what = "a kill leaves what no batch does: " +
                   difference(states_[*both].content, found);
  }
  const auto shown = [&](const char* those, auto state) {
    return those + (state ? name_of(*state) : std::string("of no whole batch"));
  };
  finding.notes.push_back({"rows", shown("those ", both ? both : rows)});
  finding.notes.push_back(
      {"checkpoint", both || checkpoint
                         ? shown("that ", both ? both : checkpoint)
                         : "that of no batch"});
  const auto nearest = both.value_or(checkpoint.value_or(rows.value_or(0)));
  add_checkpoints(states_[nearest].content, found, family_, finding);
  add_rows(file_of(nearest), killed_, family_, finding);
  add(std::move(finding), proof_);
}

void CrashTest::report_failure(const PassEnd& run, const std::string& where) {
  Finding finding{"a run that goes on after a kill fails", where};
  add_failure(*run.failure, finding);
  finding.notes.push_back(
      {"means",
       "it asks for what the killed run had committed, or for something else "
       "than an uninterrupted run"});
  add(std::move(finding), proof_);
}

void CrashTest::report_difference(std::size_t expected,
                                  const FamilyContent& found,
                                  const std::string& where) {
  const auto& wanted = states_[expected].content;
  Finding finding{
      "a run that goes on after a kill leaves " + difference(wanted, found),
      where};
  add_checkpoints(wanted, found, family_, finding);
  add_rows(file_of(expected), resumed_, family_, finding);
  add(std::move(finding), proof_);
}

void CrashTest::report_no_position(std::size_t state,
                                   const std::string& where) {
  if (may_lack_position(state)) {
    note_once(
        "a URL with a secret is not kept as a position: such a window is read "
        "from its begin again after a kill");
  } else {
    add({"a window is open, and has no position to go on from", where}, proof_);
  }
}

// Makes a file that is in one of the states.
std::filesystem::path CrashTest::file_of(std::size_t state) const {
  auto file = folder_ / "expected.db";
  copy_database(folder_ / "start.db", file);
  if (state == 0) {
    return file;
  }
  PassOptions options;
  options.full = task_.full;
  options.batch_rows = batch_rows_;
  std::size_t next = 0;
  options.on_moment = [&](const Moment&) {
    if (++next == state) {
      throw Enough();
    }
  };
  pass_.run(file, options);
  return file;
}

std::string CrashTest::name_of(std::size_t state) const {
  const auto& [content, moment, batches, since] = states_[state];
  if (batches == 0) {
    return "of the begin";
  }
  const auto name =
      fmt::format("of batch {} of {}", batches, states_.back().batches);
  if (lists_.size() == 1) {
    return name;
  }
  const auto list = shown_name(*list_of(moment.list).list);
  switch (moment.kind) {
    case Moment::Kind::begun:
      return "of the begin of " + list;
    case Moment::Kind::ended:
      return "of the end of " + list;
    case Moment::Kind::batch:
      break;
  }
  return fmt::format("{}, of {}", name, list);
}

void CrashTest::note_once(const std::string& text) {
  auto& notes = proof_.notes;
  if (std::find(notes.begin(), notes.end(), text) == notes.end()) {
    notes.push_back(text);
  }
}

void CrashTest::tell(const std::string& what, std::int64_t done,
                     std::int64_t of) const {
  if (task_.on_progress) {
    task_.on_progress({proof_.stream, what, done, of});
  }
}

}  // namespace strandline::sync
