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

// Commits of a run beside its batches: its begin, its checkpoint, its end.
constexpr std::int64_t other_commits = 3;

// For a run that hangs: so many times what one takes, and a minute.
constexpr int patience = 20;
constexpr std::chrono::minutes least_patience{1};

// Thrown by a pass's listener to end it where it is.
struct Enough : std::exception {};

}  // namespace

CrashTest::CrashTest(const Pass& pass, const model::StreamDefinition& stream,
                     const VerifyTask& task, const model::Checkpoint& start,
                     const store::Content& first, std::filesystem::path folder,
                     StreamProof& proof)
    : pass_(pass),
      stream_(stream),
      task_(task),
      start_(start),
      first_(first),
      folder_(std::move(folder)),
      killed_(folder_ / "killed.db"),
      proof_(proof),
      random_(task.seed) {}

void CrashTest::run() {
  pass_.begin(folder_ / "start.db", start_);
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
      std::max<std::int64_t>(task_.most_kills / 2 - other_commits, 1);
  if (proof_.batches > most) {
    batch_rows_ = static_cast<std::size_t>((proof_.records + most - 1) / most);
  }
}

// A pass that is not killed, and what it had after each batch. False if it did
// not end as the first did.
bool CrashTest::note_states() {
  const auto file = folder_ / "noted.db";
  copy_database(folder_ / "start.db", file);
  State begun;
  begun.content = store::read_content(file, stream_);
  begun.is_start = true;
  states_.push_back(begun);
  auto& taken = begun.content.checkpoint;
  taken.fingerprint = first_.checkpoint.fingerprint;
  if (task_.full) {
    taken.window.reset();
    if (stream_.cursor && stream_.cursor->step) {
      taken.mark.reset();
      taken.complete_anchor.reset();
      taken.complete_maximum.reset();
    }
  }
  states_.push_back(begun);

  PassOptions options;
  options.batch_rows = batch_rows_;
  options.full = task_.full;
  options.given = &given_;
  std::int64_t points = 0;
  options.on_commit = [&](store::CommitMoment) { ++points; };
  options.on_batch = [&](const Progress& progress) {
    states_.push_back(
        {store::read_content(file, stream_), progress.counts.requests, false});
  };
  const auto summary = pass_.run(file, options);
  proof_.commit_points = points;
  const auto end = store::read_content(file, stream_);
  const std::string where = "in another pass over the same input";
  if (summary.failure) {
    Finding finding{"a run fails where the one before it did not", where};
    add_failure(*summary.failure, finding);
    add(std::move(finding), proof_);
    return false;
  }
  if (end != first_) {
    Finding finding{"the same input leaves " + difference(first_, end), where};
    add_checkpoint(first_.checkpoint, end.checkpoint, finding);
    add_rows(folder_ / "once.db", file, stream_, finding);
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
  const auto found = store::read_content(killed_, stream_);
  if (const auto state = state_of(found)) {
    go_on_from(*state, where);
  } else {
    report_torn(found, where);
  }
}

std::optional<std::size_t> CrashTest::state_of(
    const store::Content& content) const {
  // Of equal ones the last: a page may bring nothing, and its answer is gone.
  for (auto i = states_.size(); i-- > 0;) {
    if (states_[i].content == content) {
      return i;
    }
  }
  return {};
}

std::optional<std::size_t> CrashTest::next_complete(std::size_t state) const {
  for (auto i = std::max<std::size_t>(state + 1, 2); i < states_.size(); ++i) {
    if (!states_[i].open()) {
      return i;
    }
  }
  return {};
}

// Pages that were fetched ahead were not committed: they are asked for again.
std::vector<std::size_t> CrashTest::answered(std::size_t state) const {
  const auto count = std::min(static_cast<std::size_t>(states_[state].requests),
                              given_.size());
  return {given_.begin(), given_.begin() + static_cast<std::ptrdiff_t>(count)};
}

// A URL may hold a secret, and is not kept then.
bool CrashTest::may_lack_position() const {
  const auto kind = stream_.page.kind;
  return kind == model::PageRule::Kind::next ||
         kind == model::PageRule::Kind::link;
}

void CrashTest::go_on_from(std::size_t state, const std::string& where) {
  const auto& left = states_[state];
  const auto wanted = next_complete(state);
  if (!wanted) {
    return;  // it was at its end
  }
  PassOptions options;
  options.batch_rows = batch_rows_;
  const auto& window = left.content.checkpoint.window;
  const bool from_begin =
      !left.is_start && window && window->position.first_page();
  if (from_begin) {
    report_no_position(where);
  } else if (!left.is_start) {
    options.answered = answered(state);
  } else {
    // A run that was to read everything, and has not begun to.
    options.full = task_.full;
  }
  bool complete = false;
  std::int64_t batches = 0;
  options.on_batch = [&](const Progress& progress) {
    ++batches;
    if (progress.complete) {
      complete = true;
      throw Enough();
    }
  };
  const auto run = pass_.run(killed_, options);
  if (!complete && !window && !left.is_start && batches == 0) {
    note_once(
        "where a run was killed between two windows, the recording does not "
        "say what the next one would have been asked");
    return;
  }
  ++proof_.resumed;
  if (!complete) {
    report_failure(run, where);
    return;
  }
  auto end = store::read_content(killed_, stream_);
  if (from_begin) {
    // It is another window then.
    end.checkpoint.complete_number =
        states_[*wanted].content.checkpoint.complete_number;
  }
  if (end != states_[*wanted].content) {
    report_difference(*wanted, end, where);
  }
}

void CrashTest::report_torn(const store::Content& found,
                            const std::string& where) {
  const auto with = [&](auto same) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (same(states_[i].content)) {
        return i;
      }
    }
    return {};
  };
  const auto rows = with([&](const store::Content& content) {
    return content.table == found.table;
  });
  const auto checkpoint = with([&](const store::Content& content) {
    return content.checkpoint == found.checkpoint;
  });
  Finding finding{
      "a kill leaves what no batch does: rows and checkpoint are not committed "
      "together",
      where};
  finding.notes.push_back(
      {"rows", rows ? "those " + name_of(*rows) : "those of no whole batch"});
  finding.notes.push_back({"checkpoint", checkpoint
                                             ? "that " + name_of(*checkpoint)
                                             : "that of no batch"});
  const auto nearest = checkpoint.value_or(rows.value_or(0));
  if (!checkpoint) {
    add_checkpoint(states_[nearest].content.checkpoint, found.checkpoint,
                   finding);
  }
  add_rows(file_of(nearest), killed_, stream_, finding);
  add(std::move(finding), proof_);
}

