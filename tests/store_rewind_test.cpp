// SPDX-License-Identifier: MIT
//
// The mark moved by hand or by the history, and what is forgotten.
#include <doctest/doctest.h>

#include "batch_builder.hpp"
#include "store/history.hpp"
#include "store/status.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

using model::CursorValue;
using model::Instant;

Instant at(std::int64_t seconds) {
  return model::plus(noon, seconds);
}

// A run that ends with this mark.
void run_to(const File& file, const std::optional<CursorValue>& mark,
            const std::string& mode = "incremental") {
  Run run(file.path, contacts(), {.mode = mode});
  auto batch = run.batch({});
  batch.after.mark = mark;
  run.writer.commit(batch, noon);
  run.writer.finish({}, noon);
}

// A stream with rows, a reject, an open window and everything else that a
// checkpoint can have; its run is killed.
void fill(const File& file, const std::string& list = {}) {
  Run run(file.path, contacts(), {.list = list});
  auto batch = run.batch({{{"id", 1}, {"name", "Ann"}}, {{"id", 2}}},
                         {{"odd", R"(["3"])", "{}"}});
  batch.after.mark = at(100);
  batch.after.complete_number = 4;
  batch.after.complete_anchor = at(101);
  batch.after.complete_maximum = at(100);
  batch.after.complete_full = true;
  batch.after.state = "delta";
  batch.after.sweep_from = 5;
  batch.after.sweep_after = 6;
  batch.after.window.emplace();
  batch.after.window->number = 5;
  batch.after.window->from = at(90);
  batch.after.window->until = at(110);
  batch.after.window->anchor = at(111);
  batch.after.window->maximum = at(105);
  batch.after.window->last = at(104);
  batch.after.window->total = 12;
  batch.after.window->state = "more";
  batch.after.window->position = {"next", "basis"};
  batch.first_wins = 5;
  run.writer.commit(batch, noon);
}

// The columns of a checkpoint that a reset is to empty.
Lines emptied_columns(const File& file) {
  return file.sql().rows(
      "SELECT name FROM pragma_table_info('pipeline_checkpoints') WHERE name "
      "NOT IN ('pipeline_name', 'generation', 'complete_number', "
      "'updated_at', 'last_run_id')");
}

// Those of them that hold something.
Lines filled_columns(const File& file, const std::string& name) {
  Lines filled;
  for (const auto& column : emptied_columns(file)) {
    if (file.sql().value("SELECT " + column +
                         " FROM pipeline_checkpoints WHERE "
                         "pipeline_name = '" +
                         name + "'") != "NULL") {
      filled.push_back(column);
    }
  }
  return filled;
}

model::Checkpoint checkpoint(const File& file) {
  return Run(file.path, contacts()).writer.checkpoint();
}

}  // namespace

TEST_SUITE_BEGIN("rewind");

// History //

TEST_CASE("the mark in history is the newest that is not too late") {
  const File file;
  for (const auto seconds : {100, 300, 200, 900}) {
    run_to(file, at(seconds));
  }
  Run run(file.path, contacts());
  CHECK(run.writer.mark_in_history(at(900)) == CursorValue(at(900)));
  CHECK(run.writer.mark_in_history(at(899)) == CursorValue(at(200)));
  CHECK(run.writer.mark_in_history(at(200)) == CursorValue(at(200)));
  CHECK(run.writer.mark_in_history(at(199)) == CursorValue(at(100)));
  CHECK(run.writer.mark_in_history(at(99)) == std::nullopt);
  CHECK(run.writer.mark_in_history(std::int64_t{5}) == std::nullopt);
}

TEST_CASE("marks in history compare as values") {
  const File file;
  for (const std::int64_t mark : {-10, 9, 100}) {
    run_to(file, mark);
  }
  {
    Run run(file.path, contacts());
    CHECK(run.writer.mark_in_history(std::int64_t{99}) == CursorValue(9));
    CHECK(run.writer.mark_in_history(std::int64_t{8}) == CursorValue(-10));
  }
  const File times;
  run_to(times, Instant{noon.seconds, 0});
  // As a person may have written it.
  times.sql().exec(
      "UPDATE pipeline_runs SET mark_after = '2023-11-15T00:13:20+02:00'");
  Run run(times.path, contacts());
  CHECK(run.writer.mark_in_history(at(1)) == CursorValue(noon));
  CHECK(run.writer.mark_in_history(at(-1)) == std::nullopt);
}

