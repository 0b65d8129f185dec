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

TEST_SUITE_END();

}  // namespace strandline::test
