// SPDX-License-Identifier: MIT
//
// What a run leaves behind, and what it says, when the disk fails under it.
#include <doctest/doctest.h>

#include "batch_builder.hpp"
#include "fault_vfs.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

using Call = FaultVfs::Call;
using Times = FaultVfs::Times;
using When = FaultVfs::When;

constexpr std::int64_t batches = 3;

// The records of batch `number`: two that are new, one of which it changes in
// the next, and from the second on a column that was not there before.
std::vector<Members> records(std::int64_t number) {
  std::vector<Members> all;
  const std::string long_text(600, static_cast<char>('a' + number));
  for (std::int64_t i = 0; i < 8; ++i) {
    all.push_back({{"id", number * 4 + i}, {"name", long_text}});
    if (number > 1) {
      all.back().push_back({"phone", number});
    }
  }
  return all;
}

// How a run ended, as it says itself.
struct Told {
  std::int64_t committed = 0;  ///< batches
  bool unknown = false;        ///< whether one more is
  bool complete = false;
  std::optional<store::StoreError> error = {};
};

std::int64_t mark_of(const model::Checkpoint& checkpoint) {
  return checkpoint.mark ? std::get<std::int64_t>(*checkpoint.mark) : 0;
}

void write_batches(Run& run, Told& told) {
  told.committed = mark_of(run.writer.checkpoint());
  try {
    while (told.committed < batches) {
      const auto next = told.committed + 1;
      run.commit_to(next, records(next));
      CHECK(mark_of(run.writer.checkpoint()) == next);
      told.committed = next;
    }
  } catch (const store::StoreError& error) {
    told.error = error;
    told.unknown =
        std::string(error.what()).find("unknown") != std::string::npos;
    if (!told.unknown) {
      CHECK(mark_of(run.writer.checkpoint()) == told.committed);
    }
    run.writer.finish({store::Outcome::failed, 74, error.what(), {}, {}}, noon);
    return;
  }
  run.writer.finish({}, noon);
  told.complete = true;
}

// A run of no batch.
void sync_nothing(const File& file, model::Journal journal) {
  Run run(file.path, contacts(), {.journal = journal});
  run.writer.finish({}, noon);
}

// A run to the end, or to where it fails.
Told sync(const File& file, model::Journal journal) {
  Told told;
  try {
    Run run(file.path, contacts(), {.journal = journal});
    write_batches(run, told);
    run.store.checkpoint_log();
  } catch (const store::StoreError& error) {
    told.error = told.error ? told.error : error;
  }
  return told;
}

Lines rows(const File& file) {
  auto sql = file.sql();
  if (sql.value("SELECT count(*) FROM sqlite_schema WHERE name = "
                "'contacts'") == "0") {
    return {};
  }
  const bool phone = sql.value(
                         "SELECT count(*) FROM pragma_table_info("
                         "'contacts') WHERE name = 'phone'") == "1";
  return sql.rows("SELECT id, substr(name, 1, 1), " +
                  std::string(phone ? "phone" : "NULL") +
                  " FROM contacts ORDER BY id");
}

std::int64_t stored_mark(const File& file) {
  auto sql = file.sql();
  if (sql.value("SELECT count(*) FROM sqlite_schema WHERE name = "
                "'pipeline_checkpoints'") == "0") {
    return 0;
  }
  const auto marks = sql.rows(
      "SELECT coalesce(last_processed_at, 0) FROM pipeline_checkpoints");
  return marks.empty() ? 0 : std::stoll(marks.at(0));
}

// What the table holds after each number of batches.
std::vector<Lines> undisturbed() {
  std::vector<Lines> tables = {{}};
  const File file;
  Run run(file.path, contacts());
  for (std::int64_t i = 1; i <= batches; ++i) {
    run.commit_to(i, records(i));
    tables.push_back(rows(file));
  }
  return tables;
}

struct Fault {
  model::Journal journal = model::Journal::wal;
  Times times = Times::once;
  When when = When::before;
  int code = 0;
  bool reader = false;  ///< another program has the file open
};