TEST_CASE("the history of another list or stream is not looked at") {
  const File file;
  fill(file, std::string(model::backfill_list));
  Run run(file.path, contacts());
  CHECK(run.writer.mark_in_history(at(1000)) == std::nullopt);
}

TEST_CASE("a mark that is moved leaves no window and nothing settled") {
  const File file;
  fill(file);
  {
    Run run(file.path, contacts());
    auto wanted = run.writer.checkpoint();
    run.writer.move_mark(CursorValue(at(50)), at(7));
    wanted.mark = at(50);
    wanted.window.reset();
    wanted.drop_sweep();
    wanted.complete_anchor.reset();
    wanted.complete_maximum.reset();
    CHECK(run.writer.checkpoint() == wanted);
    CHECK(file.sql().value("SELECT quote(window_number), "
                           "quote(complete_anchor), updated_at FROM "
                           "pipeline_checkpoints") ==
          "NULL|NULL|2023-11-14T22:13:27.000Z");
    CHECK(file.sql().value("SELECT mark_before, mark_after FROM pipeline_runs "
                           "WHERE run_id = 2") ==
          "2023-11-14T22:15:00.000000000Z|2023-11-14T22:14:10.000000000Z");
  }
  CHECK(checkpoint(file).mark == CursorValue(at(50)));
  Run run(file.path, contacts());
  run.writer.move_mark({}, at(8));
  CHECK(run.writer.checkpoint().mark == std::nullopt);
  CHECK(brief(run.commit({{{"id", 9}}})) == "1/0/0/0");
}

TEST_CASE("a run that was fenced off moves no mark") {
  const File file;
  fill(file);
  Run run(file.path, contacts());
  file.sql().exec("UPDATE pipeline_checkpoints SET generation = 1");
  const auto before = file.sql().snapshot();
  CHECK(code([&] { run.writer.move_mark(CursorValue(at(50)), noon); }) ==
        ExitCode::temporary);
  CHECK(file.sql().snapshot() == before);
  CHECK(run.writer.checkpoint().mark == CursorValue(at(100)));
  CHECK(code([&] { run.commit({}); }) == ExitCode::bug);
}

TEST_CASE("the mark after a run is what the history has") {
  const File file;
  for (int i = 0; i < 7; ++i) {
    run_to(file, i == 1 ? std::nullopt : std::optional<CursorValue>(at(i)));
  }
  store::Store store(file.path, model::Journal::wal);
  CHECK(store.mark_after_run(contacts(), 1) == CursorValue(at(0)));
  CHECK(store.mark_after_run(contacts(), 2) == std::nullopt);
  CHECK(store.mark_after_run(contacts(), 7) == CursorValue(at(6)));
  const auto error = refusal([&] { store.mark_after_run(contacts(), 8); });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::usage);
  CHECK(error->what() == std::string("crm.contacts has no run 8"));
  const std::string noons = " (" + std::string(noon_text) + ")";
  CHECK(note(error, "runs") == "7" + noons + ", 6" + noons + ", 5" + noons +
                                   ", 4" + noons + ", 3" + noons);
  auto deals = contacts();
  deals.name = "deals";
  CHECK(note(refusal([&] { store.mark_after_run(deals, 1); }), "runs") ==
        "none");
  auto numbered = contacts();
  numbered.cursor.emplace();
  numbered.cursor->format = model::CursorFormat::integer;
  CHECK(code([&] { store.mark_after_run(numbered, 1); }) == ExitCode::data);
}

// Rewind //

