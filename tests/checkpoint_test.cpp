// SPDX-License-Identifier: MIT
#include "model/checkpoint.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <limits>

#include "batch_builder.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

using model::Instant;

Instant later(std::int64_t seconds) {
  return model::plus(noon, seconds);
}

std::string checkpoint(const File& file, const std::string& columns) {
  return file.sql().value("SELECT " + columns + " FROM pipeline_checkpoints");
}

// A checkpoint with a value in every field.
model::Checkpoint whole(model::CursorValue mark, model::WindowMode mode) {
  const bool time = std::holds_alternative<Instant>(mark);
  const auto value = [&](std::int64_t number) -> model::CursorValue {
    if (time) {
      return Instant{number, 123'456'789};
    }
    return number;
  };
  model::Checkpoint checkpoint;
  checkpoint.mark = mark;
  checkpoint.complete_anchor = Instant{1'600'000'000, 1};
  checkpoint.complete_maximum = value(-7);
  checkpoint.complete_number = 41;
  checkpoint.fingerprint = "as ever";
  checkpoint.state = "delta \xC3\xA9";
  checkpoint.window.emplace();
  auto& window = *checkpoint.window;
  window.number = 42;
  window.mode = mode;
  window.from = value(1);
  window.until = value(2);
  window.anchor = Instant{1'650'000'000, 999'999'999};
  window.maximum = value(3);
  window.last = value(4);
  window.ordered = false;
  window.read = 12'345'678'901;
  window.total = 23'456'789'012;
  window.restarts = 2;
  window.state = "delta \"next\"";
  window.position = {"https://example.com/?after=\"x\"", "4:after \xC3\xA9"};
  return checkpoint;
}

}  // namespace

TEST_SUITE_BEGIN("checkpoint");

// Checkpoints //

TEST_CASE("every field of a checkpoint comes back as it was") {
  using model::WindowMode;
  const model::CursorValue marks[] = {
      Instant{0, 0},
      Instant{1'700'000'000, 123'456'789},
      Instant{-1, 999'999'999},
      model::earliest_instant,
      model::latest_instant,
      std::int64_t{0},
      std::int64_t{-1},
      std::numeric_limits<std::int64_t>::max(),
      std::numeric_limits<std::int64_t>::min(),
  };
  const File file;
  for (const auto& mark : marks) {
    for (const auto mode : {WindowMode::incremental, WindowMode::full,
                            WindowMode::snapshot, WindowMode::backfill}) {
      CAPTURE(model::to_stored(mark));
      const auto wanted = whole(mark, mode);
      {
        Run run(file.path, contacts());
        auto batch = run.batch({});
        batch.after = wanted;
        run.writer.commit(batch, noon);
        CHECK(run.writer.checkpoint() == wanted);
      }
      Run run(file.path, contacts());
      CHECK(run.writer.checkpoint() == wanted);
    }
  }
}

TEST_CASE("each field that may be missing is missing when it comes back") {
  const auto wanted = whole(Instant{1'700'000'000, 1}, model::WindowMode::full);
  using Change = std::function<void(model::Checkpoint&)>;
  const Change changes[] = {
      [](auto& c) { c.mark.reset(); },
      [](auto& c) { c.window->total.reset(); },
      [](auto& c) { c.complete_anchor.reset(); },
      [](auto& c) { c.complete_maximum.reset(); },
      [](auto& c) { c.window.reset(); },
      [](auto& c) { c.window->from.reset(); },
      [](auto& c) { c.window->until.reset(); },
      [](auto& c) { c.window->anchor.reset(); },
      [](auto& c) { c.window->maximum.reset(); },
      [](auto& c) { c.window->last.reset(); },
      [](auto& c) { c.window->ordered = true; },
      [](auto& c) { c.state.reset(); },
      [](auto& c) { c.state = ""; },
      [](auto& c) { c.window->state.reset(); },
      [](auto& c) { c.window->state = ""; },
      [](auto& c) { c.window->position = {}; },
      [](auto& c) {
        c.mark.reset();
        c.complete_maximum.reset();
        c.window->from.reset();
        c.window->maximum.reset();
        c.window->last.reset();
        c.window->until = 5;  // the only one that tells the kind
      },
      [](auto& c) {
        c = {};
        c.fingerprint = "as ever";
      },
  };
  const File file;
  {
    Run run(file.path, contacts());
    auto batch = run.batch({});
    batch.after = wanted;
    run.writer.commit(batch, noon);
  }
  for (std::size_t i = 0; i < std::size(changes); ++i) {
    CAPTURE(i);
    auto changed = wanted;
    changes[i](changed);
    {
      Run run(file.path, contacts());
      auto batch = run.batch({});
      batch.after = changed;
      run.writer.commit(batch, noon);
    }
    Run run(file.path, contacts());
    CHECK(run.writer.checkpoint() == changed);
  }
}

TEST_CASE("a checkpoint says whether the last complete window was whole") {
  const File file;
  std::int64_t number = 0;
  for (const bool full : {true, false, true}) {
    CAPTURE(full);
    ++number;
    {
      Run run(file.path, contacts());
      auto batch = run.batch({});
      batch.after.complete_number = number;
      batch.after.complete_full = full;
      run.writer.commit(batch, later(number));
    }
    CHECK(Run(file.path, contacts()).writer.checkpoint().complete_full == full);
  }
}

TEST_CASE("the mark is stored as documented") {
  const File file;
  Run run(file.path, contacts());
  auto batch = run.batch({});
  batch.after.mark = Instant{1'700'000'000, 5};
  run.writer.commit(batch, noon);
  CHECK(checkpoint(file, "pipeline_name, last_processed_at, cursor_kind") ==
        "crm.contacts|2023-11-14T22:13:20.000000005Z|time");
}

TEST_CASE("the times of complete and of full reads are kept") {
  const File file;
  Run run(file.path, contacts());
  const auto commit = [&](std::int64_t number, bool full, Instant now) {
    auto batch = run.batch({});
    batch.after.complete_number = number;
    batch.after.complete_full = full;
    run.writer.commit(batch, now);
    return checkpoint(file, "complete_at, full_at");
  };
  CHECK(commit(0, false, later(1)) == "NULL|NULL");
  CHECK(commit(1, true, later(2)) ==
        "2023-11-14T22:13:22.000Z|2023-11-14T22:13:22.000Z");
  // A batch of the next window, whose checkpoint still says so.
  CHECK(commit(1, true, later(3)) ==
        "2023-11-14T22:13:22.000Z|2023-11-14T22:13:22.000Z");
  CHECK(commit(2, false, later(4)) ==
        "2023-11-14T22:13:24.000Z|2023-11-14T22:13:22.000Z");
}

TEST_CASE("a checkpoint that was edited into nonsense is refused") {
  struct Edit {
    std::string set;
    std::string complaint;
  };
  const Edit edits[] = {
      {"last_processed_at = 'soon'", "'soon' in last_processed_at"},
      {"last_processed_at = ''", "'' in last_processed_at"},
      {"last_processed_at = '2024-13-01T00:00:00Z'",
       "'2024-13-01T00:00:00Z' in last_processed_at"},
      {"last_processed_at = '17'", "'17' in last_processed_at"},
      {"cursor_kind = 'integer'",
       "'2023-11-14T22:13:20.000000000Z' in last_processed_at"},
      {"last_processed_at = 'a' || char(10) || 'b'",
       "'a\\x0Ab' in last_processed_at"},
      {"complete_anchor = 'x'", "'x' in complete_anchor"},
      {"complete_maximum = 'x'", "'x' in complete_maximum"},
      {"window_from = 'x'", "'x' in window_from"},
      {"window_until = 'x'", "'x' in window_until"},
      {"window_anchor = 'x'", "'x' in window_anchor"},
      {"window_maximum = 'x'", "'x' in window_maximum"},
      {"window_last = 'x'", "'x' in window_last"},
  };
  const File made;
  {
    Run run(made.path, contacts());
    auto batch = run.batch({{{"id", 1}}});
    batch.after = whole(noon, model::WindowMode::incremental);
    run.writer.commit(batch, noon);
  }
  for (const auto& edit : edits) {
    CAPTURE(edit.set);
    const File file;
    std::filesystem::copy_file(made.path, file.path);
    file.sql().exec("UPDATE pipeline_checkpoints SET " + edit.set);
    store::Store store(file.path, model::Journal::wal);
    const auto id = store.begin_run(noon);
    const auto before = file.sql().snapshot();
    const auto stream = contacts();
    const auto error = refusal([&] {
      const store::StreamWriter writer(store, id, stream,
                                       {"as ever", false, {}}, noon);
    });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::data);
    CHECK(error->what() == "pipeline_checkpoints of crm.contacts: " +
                               edit.complaint + " cannot be read");
    CHECK(file.sql().snapshot() == before);
  }
}

TEST_CASE("a mode or kind that no version wrote cannot even be entered") {
  const File file;
  Run(file.path, contacts()).commit_to(1, {});
  for (const char* set : {"cursor_kind = 'token'", "window_mode = 'x'",
                          "generation = 'x'", "generation = NULL"}) {
    CHECK_THROWS(
        file.sql().exec(std::string("UPDATE pipeline_checkpoints SET ") + set));
  }
}

TEST_CASE("`full` drops the open window, keeps the mark, raises generations") {
  const File file;
  const auto wanted = whole(std::int64_t{9}, model::WindowMode::incremental);
  {
    Run run(file.path, contacts());
    auto batch = run.batch({});
    batch.after = wanted;
    run.writer.commit(batch, noon);
  }
  for (std::int64_t generation = 1; generation < 3; ++generation) {
    const Run run(file.path, contacts(), {.full = true});
    CHECK(run.writer.checkpoint().generation == generation);
    CHECK_FALSE(run.writer.checkpoint().window);
    CHECK(run.writer.checkpoint().mark == wanted.mark);
    CHECK(run.writer.checkpoint().complete_number == wanted.complete_number);
  }
  // As it is stored before the first batch.
  const Run run(file.path, contacts());
  CHECK(run.writer.checkpoint().generation == 2);
  CHECK_FALSE(run.writer.checkpoint().window);
}

TEST_CASE("`full` drops the mark only where history is read in steps") {
  for (const bool stepped : {false, true}) {
    CAPTURE(stepped);
    const File file;
    auto stream = contacts();
    stream.cursor.emplace();
    if (stepped) {
      stream.cursor->step = std::chrono::hours(1);
    }
    auto wanted = whole(noon, model::WindowMode::incremental);
    {
      Run run(file.path, stream);
      auto batch = run.batch({});
      batch.after = wanted;
      run.writer.commit(batch, noon);
    }
    wanted.window.reset();
    wanted.generation = 1;
    if (stepped) {
      wanted.mark.reset();
      wanted.complete_anchor.reset();
      wanted.complete_maximum.reset();
    }
    CHECK(Run(file.path, stream, {.full = true}).writer.checkpoint() == wanted);
    // As it is stored: a run that is killed now does not go on from the mark.
    CHECK(Run(file.path, stream).writer.checkpoint() == wanted);
  }
}

// Backfills //

TEST_CASE("a backfill has a checkpoint and history of its own") {
  const File file;
  Run(file.path, contacts()).commit_to(9, {{{"id", 1}, {"name", "Ann"}}});
  const std::string own =
      "SELECT quote(last_processed_at), last_run_id, generation, fingerprint "
      "FROM pipeline_checkpoints WHERE pipeline_name = 'crm.contacts'";
  const auto before = file.sql().value(own);
  {
    Run run(file.path, contacts(),
            {.fingerprint = "bounds",
             .mode = "backfill",
             .list = std::string(model::backfill_list)});
    CHECK(run.writer.checkpoint().mark == std::nullopt);
    auto batch = run.batch({{{"id", 1}, {"name", "Eve"}}, {{"id", 2}}},
                           {{"odd", R"(["3"])", "{}"}});
    batch.after.window.emplace();
    batch.after.window->mode = model::WindowMode::backfill;
    batch.after.window->position = {"next", "basis"};
    CHECK(brief(run.writer.commit(batch, noon)) == "1/1/0/1");
    run.writer.finish({}, noon);
  }
  auto sql = file.sql();
  CHECK(sql.value(own) == before);
  CHECK(sql.rows("SELECT id, name, _run_id FROM contacts") ==
        Lines{"1|Eve|2", "2|NULL|2"});
  CHECK(sql.rows("SELECT pipeline_name, window_mode, fingerprint FROM "
                 "pipeline_checkpoints ORDER BY 1") ==
        Lines{"crm.contacts|NULL|as ever",
              "crm.contacts@backfill|backfill|bounds"});
  CHECK(sql.rows("SELECT run_id, pipeline_name, mode, outcome FROM "
                 "pipeline_runs ORDER BY 1") ==
        Lines{"1|crm.contacts|NULL|killed",
              "2|crm.contacts@backfill|backfill|ok"});
  CHECK(sql.rows("SELECT pipeline_name FROM pipeline_rejects") ==
        Lines{"crm.contacts"});
  CHECK(sql.rows("SELECT value FROM pipeline_meta WHERE key LIKE 'table:%'") ==
        Lines{"crm.contacts"});
}

TEST_CASE("a backfill goes on with its bounds, and with others begins anew") {
  const File file;
  const auto begin = [](const std::string& bounds) {
    return Begin{.fingerprint = bounds,
                 .list = std::string(model::backfill_list)};
  };
  auto wanted = whole(noon, model::WindowMode::backfill);
  wanted.fingerprint = "2020";
  {
    Run run(file.path, contacts(), begin("2020"));
    auto batch = run.batch({{{"id", 1}}});
    CHECK(batch.after.generation == 0);
    batch.after = wanted;
    run.writer.commit(batch, noon);
  }
  CHECK(Run(file.path, contacts(), begin("2020")).writer.checkpoint() ==
        wanted);
  model::Checkpoint anew;
  anew.generation = 1;
  anew.complete_number = 41;
  anew.fingerprint = "2021";
  CHECK(Run(file.path, contacts(), begin("2021")).writer.checkpoint() == anew);
  CHECK(Run(file.path, contacts(), begin("2021")).writer.checkpoint() == anew);
}

TEST_CASE("a backfill into a table that was dropped is refused") {
  const File file;
  Run(file.path, contacts()).commit_to(1, {{{"id", 1}}});
  file.sql().exec("DROP TABLE contacts");
  const Begin begin{.list = std::string(model::backfill_list)};
  CHECK(code([&] { Run(file.path, contacts(), begin); }) ==
        ExitCode::configuration);
}

TEST_CASE("a backfill that finds nothing forgets no dropped table") {
  const File file;
  Run(file.path, contacts()).commit_to(1, {{{"id", 1}}});
  file.sql().exec("DROP TABLE contacts");
  Run(file.path, contacts(),
      {.full = true, .list = std::string(model::backfill_list)})
      .commit({});
  CHECK(code([&] { Run(file.path, contacts()); }) == ExitCode::configuration);
}

// Definitions //

TEST_CASE("a mark that another definition made is refused") {
  const File file;
  Run(file.path, contacts()).commit_to(1, {{{"id", 1}}});
  store::Store store(file.path, model::Journal::wal);
  const auto id = store.begin_run(noon);
  const auto before = file.sql().snapshot();
  const auto stream = contacts();
  const auto error = refusal([&] {
    const store::StreamWriter writer(store, id, stream, {"changed", false, {}},
                                     noon);
  });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::configuration);
  CHECK(error->what() == std::string("the definition of crm.contacts has "
                                     "changed, and its mark no longer fits "
                                     "it"));
  CHECK(note(error, "was") == "as ever");
  CHECK(note(error, "is") == "changed");
  CHECK(note(error, "try") ==
        "strandline sync --full contacts, which reads the whole list once");
  CHECK(file.sql().snapshot() == before);
}

TEST_CASE("a token of a complete window counts as a mark") {
  const File file;
  {
    Run run(file.path, contacts());
    auto batch = run.batch({});
    batch.after.state = "delta";
    run.writer.commit(batch, noon);
  }
  CHECK(code([&] { Run(file.path, contacts(), {.fingerprint = "other"}); }) ==
        ExitCode::configuration);
  CHECK_FALSE(Run(file.path, contacts(), {.full = true, .fingerprint = "other"})
                  .writer.checkpoint()
                  .state);
}

TEST_CASE("the largest value of a complete window counts as a mark") {
  const File file;
  {
    Run run(file.path, contacts());
    auto batch = run.batch({});
    batch.after.complete_maximum = 5;
    run.writer.commit(batch, noon);
  }
  CHECK(code([&] { Run(file.path, contacts(), {.fingerprint = "other"}); }) ==
        ExitCode::configuration);
}

TEST_CASE("without a mark a changed definition just begins anew") {
  const File file;
  {
    Run run(file.path, contacts());
    auto batch = run.batch({{{"id", 1}}});
    batch.after.window.emplace();
    batch.after.window->maximum = 5;
    batch.after.window->position = {"next", "basis"};
    run.writer.commit(batch, noon);
  }
  CHECK(Run(file.path, contacts()).writer.checkpoint().window);
  CHECK_FALSE(Run(file.path, contacts(), {.fingerprint = "changed"})
                  .writer.checkpoint()
                  .window);
  CHECK(checkpoint(file, "fingerprint, window_number") == "changed|NULL");
}

TEST_CASE("`full` takes a changed definition and drops what no longer fits") {
  const File file;
  {
    Run run(file.path, contacts());
    auto batch = run.batch({{{"id", 1}}});
    batch.after = whole(std::int64_t{9}, model::WindowMode::incremental);
    run.writer.commit(batch, noon);
  }
  {
    // Even if it is killed at once, no run goes on from the old mark.
    const Run run(file.path, contacts(),
                  {.full = true, .fingerprint = "changed"});
  }
  const Run run(file.path, contacts(), {.fingerprint = "changed"});
  const auto& after = run.writer.checkpoint();
  CHECK_FALSE(after.mark);
  CHECK_FALSE(after.complete_anchor);
  CHECK_FALSE(after.complete_maximum);
  CHECK_FALSE(after.window);
  CHECK(after.complete_number == 41);
  CHECK(after.generation == 1);
  CHECK(file.sql().rows("SELECT id FROM contacts") == Lines{"1"});
}

// Read out and put in //

TEST_CASE("a checkpoint put into a fresh file is the one that comes out") {
  const auto start = whole(Instant{1'700'000'000, 5}, model::WindowMode::full);
  const File file;
  {
    store::Store store(file.path, model::Journal::wal);
    CHECK_FALSE(store.checkpoint("crm.contacts"));
    store.seed("crm.contacts", {start}, noon);
    auto found = store.checkpoint("crm.contacts");
    REQUIRE(found);
    CHECK(found->generation == 0);
    CHECK(*found == start);
  }
  CHECK(store::read_standing(file.path, "crm.contacts").checkpoint == start);
  CHECK(store::read_standing(file.path, "crm.deals").checkpoint ==
        model::Checkpoint());
}

TEST_CASE("no checkpoint is read where there is no file, and none is made") {
  const File file;
  CHECK(store::read_standing(file.path, "crm.contacts").checkpoint ==
        model::Checkpoint());
  CHECK_FALSE(std::filesystem::exists(file.path));
}

TEST_CASE("what is due, and when a list was whole, is put in and comes out") {
  const File file;
  store::Store store(file.path, model::Journal::wal);
  store::Standing standing;
  standing.checkpoint.complete_number = 4;
  standing.full_at = Instant{1'600'000'000, 0};
  standing.due = {{"2", R"({"/id":"2"})", 1, 0, {"p2", "as ever"}},
                  {"1", R"({"/id":"1"})", 1, 0, {}}};
  store.seed("crm.notes", {{}, {}, {standing.due.front()}}, noon);
  store.seed("crm.notes", standing, noon);
  const auto found = store::read_standing(file.path, "crm.notes");
  CHECK(found.checkpoint.complete_number == 4);
  CHECK(found.full_at == standing.full_at);
  CHECK(store.complete_times("crm.notes").full == standing.full_at);
  REQUIRE(found.due.size() == 2);
  CHECK(found.due[0].key == "2");
  CHECK(found.due[0].values == R"({"/id":"2"})");
  CHECK(found.due[0].position == standing.due[0].position);
  CHECK(found.due[1].key == "1");
  CHECK(found.due[1].position.first_page());
  store.seed("crm.notes", {}, noon);
  CHECK(store::read_standing(file.path, "crm.notes").due.empty());
}

TEST_CASE("a run goes on from a checkpoint that was put in") {
  const File file;
  model::Checkpoint start;
  start.mark = std::int64_t{12};
  start.fingerprint = "as ever";
  start.complete_number = 3;
  start.complete_full = true;
  store::Store(file.path, model::Journal::wal)
      .seed("crm.contacts", {start}, noon);
  const Run run(file.path, contacts());
  CHECK(run.writer.checkpoint() == start);
}

TEST_CASE("a checkpoint put in takes the place of all there was but the rows") {
  const File file;
  Run run(file.path, contacts());
  run.commit_to(7, {{{"id", 1}}});
  run.store.seed("crm.contacts", {}, noon);
  auto found = run.store.checkpoint("crm.contacts");
  REQUIRE(found);
  CHECK(std::exchange(found->generation, 0) == 1);
  CHECK(*found == model::Checkpoint());
  CHECK(file.sql().value("SELECT count(*) FROM contacts") == "1");
  CHECK(code([&] { run.commit({{{"id", 2}}}); }) == ExitCode::temporary);
}

TEST_CASE("the generation of a checkpoint that is put in is the file's own") {
  const File file;
  store::Store store(file.path, model::Journal::wal);
  model::Checkpoint start;
  start.mark = std::int64_t{12};
  start.generation = 7;
  for (const auto generation : {0, 1, 2}) {
    store.seed("crm.contacts", {start}, noon);
    const auto found = store.checkpoint("crm.contacts");
    REQUIRE(found);
    CHECK(found->generation == generation);
    CHECK(found->mark == start.mark);
  }
}

TEST_CASE("keys that a window saw are forgotten with where it stood") {
  const File file;
  store::Store store(file.path, model::Journal::wal);
  file.sql().exec(
      "INSERT INTO pipeline_seen (pipeline_name, record_key, window_number) "
      "VALUES ('crm.contacts', 'a', 1), ('crm.deals', 'b', 1)");
  store.seed("crm.contacts", {}, noon);
  CHECK(file.sql().rows("SELECT record_key FROM pipeline_seen") == Lines{"b"});
}

TEST_SUITE_END();

}  // namespace strandline::test