// What is there if the machine fails now: the file and its log or journal.
void copy_as_after_a_crash(const File& file, const File& to) {
  for (const char* suffix : {"", "-wal", "-journal"}) {
    const std::filesystem::path from = file.path.string() + suffix;
    if (std::filesystem::exists(from)) {
      std::filesystem::copy_file(from, to.path.string() + suffix);
    }
  }
}

void check_holds(const File& file, const Told& told) {
  static const auto tables = undisturbed();
  const auto mark = stored_mark(file);
  CHECK(file.sql().value("PRAGMA integrity_check") == "ok");
  CHECK(rows(file) == tables.at(static_cast<std::size_t>(mark)));
  CHECK(
      (mark == told.committed || (told.unknown && mark == told.committed + 1)));
}

struct Tally {
  int runs = 0;
  int failed = 0;   ///< and said that the batch is not committed
  int unknown = 0;  ///< and said that they do not know
  int went_on = 0;  ///< in spite of the fault
};

// Fails each call of a run in turn.
Tally sweep(const Fault& fault) {
  Tally tally;
  for (std::size_t call = 0;; ++call) {
    FaultVfs vfs;
    const File file;
    std::optional<Sql> reader;
    if (fault.reader) {
      sync_nothing(file, fault.journal);
      reader.emplace(file.path);
      reader->rows("SELECT * FROM pipeline_runs");
    }
    vfs.fail(call, fault.code, fault.times, fault.when);
    const auto told = sync(file, fault.journal);
    vfs.stop();
    if (vfs.calls() <= call) {
      CHECK(told.complete);
      return tally;
    }
    if (vfs.failures() == 0) {
      continue;  // this fault does not happen to this call
    }
    INFO("call ", call, ": ", vfs.what(),
         ", said: ", std::string(told.error ? told.error->what() : "nothing"));
    ++tally.runs;
    tally.failed += told.error && !told.unknown ? 1 : 0;
    tally.unknown += told.unknown ? 1 : 0;
    tally.went_on += told.complete ? 1 : 0;
    const File crashed;
    copy_as_after_a_crash(file, crashed);
    check_holds(crashed, told);
    check_holds(file, told);
    if (told.error) {
      const auto is = told.error->code();
      CHECK((is == ExitCode::io || is == ExitCode::cannot_create));
    }
    CHECK(sync(file, fault.journal).complete);
    CHECK(stored_mark(file) == batches);
    check_holds(file, {.committed = batches});
  }
}

}  // namespace

TEST_SUITE_BEGIN("store fault");

TEST_CASE("a run says what the file holds, whichever call fails") {
  using model::Journal;
  const Fault faults[] = {
      {Journal::wal, Times::once},
      {Journal::wal, Times::once, When::after},
      {Journal::wal, Times::once, When::halfway, SQLITE_FULL},
      {Journal::wal, Times::forever},
      {Journal::wal, Times::once, When::before, 0, true},
      {Journal::wal, Times::forever, When::after, 0, true},
      {Journal::rollback, Times::once},
      {Journal::rollback, Times::once, When::after},
      {Journal::rollback, Times::forever, When::before, SQLITE_FULL},
      {Journal::rollback, Times::forever, When::after},
  };
  bool any_unknown = false;
  bool any_went_on = false;
  for (const auto& fault : faults) {
    CAPTURE(&fault - faults);
    const auto tally = sweep(fault);
    CHECK(tally.runs > 50);
    CHECK(tally.failed > 10);
    any_unknown = any_unknown || tally.unknown > 0;
    any_went_on = any_went_on || tally.went_on > 0;
    MESSAGE(tally.runs, " runs: ", tally.failed, " failed, ", tally.unknown,
            " unknown, ", tally.went_on, " went on");
  }
  CHECK(any_unknown);
  CHECK(any_went_on);
}

namespace {

// Fails the next removal of a journal, which is when a batch is committed.
void fail_commit(FaultVfs& vfs, When when) {
  vfs.watch(Call::write, false);
  vfs.watch(Call::sync, false);
  vfs.fail(0, 0, Times::once, when);
}

}  // namespace