void CrashTest::report_failure(const StreamSummary& run,
                               const std::string& where) {
  Finding finding{"a run that goes on after a kill fails", where};
  if (run.failure) {
    add_failure(*run.failure, finding);
  }
  finding.notes.push_back(
      {"means",
       "it asks for what the killed run had committed, or for something else "
       "than an uninterrupted run"});
  add(std::move(finding), proof_);
}

void CrashTest::report_difference(std::size_t expected,
                                  const store::Content& found,
                                  const std::string& where) {
  const auto& wanted = states_[expected].content;
  Finding finding{
      "a run that goes on after a kill leaves " + difference(wanted, found),
      where};
  add_checkpoint(wanted.checkpoint, found.checkpoint, finding);
  add_rows(file_of(expected), killed_, stream_, finding);
  add(std::move(finding), proof_);
}

void CrashTest::report_no_position(const std::string& where) {
  if (may_lack_position()) {
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
  if (states_[state].is_start) {
    return file;
  }
  PassOptions options;
  options.full = task_.full;
  options.batch_rows = batch_rows_;
  std::size_t next = 2;
  options.on_batch = [&](const Progress&) {
    if (next++ == state) {
      throw Enough();
    }
  };
  pass_.run(file, options);
  return file;
}

std::string CrashTest::name_of(std::size_t state) const {
  return states_[state].is_start
             ? "of the begin"
             : fmt::format("of batch {} of {}", state - 1, states_.size() - 2);
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