TEST_CASE("a rewind moves the mark, drops the window, and is a run") {
  const File file;
  fill(file);
  const auto before = file.sql().dump("contacts");
  {
    store::Store store(file.path, model::Journal::wal);
    const auto rewound = store.rewind(contacts(), at(50), at(7));
    CHECK(rewound.from == CursorValue(at(100)));
    CHECK(rewound.to == CursorValue(at(50)));
    CHECK(rewound.had_window);
    CHECK_FALSE(store.rewind(contacts(), at(40), at(8)).had_window);
  }
  model::Checkpoint wanted;
  wanted.mark = at(40);
  wanted.generation = 2;
  wanted.complete_number = 4;
  wanted.complete_full = true;
  wanted.state = "delta";
  wanted.fingerprint = "as ever";
  CHECK(checkpoint(file) == wanted);
  CHECK(file.sql().dump("contacts") == before);
  CHECK(file.sql().rows(
            "SELECT run_id, mode, outcome, exit_code, started_at, "
            "mark_before, mark_after FROM pipeline_runs WHERE run_id < 4") ==
        Lines{"1|NULL|killed|NULL|2023-11-14T22:13:20.000Z|NULL|"
              "2023-11-14T22:15:00.000000000Z",
              "2|rewind|ok|0|2023-11-14T22:13:27.000Z|"
              "2023-11-14T22:15:00.000000000Z|2023-11-14T22:14:10.000000000Z",
              "3|rewind|ok|0|2023-11-14T22:13:28.000Z|"
              "2023-11-14T22:14:10.000000000Z|2023-11-14T22:14:00.000000000Z"});
  CHECK(file.sql().value("SELECT updated_at FROM pipeline_checkpoints") ==
        "2023-11-14T22:13:28.000Z");
}