TEST_CASE("a batch that is there although its commit failed is committed") {
  FaultVfs vfs;
  const File file;
  Run run(file.path, contacts(), {.journal = model::Journal::rollback});
  fail_commit(vfs, When::after);
  auto batch = run.batch({{{"id", 1}, {"name", "Ann"}}});
  batch.after.mark = 1;
  batch.after.complete_number = 1;
  batch.after.complete_full = true;
  batch.counts.requests = 3;
  const auto counts = run.writer.commit(batch, noon);
  CHECK(vfs.what() == "remove crm.db-journal");
  CHECK(brief(counts) == "1/0/0/0");
  CHECK(counts.requests == 3);
  CHECK(run.writer.checkpoint() == batch.after);
  // Also where the time alone would say that this window was a full one.
  batch = run.batch({{{"id", 1}, {"name", "Eve"}}});
  batch.after.complete_number = 2;
  batch.after.complete_full = false;
  fail_commit(vfs, When::after);
  CHECK(brief(run.writer.commit(batch, noon)) == "0/1/0/0");
  // It goes on, with the fields that the window has had.
  CHECK(brief(run.commit_to(2, {{{"id", 2}, {"name", "Bob"}, {"age", 3}}})) ==
        "1/0/0/0");
  CHECK(run.writer.rows() == 2);
  run.writer.finish({}, noon);
  CHECK(file.sql().rows("SELECT id, name, age FROM contacts") ==
        Lines{"1|Eve|NULL", "2|Bob|3"});
  CHECK(file.sql().rows("SELECT outcome, inserted, requests, mark_after FROM "
                        "pipeline_runs") == Lines{"ok|2|3|2"});
}

TEST_CASE("a batch that changes no checkpoint cannot be told to be there") {
  FaultVfs vfs;
  const File file;
  Run run(file.path, contacts(), {.journal = model::Journal::rollback});
  fail_commit(vfs, When::after);
  CHECK(code([&] { run.commit({{{"id", 1}}}); }) == ExitCode::io);
  CHECK(vfs.what() == "remove crm.db-journal");
  CHECK(code([&] { run.commit({}); }) == ExitCode::bug);
}

TEST_CASE("another run's checkpoint is no sign of our commit") {
  FaultVfs vfs;
  const File file;
  Run run(file.path, contacts(), {.journal = model::Journal::rollback});
  // As if another had taken it between the commit and the look at it.
  file.sql().exec(
      "CREATE TRIGGER t AFTER UPDATE ON pipeline_checkpoints WHEN "
      "new.last_run_id = 1 BEGIN UPDATE pipeline_checkpoints SET last_run_id "
      "= 2; END");
  fail_commit(vfs, When::after);
  CHECK(code([&] { run.commit_to(1, {{{"id", 1}}}); }) == ExitCode::io);
  CHECK(vfs.what() == "remove crm.db-journal");
}

TEST_CASE("a move of the mark that is there is one, and another is none") {
  for (const bool there : {true, false}) {
    CAPTURE(there);
    FaultVfs vfs;
    const File file;
    Run run(file.path, contacts(), {.journal = model::Journal::rollback});
    run.commit_to(9, {{{"id", 1}}});
    fail_commit(vfs, there ? When::after : When::before);
    CHECK(code([&] { run.writer.move_mark(model::CursorValue(5), noon); }) ==
          (there ? ExitCode::ok : ExitCode::io));
    CHECK(vfs.what() == "remove crm.db-journal");
    CHECK(mark_of(run.writer.checkpoint()) == (there ? 5 : 9));
    vfs.stop();
    CHECK(stored_mark(file) == (there ? 5 : 9));
  }
}