TEST_CASE("a rewind that would skip or mean nothing is refused") {
  struct Case {
    std::optional<CursorValue> mark;
    CursorValue to;
    std::string why;
  };
  const Case cases[] = {
      {std::nullopt, at(1), "it has no mark yet"},
      {at(100), at(100),
       "its mark 2023-11-14T22:15:00.000Z is not after "
       "2023-11-14T22:15:00.000Z"},
      {at(100), at(101),
       "its mark 2023-11-14T22:15:00.000Z is not after "
       "2023-11-14T22:15:01.000Z"},
      {at(100), 5, "its mark 2023-11-14T22:15:00.000Z is a time, and 5 is not"},
      {9, at(1),
       "its mark 9 is an integer, and 2023-11-14T22:13:21.000Z is "
       "not"},
      {9, 10, "its mark 9 is not after 10"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.why);
    const File file;
    run_to(file, each.mark);
    store::Store store(file.path, model::Journal::wal);
    const auto before = file.sql().snapshot();
    const auto error =
        refusal([&] { store.rewind(contacts(), each.to, noon); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::usage);
    CHECK(error->what() == "cannot rewind crm.contacts: " + each.why);
    CHECK_FALSE(note(error, "try").empty());
    CHECK(file.sql().snapshot() == before);
  }
  const File file;
  store::Store store(file.path, model::Journal::wal);
  CHECK(code([&] { store.rewind(contacts(), at(1), noon); }) ==
        ExitCode::usage);
}

TEST_CASE("a run from before a rewind or reset commits nothing more") {
  for (const bool reset : {false, true}) {
    CAPTURE(reset);
    const File file;
    fill(file);
    Run run(file.path, contacts());
    if (reset) {
      run.store.reset(contacts(), false, noon);
    } else {
      run.store.rewind(contacts(), at(50), noon);
    }
    // Also where it is the number of its run that is back.
    file.sql().exec("UPDATE pipeline_checkpoints SET last_run_id = 2");
    CHECK(code([&] { run.commit({}); }) == ExitCode::temporary);
  }
}

// Reset //

TEST_CASE("a reset forgets where a stream and its lists stand") {
  const File file;
  fill(file);
  fill(file, std::string(model::backfill_list));
  fill(file, "[eu]");
  {
    auto other = contacts();
    other.name = "contacts2";
    Run(file.path, other).commit_to(3, {{{"id", 1}}});
  }
  file.sql().exec(
      "INSERT INTO pipeline_pending (pipeline_name, parent_key, "
      "parent_values, run_id, added_at) VALUES ('crm.contacts', 'k', '{}', 1, "
      "''), ('crm.notes', 'k', '{}', 1, '')");
  const auto rows = file.sql().dump("contacts");
  const std::string others =
      "SELECT * FROM pipeline_checkpoints WHERE pipeline_name = "
      "'crm.contacts2'";
  const auto other = file.sql().value(others);
  const std::string lists[] = {"", "@backfill", "[eu]"};
  for (const auto& list : lists) {
    CHECK(filled_columns(file, "crm.contacts" + list) == emptied_columns(file));
  }
  {
    store::Store store(file.path, model::Journal::wal);
    const auto forgotten = store.reset(contacts(), false, at(7));
    CHECK(forgotten.mark == CursorValue(at(100)));
    CHECK(forgotten.rows == 0);
    CHECK(forgotten.rejects == 0);
  }
  auto sql = file.sql();
  CHECK(sql.dump("contacts") == rows);
  CHECK(sql.value(others) == other);
  CHECK(sql.value("SELECT count(*) FROM pipeline_rejects") == "1");
  CHECK(sql.rows("SELECT pipeline_name FROM pipeline_pending") ==
        Lines{"crm.notes"});
  CHECK(sql.rows("SELECT * FROM pipeline_seen") == Lines{});
  CHECK(sql.rows("SELECT pipeline_name, last_run_id, generation, "
                 "complete_number FROM pipeline_checkpoints ORDER BY 1") ==
        Lines{"crm.contacts|5|1|4", "crm.contacts2|4|0|0",
              "crm.contacts@backfill|5|1|4", "crm.contacts[eu]|5|1|4"});
  // Everything else is as in a row that is new.
  for (const auto& list : lists) {
    CHECK(filled_columns(file, "crm.contacts" + list) == Lines{});
  }
  CHECK(sql.value("SELECT mode, outcome, finished_at, mark_before, mark_after "
                  "FROM pipeline_runs WHERE run_id = 5") ==
        "reset|ok|2023-11-14T22:13:27.000Z|2023-11-14T22:15:00.000000000Z|"
        "NULL");
  CHECK(sql.value("SELECT count(*) FROM pipeline_runs WHERE outcome = "
                  "'killed'") == "4");
  // Another definition is welcome.
  const Run run(file.path, contacts(), {.fingerprint = "changed"});
  CHECK(run.writer.checkpoint().mark == std::nullopt);
  CHECK(run.writer.checkpoint().generation == 1);
}

TEST_CASE("a reset of the rows keeps the table and what is the user's in it") {
  const File file;
  fill(file);
  file.sql().exec(
      "CREATE TABLE gone (id);"
      "CREATE INDEX by_name ON contacts (name);"
      "ALTER TABLE contacts ADD COLUMN note TEXT;"
      "CREATE TRIGGER t AFTER DELETE ON contacts BEGIN "
      "INSERT INTO gone VALUES (old.id); END");
  auto deals = contacts();
  deals.name = "deals";
  Run(file.path, deals).commit({{{"id", 1}}}, {{"odd", R"(["3"])", "{}"}});
  const std::string schema =
      "SELECT sql FROM sqlite_schema WHERE tbl_name = 'contacts' AND sql IS "
      "NOT NULL ORDER BY 1";
  const auto before = file.sql().rows(schema);
  CHECK(before.size() == 3);
  {
    store::Store store(file.path, model::Journal::wal);
    const auto forgotten = store.reset(contacts(), true, noon);
    CHECK(forgotten.rows == 2);
    CHECK(forgotten.rejects == 1);
  }
  CHECK(file.sql().rows(schema) == before);
  CHECK(file.sql().rows("SELECT * FROM contacts") == Lines{});
  CHECK(file.sql().rows("SELECT id FROM gone") == Lines{"1", "2"});
  CHECK(file.sql().rows("SELECT id FROM deals") == Lines{"1"});
  CHECK(file.sql().rows("SELECT pipeline_name FROM pipeline_rejects") ==
        Lines{"crm.deals"});
  CHECK(brief(Run(file.path, contacts()).commit({{{"id", 1}}})) == "1/0/0/0");
}

TEST_CASE("a reset that a trigger of the user's refuses changes nothing") {
  const File file;
  fill(file);
  file.sql().exec(
      "CREATE TRIGGER t BEFORE DELETE ON contacts WHEN old.id = 2 BEGIN "
      "SELECT RAISE(ABORT, 'mine'); END");
  store::Store store(file.path, model::Journal::wal);
  const auto before = file.sql().snapshot();
  CHECK(message([&] { store.reset(contacts(), true, noon); }) ==
        "cannot reset crm.contacts: mine");
  CHECK(file.sql().snapshot() == before);
}

TEST_CASE(
    "a reset never deletes the rows of a table that is not the stream's") {
  const File file;
  fill(file);
  auto stream = contacts();
  SUBCASE("another stream's") {
    stream.source = "shop";
  }
  SUBCASE("the user's own") {
    file.sql().exec("CREATE TABLE people (x); INSERT INTO people VALUES (1)");
    stream.name = "People";
  }
  SUBCASE("a view in the place of it") {
    file.sql().exec(
        "ALTER TABLE contacts RENAME TO kept;"
        "CREATE VIEW contacts AS SELECT * FROM kept");
  }
  store::Store store(file.path, model::Journal::wal);
  const auto before = file.sql().snapshot();
  CHECK(code([&] { store.reset(stream, true, noon); }) ==
        ExitCode::configuration);
  CHECK(file.sql().snapshot() == before);
  CHECK(code([&] { store.reset(stream, false, noon); }) == ExitCode::ok);
}

TEST_CASE("after a reset a table that was dropped is made anew") {
  const File file;
  fill(file);
  file.sql().exec(
      "DROP TABLE contacts;"
      "CREATE TRIGGER contacts AFTER INSERT ON pipeline_pending BEGIN "
      "SELECT 1; END");  // its name is in nobody's way
  CHECK(code([&] { Run(file.path, contacts()); }) == ExitCode::configuration);
  {
    store::Store store(file.path, model::Journal::wal);
    CHECK(store.reset(contacts(), true, noon).rows == 0);
  }
  CHECK(brief(Run(file.path, contacts()).commit({{{"id", 1}}})) == "1/0/0/0");
}

TEST_CASE("a reset helps where a checkpoint cannot be read any more") {
  const File file;
  fill(file);
  file.sql().exec(
      "UPDATE pipeline_checkpoints SET last_processed_at = 'soon', "
      "window_from = 'x'");
  {
    store::Store store(file.path, model::Journal::wal);
    CHECK(store.reset(contacts(), false, noon).mark == std::nullopt);
  }
  CHECK(code([&] { Run(file.path, contacts()); }) == ExitCode::ok);
}

TEST_CASE("a reset of a stream that never ran is a run and no more") {
  const File file;
  store::Store store(file.path, model::Journal::wal);
  store.reset(contacts(), true, noon);
  CHECK(file.sql().rows("SELECT * FROM pipeline_checkpoints") == Lines{});
  CHECK(file.sql().rows("SELECT run_id, mode FROM pipeline_runs") ==
        Lines{"1|reset"});
}

// Reading the history //

TEST_CASE("runs are read newest first, with everything that is kept of them") {
  const File file;
  CHECK(store::read_runs(file.path, 10).empty());
  {
    Run run(file.path, contacts(), {.mode = "incremental"});
    auto batch = run.batch({{{"id", 1}}, {{"id", 1}}, {{"id", "x"}}});
    batch.counts.requests = 2;
    batch.counts.bytes = 300;
    batch.counts.cursors = {1, 2, 3, 4};
    batch.first_wins = 1;
    batch.late_below = at(3);
    batch.pages[0].cursors = {at(1), at(1), at(1)};
    batch.after.mark = at(9);
    run.writer.commit(batch, noon);
    run.writer.finish({store::Outcome::stuck, 76, "refused", {"a", "b"}, {}},
                      at(5));
  }
  run_to(file, 17, "full");
  {
    Run run(file.path, contacts(), {.list = std::string(model::backfill_list)});
  }
  auto deals = contacts();
  deals.name = "deals";
  { Run run(file.path, deals); }
  const auto runs = store::read_runs(file.path, 10);
  REQUIRE(runs.size() == 4);
  CHECK(runs[0].pipeline_name == "crm.deals");
  CHECK(runs[0].outcome == "running");
  CHECK(runs[0].finished_at == std::nullopt);
  CHECK(runs[0].exit_code == std::nullopt);
  CHECK(runs[0].mode == "");
  CHECK(runs[1].pipeline_name == "crm.contacts@backfill");
  CHECK(runs[2].mark_before == CursorValue(at(9)));
  CHECK(runs[2].mark_after == CursorValue(17));
  const auto& first = runs[3];
  CHECK(first.run_id == 1);
  CHECK(first.mode == "incremental");
  CHECK(first.outcome == "stuck");
  CHECK(first.started_at == noon);
  CHECK(first.finished_at == at(5));
  CHECK(first.mark_before == std::nullopt);
  CHECK(first.mark_after == CursorValue(at(9)));
  CHECK(first.exit_code == 76);
  CHECK(first.error == "refused");
  CHECK(first.warnings == Lines{"a", "b"});
  CHECK(first.counts.fetched == 3);
  CHECK(first.counts.stale == 1);
  CHECK(brief(first.counts) == "1/0/0/1");
  CHECK(first.counts.requests == 2);
  CHECK(first.counts.bytes == 300);
  CHECK(first.counts.cursors.missing == 1);
  CHECK(first.counts.cursors.future == 2);
  CHECK(first.counts.cursors.outside == 3);
  CHECK(first.counts.cursors.inversions == 4);
  CHECK(first.counts.lateness_s == 2.0);

  const auto own = store::read_runs(file.path, 2, "crm.contacts");
  REQUIRE(own.size() == 2);
  CHECK(own[0].pipeline_name == "crm.contacts@backfill");
  CHECK(own[1].run_id == 2);
}

TEST_CASE("of a file without our tables the history is empty") {
  const File file;
  file.sql().exec("CREATE TABLE contacts (id INTEGER PRIMARY KEY)");
  CHECK(store::read_runs(file.path, 10).empty());
  CHECK(store::read_runs(file.path, 10, "crm.contacts").empty());
}

TEST_CASE("of one run the stream that began last is read first") {
  const File file;
  {
    store::Store store(file.path, model::Journal::wal);
    const auto id = store.begin_run(noon);
    for (const std::string name : {"crm.b", "crm.c", "crm.a"}) {
      store.enter_failure(id, name, {}, noon);
    }
  }
  Lines names;
  for (const auto& run : store::read_runs(file.path, 10)) {
    names.push_back(run.pipeline_name);
  }
  CHECK(names == Lines{"crm.a", "crm.c", "crm.b"});
}

TEST_CASE("the runs of a stream are those of its lists, and of no other") {
  const File file;
  {
    store::Store store(file.path, model::Journal::wal);
    const auto id = store.begin_run(noon);
    for (const std::string name :
         {"crm.a", "crm.a@backfill", "crm.a[eu]", "crm.ab", "crm.b"}) {
      store.enter_failure(id, name, {}, noon);
    }
  }
  Lines names;
  for (const auto& run : store::read_runs(file.path, 10, "crm.a")) {
    names.push_back(run.pipeline_name);
  }
  CHECK(names == Lines{"crm.a[eu]", "crm.a@backfill", "crm.a"});
}

TEST_CASE("a rewind or reset makes no stream fresh") {
  const File file;
  run_to(file, at(100));
  {
    Run run(file.path, contacts(), {.now = at(5)});
    run.writer.finish({store::Outcome::failed, 76, "odd", {}, {}}, at(6));
    run.store.rewind(contacts(), at(50), at(500));
    run.store.reset(contacts(), false, at(600));
  }
  const auto state = store::read_states(file.path, {contacts()}).at(0);
  CHECK(state.last_success == noon);
  CHECK(state.last_attempt == at(5));
  CHECK(state.last_outcome == "failed");
  CHECK(state.last_error == "odd");
}

TEST_CASE("the state has the longest lateness of the last thirty runs") {
  const File file;
  CHECK(store::read_states(file.path, {contacts()}).at(0).lateness_s ==
        std::nullopt);
  const auto late = [&](std::int64_t seconds, int id) {
    Run run(file.path, contacts());
    auto batch = run.batch({{{"id", id}}});
    batch.pages[0].cursors = {at(-seconds)};
    batch.late_below = noon;
    run.writer.commit(batch, noon);
  };
  late(60, 1);
  late(5, 2);
  file.sql().exec(
      "INSERT INTO pipeline_runs (run_id, pipeline_name, started_at, outcome, "
      "lateness_s) VALUES (2, 'crm.other', '', 'ok', 600.0)");
  const auto lateness = [&] {
    return store::read_states(file.path, {contacts()}).at(0).lateness_s;
  };
  for (int i = 0; i < 28; ++i) {
    run_to(file, at(1));
  }
  CHECK(lateness() == 60.0);
  run_to(file, at(1));
  CHECK(lateness() == 5.0);
  run_to(file, at(1));
  CHECK(lateness() == std::nullopt);
}

TEST_SUITE_END();

}  // namespace strandline::test