TEST_CASE("where the file does not answer the outcome is said to be unknown") {
  FaultVfs vfs;
  const File file;
  Run run(file.path, contacts());
  vfs.watch(Call::open, true);
  vfs.watch(Call::write, false);
  vfs.fail(0, 0, Times::forever);
  const auto error = refusal([&] { run.commit_to(1, {{{"id", 1}}}); });
  REQUIRE(error);
  CHECK(vfs.what() == "sync crm.db-wal");
  CHECK(error->code() == ExitCode::cannot_create);
  CHECK(error->what() ==
        "whether the last batch of crm.contacts was committed is unknown: "
        "disk I/O error; then cannot open the database " +
            std::filesystem::canonical(file.path).string() +
            ": unable to open database file");
  CHECK(note(error, "try") ==
        "run again: the next run reads what the file holds and continues "
        "after it");
  CHECK(code([&] { run.writer.finish({}, noon); }) == ExitCode::cannot_create);
  CHECK(code([&] { run.writer.rows(); }) == ExitCode::cannot_create);
  // With the disk back, the end can be entered.
  vfs.stop();
  run.writer.finish({store::Outcome::failed, 74, "disk", {}, {}}, noon);
  CHECK(run.writer.rows() == stored_mark(file));
  CHECK(file.sql().rows("SELECT outcome FROM pipeline_runs") ==
        Lines{"failed"});
}

TEST_CASE("a file that is gone when it is opened again is not made anew") {
  FaultVfs vfs;
  const File file;
  Run run(file.path, contacts());
  vfs.watch(Call::open, true);
  vfs.watch(Call::write, false);
  vfs.fail(0, 0, Times::forever);
  REQUIRE(refusal([&] { run.commit_to(1, {{{"id", 1}}}); }));
  vfs.stop();
  std::filesystem::remove(file.path);
  CHECK(code([&] { run.writer.finish({}, noon); }) == ExitCode::cannot_create);
  CHECK_FALSE(std::filesystem::exists(file.path));
}

TEST_CASE("what a failed commit left in the log does not come to life") {
  FaultVfs vfs;
  const File file;
  Run run(file.path, contacts());
  run.commit_to(1, {{{"id", 1}}});
  // As long as another program has the file open, its view of the log stays.
  Sql reader(file.path);
  CHECK(reader.value("SELECT count(*) FROM contacts") == "1");
  vfs.watch(Call::write, false);
  vfs.fail(0);
  const auto error = refusal([&] { run.commit_to(2, {{{"id", 2}}}); });
  vfs.stop();
  CHECK(vfs.what() == "sync crm.db-wal");
  REQUIRE(error);
  CHECK(error->what() ==
        std::string("cannot write a batch of crm.contacts: disk I/O error"));
  const File crashed;
  copy_as_after_a_crash(file, crashed);
  CHECK(stored_mark(crashed) == 1);
}

TEST_CASE("a commit that is read but cannot be synced is not told to be one") {
  FaultVfs vfs;
  const File file;
  Run run(file.path, contacts());
  vfs.watch(Call::write, false);
  vfs.fail(0, 0, Times::forever);
  const auto error = refusal([&] { run.commit_to(1, {{{"id", 1}}}); });
  vfs.stop();
  CHECK(vfs.what() == "sync crm.db-wal");
  CHECK(stored_mark(file) == 1);  // it is there, as long as the machine runs
  REQUIRE(error);
  CHECK(error->code() == ExitCode::io);
  CHECK(std::string(error->what()).substr(0, 67) ==
        "whether the last batch of crm.contacts was committed is unknown: di");
}

TEST_CASE("a reader in the way of a commit leaves no doubt about it") {
  const File file;
  Run run(file.path, contacts(), {.journal = model::Journal::rollback});
  run.commit_to(1, {{{"id", 1}}});
  Sql reader(file.path);
  reader.exec("BEGIN");
  CHECK(reader.value("SELECT count(*) FROM contacts") == "1");
  const auto error = refusal([&] { run.commit_to(2, {{{"id", 2}}}); });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::temporary);
  CHECK(error->what() ==
        std::string("cannot write a batch of crm.contacts: database is "
                    "locked"));
  reader.exec("COMMIT");
  CHECK(stored_mark(file) == 1);
  run.writer.finish({store::Outcome::failed, 75, "locked", {}, {}}, noon);
}

TEST_SUITE_END();

}  // namespace strandline::test
