// SPDX-License-Identifier: MIT
#include "store/store.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "batch_builder.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

using model::Instant;
using store::Outcome;

Instant later(std::int64_t seconds) {
  return model::plus(noon, seconds);
}

std::string checkpoint(const File& file, const std::string& columns) {
  return file.sql().value("SELECT " + columns + " FROM pipeline_checkpoints");
}

}  // namespace

TEST_SUITE_BEGIN("store");

// Commits //

TEST_CASE("a commit stores rows, rejects, counts and checkpoint together") {
  const File file;
  Run run(file.path, contacts());
  auto batch = run.batch({{{"id", 1}}, {{"id", 2}, {"name", "Bob"}}},
                         {{"too odd", "[\"3\"]", R"({"id":3})"}});
  batch.pages.push_back(run.pages.page({{{"id", 1}}, {{"id", "four"}}}));
  batch.after.mark = 17;
  batch.counts.requests = 2;
  batch.counts.bytes = 300;
  batch.counts.cursors = {1, 2, 3, 4};
  const auto counts = run.writer.commit(batch, later(5));
  CHECK(brief(counts) == "2/0/1/2");
  CHECK(counts.fetched == 5);
  CHECK(counts.requests == 2);
  CHECK(counts.bytes == 300);
  CHECK(counts.cursors.inversions == 4);
  CHECK(run.writer.checkpoint().mark == model::CursorValue(17));
  CHECK(run.writer.rows() == 2);

  auto sql = file.sql();
  CHECK(sql.rows("SELECT id, name, _run_id, _synced_at FROM contacts") ==
        Lines{"1|NULL|1|2023-11-14T22:13:25.000Z",
              "2|Bob|1|2023-11-14T22:13:25.000Z"});
  CHECK(sql.rows("SELECT record_key, reason, raw FROM pipeline_rejects "
                 "ORDER BY 1 LIMIT 1") == Lines{"[\"3\"]|too odd|{\"id\":3}"});
  CHECK(sql.value("SELECT last_processed_at, cursor_kind, last_run_id, "
                  "updated_at FROM pipeline_checkpoints") ==
        "17|integer|1|2023-11-14T22:13:25.000Z");
  const std::string history =
      "SELECT fetched, inserted, updated, unchanged, rejected, requests, "
      "bytes, cursor_missing, cursor_future, cursor_outside, inversions, "
      "mark_before, mark_after FROM pipeline_runs";
  CHECK(sql.value(history) == "5|2|0|1|2|2|300|1|2|3|4|NULL|17");
  // The history of a run adds its batches up.
  auto second = run.batch({{{"id", 2}, {"name", "Rob"}}});
  second.counts.requests = 1;
  run.writer.commit(second, later(6));
  CHECK(sql.value(history) == "6|2|1|1|2|3|300|1|2|3|4|NULL|17");
}

TEST_CASE("a commit that fails at any step changes nothing") {
  const char* triggers[] = {
      // The row, with the transaction.
      "BEFORE INSERT ON contacts BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
      "AFTER UPDATE ON contacts BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
      // A column that is made.
      "BEFORE INSERT ON pipeline_meta BEGIN SELECT RAISE(ABORT, 'no'); END",
      // A reject.
      "AFTER INSERT ON pipeline_rejects BEGIN SELECT RAISE(ABORT, 'no'); END",
      "AFTER INSERT ON pipeline_rejects BEGIN SELECT RAISE(FAIL, 'no'); END",
      // A reject that is done with.
      "AFTER UPDATE ON pipeline_rejects BEGIN SELECT RAISE(ABORT, 'no'); END",
      // The counts.
      "AFTER UPDATE ON pipeline_runs BEGIN SELECT RAISE(ABORT, 'no'); END",
      "AFTER UPDATE ON pipeline_runs BEGIN SELECT RAISE(FAIL, 'no'); END",
      // The checkpoint.
      "BEFORE UPDATE ON pipeline_checkpoints BEGIN SELECT RAISE(ABORT, 'no'); "
      "END",
      "AFTER UPDATE ON pipeline_checkpoints BEGIN SELECT RAISE(FAIL, 'no'); "
      "END",
      "AFTER UPDATE ON pipeline_checkpoints BEGIN SELECT RAISE(ROLLBACK, "
      "'no'); END",
  };
  for (const std::string trigger : triggers) {
    CAPTURE(trigger);
    const File file;
    Run(file.path, contacts()).commit_to(1, {{{"id", 1}, {"name", "Ann"}}});
    Run(file.path, contacts()).commit({}, {{"odd", "[\"5\"]", "{}"}});
    Run run(file.path, contacts());
    file.sql().exec("CREATE TRIGGER refuse " + trigger);
    const auto before = file.sql().snapshot();
    const auto error = refusal([&] {
      auto batch = run.batch({{{"id", 1}, {"name", "Eve"}},
                              {{"id", 2}, {"phone", "123"}},
                              {{"id", "x"}},
                              {{"id", 5}}});
      batch.after.mark = 2;
      run.writer.commit(batch, noon);
    });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::data);
    CHECK(error->what() ==
          std::string("cannot write a batch of crm.contacts: no"));
    CHECK(file.sql().snapshot() == before);
    CHECK(run.writer.checkpoint().mark == model::CursorValue(1));

    // The next run, with the trigger gone, does what this one could not.
    file.sql().exec("DROP TRIGGER refuse");
    run.writer.finish({}, noon);
  }
}

TEST_CASE("what a user's constraint refuses is the one reject and no more") {
  const std::string touch =
      "INSERT INTO log VALUES ('touched'); UPDATE log SET what = 'x'; ";
  const std::string rules[] = {
      "CREATE UNIQUE INDEX one_name ON contacts (name)",
      "CREATE UNIQUE INDEX one_name ON contacts (lower(name))",
      "CREATE TRIGGER r BEFORE INSERT ON contacts WHEN new.id = 2 BEGIN " +
          touch + "SELECT RAISE(ABORT, 'no'); END",
      "CREATE TRIGGER r AFTER INSERT ON contacts WHEN new.id = 2 BEGIN " +
          touch + "SELECT RAISE(ABORT, 'no'); END",
      "CREATE TRIGGER r BEFORE INSERT ON contacts WHEN new.id = 2 BEGIN " +
          touch + "SELECT RAISE(FAIL, 'no'); END",
      "CREATE TRIGGER r AFTER INSERT ON contacts WHEN new.id = 2 BEGIN " +
          touch + "SELECT RAISE(FAIL, 'no'); END",
      "CREATE TRIGGER r AFTER INSERT ON CONTACTS WHEN new.id = 2 BEGIN " +
          touch + "INSERT OR FAIL INTO once VALUES (1); END",
      "CREATE TRIGGER r AFTER INSERT ON contacts WHEN new.id = 2 BEGIN " +
          touch + "INSERT INTO once VALUES ('not a number'); END",
  };
  for (const auto& rule : rules) {
    CAPTURE(rule);
    const File file;
    Run(file.path, contacts()).commit_to(1, {{{"id", 1}, {"name", "Ann"}}});
    file.sql().exec(
        "CREATE TABLE log (what TEXT);"
        "CREATE TABLE once (id INTEGER PRIMARY KEY);"
        "INSERT INTO once VALUES (1);" +
        rule);
    Run run(file.path, contacts());
    auto batch = run.batch({{{"id", 1}, {"name", "Ann"}},
                            {{"id", 2}, {"name", "Ann"}},
                            {{"id", 3}, {"name", "Eve"}}});
    batch.after.mark = 2;
    CHECK(brief(run.writer.commit(batch, noon)) == "1/0/1/1");
    auto sql = file.sql();
    CHECK(sql.rows("SELECT id, name FROM contacts") == Lines{"1|Ann", "3|Eve"});
    CHECK(sql.rows("SELECT * FROM log") == Lines{});
    CHECK(sql.rows("SELECT * FROM once") == Lines{"1"});
    CHECK(sql.value("SELECT last_processed_at FROM pipeline_checkpoints") ==
          "2");
    CHECK(sql.rows("SELECT record_key, raw FROM pipeline_rejects") ==
          Lines{R"(["2"]|{"id":2,"name":"Ann"})"});
    const auto reason = sql.value("SELECT reason FROM pipeline_rejects");
    CHECK(reason.substr(0, 25) == "the database refuses it: ");
    CHECK(reason.size() > 25);
  }
}

TEST_CASE("an update that the user's trigger refuses leaves the row") {
  for (const std::string how : {"ABORT", "FAIL"}) {
    CAPTURE(how);
    const File file;
    Run(file.path, contacts()).commit({{{"id", 1}, {"name", "Ann"}}});
    file.sql().exec(
        "CREATE TRIGGER r AFTER UPDATE ON contacts BEGIN SELECT "
        "RAISE(" +
        how + ", 'names are for ever'); END");
    const auto before = file.sql().dump("contacts");
    Run run(file.path, contacts());
    CHECK(brief(run.commit({{{"id", 1}, {"name", "Eve"}}})) == "0/0/0/1");
    CHECK(file.sql().dump("contacts") == before);
    CHECK(file.sql().value("SELECT reason FROM pipeline_rejects") ==
          "the database refuses it: names are for ever");
  }
}

TEST_CASE("a writer whose commit failed commits nothing more") {
  const File file;
  auto stream = contacts();
  stream.new_fields = model::NewFields::fail;
  Run run(file.path, stream);
  run.commit_to(1, {{{"id", 1}}});
  CHECK(code([&] {
          run.commit_to(2, {{{"id", 2}, {"new", "x"}}});
        }) == ExitCode::data);
  const auto error = refusal([&] { run.commit_to(3, {{{"id", 3}}}); });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::bug);
  CHECK(error->what() ==
        std::string("a batch of crm.contacts follows one that failed"));
  CHECK(checkpoint(file, "last_processed_at") == "1");
  // The end of the run is entered all the same.
  run.writer.finish({Outcome::failed, 65, "odd", {}, {}}, later(9));
  CHECK(file.sql().value("SELECT outcome, exit_code, error, finished_at FROM "
                         "pipeline_runs") ==
        "failed|65|odd|2023-11-14T22:13:29.000Z");
}

TEST_CASE(
    "a database that another program writes to fails the commit for now") {
  const File file;
  auto run = std::make_optional<Run>(file.path, contacts());
  run->commit_to(1, {{{"id", 1}}});
  const auto before = file.sql().snapshot();
  {
    Sql other(file.path);
    other.exec("BEGIN IMMEDIATE");
    const auto error = refusal([&] { run->commit_to(2, {{{"id", 2}}}); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::temporary);
    CHECK(error->what() == std::string("cannot write a batch of crm.contacts: "
                                       "database is locked"));
    CHECK(note(error, "try") ==
          "another program is writing to the file: run again when it is done");
  }
  CHECK(file.sql().snapshot() == before);
  run->writer.finish({Outcome::failed, 75, "locked", {}, {}}, noon);
  run.reset();
  Run(file.path, contacts()).commit_to(2, {{{"id", 2}}});
  CHECK(file.sql().rows("SELECT id FROM contacts") == Lines{"1", "2"});
}

TEST_CASE("another program's transaction is waited for") {
  const File file;
  Run run(file.path, contacts(), {.patience = std::chrono::seconds(20)});
  Sql other(file.path);
  other.exec("BEGIN IMMEDIATE");
  std::thread ends([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    other.exec("COMMIT");
  });
  CHECK(brief(run.commit({{{"id", 1}}})) == "1/0/0/0");
  ends.join();
}

TEST_CASE("a file that is moved away or replaced takes no commit") {
  for (const auto journal : {model::Journal::wal, model::Journal::rollback}) {
    for (const bool replaced : {false, true}) {
      CAPTURE(replaced);
      const File file;
      const auto moved = file.folder.path() / "moved.db";
      const Begin begin{.journal = journal};
      Run(file.path, contacts(), begin).commit_to(1, {{{"id", 1}}});
      auto run = std::make_optional<Run>(file.path, contacts(), begin);
      std::filesystem::rename(file.path, moved);
      if (replaced) {
        std::filesystem::copy_file(moved, file.path);
      }
      const auto error = refusal([&] { run->commit_to(2, {{{"id", 2}}}); });
      REQUIRE(error);
      CHECK(error->code() == ExitCode::io);
      CHECK(note(error, "try") ==
            "the file was moved, replaced or removed meanwhile: run again");
      run.reset();
      CHECK(Sql(moved).rows("SELECT id FROM contacts") == Lines{"1"});
      CHECK(std::filesystem::exists(file.path) == replaced);
    }
  }
}

TEST_CASE("a file that cannot grow keeps what was committed, at any limit") {
  // In children: the limit is the process's.
  for (const auto journal : {model::Journal::wal, model::Journal::rollback}) {
    bool failed_once = false;
    bool succeeded_once = false;
    for (rlim_t extra = 0; extra < 400 && !succeeded_once; extra += 24) {
      CAPTURE(extra);
      const File file;
      const Begin begin{.journal = journal};
      Run(file.path, contacts(), begin)
          .commit_to(1, {{{"id", 1}, {"name", "Ann"}}});
      const auto limited = [&] {
        std::signal(SIGXFSZ, SIG_IGN);
        Run run(file.path, contacts(), begin);
        std::vector<Members> records;
        for (int id = 2; id < 500; ++id) {
          records.push_back({{"id", id},
                             {"name", std::string(200, 'x')},
                             {"email", "x@example.com"}});
        }
        rlimit limit{};
        getrlimit(RLIMIT_FSIZE, &limit);
        limit.rlim_cur = (16 + extra) * 1024;
        setrlimit(RLIMIT_FSIZE, &limit);
        return static_cast<int>(code([&] { run.commit_to(2, records); }));
      };
      const int is = in_child(limited);
      CHECK((is == 0 || is == 74));
      failed_once = failed_once || is == 74;
      succeeded_once = is == 0;
      auto sql = file.sql();
      CHECK(sql.value("PRAGMA integrity_check") == "ok");
      CHECK(sql.value("SELECT count(*) FROM contacts") ==
            (is == 0 ? "499" : "1"));
      CHECK(checkpoint(file, "last_processed_at") == (is == 0 ? "2" : "1"));
      CHECK(sql.value("SELECT count(*) FROM pragma_table_info('contacts') "
                      "WHERE name = 'email'") == (is == 0 ? "1" : "0"));
      // With room again, the next run goes on.
      Run next(file.path, contacts(), begin);
      CHECK_NOTHROW(next.commit_to(3, {{{"id", 1000}}}));
    }
    CHECK(failed_once);
    CHECK(succeeded_once);
  }
}

TEST_CASE("a killed run leaves whole batches, and the mark that they reach") {
  const File file;
  std::string last = "0";
  for (int kill_after_ms = 5; kill_after_ms < 80; kill_after_ms += 5) {
    CAPTURE(kill_after_ms);
    const pid_t child = fork();
    if (child == 0) {
      try {
        Run run(file.path, contacts());
        const auto mark = run.writer.checkpoint().mark;
        auto at = mark ? std::get<std::int64_t>(*mark) : 0;
        for (;;) {
          std::vector<Members> records;
          for (int i = 0; i < 20; ++i) {
            records.push_back({{"id", at * 20 + i}, {"batch", at}});
          }
          run.commit_to(++at, records);
        }
      } catch (...) {
        _exit(1);
      }
    }
    usleep(static_cast<useconds_t>(kill_after_ms * 1000));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    auto sql = file.sql();
    CHECK(sql.value("PRAGMA integrity_check") == "ok");
    if (sql.value("SELECT count(*) FROM sqlite_schema WHERE name = "
                  "'contacts'") == "0") {
      continue;
    }
    CHECK(sql.value("SELECT count(*) = 20 * last_processed_at FROM contacts, "
                    "pipeline_checkpoints") == "1");
    CHECK(sql.value("SELECT sum(inserted) = last_processed_at * 20 FROM "
                    "pipeline_runs, pipeline_checkpoints") == "1");
    last = checkpoint(file, "last_processed_at");
  }
  CHECK(last != "0");
}

// Fencing //

TEST_CASE("a run whose checkpoint another has taken commits nothing more") {
  for (const bool full : {false, true}) {
    CAPTURE(full);
    const File file;
    const auto stream = contacts();
    Run first(file.path, stream);
    first.commit_to(1, {{{"id", 1}}});
    const auto id = first.store.begin_run(noon);
    store::StreamWriter second(first.store, id, stream, {"as ever", full, {}},
                               noon);
    const auto before = file.sql().snapshot();
    const auto error = refusal([&] {
      first.commit_to(2, {{{"id", 2}, {"name", "late"}}, {{"id", "x"}}});
    });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::temporary);
    CHECK(error->what() ==
          std::string("another run has taken crm.contacts: this one commits "
                      "nothing more of it"));
    CHECK(note(error, "try") == "run again");
    CHECK(file.sql().snapshot() == before);

    Pages pages(stream);
    store::Batch batch;
    batch.pages.push_back(pages.page({{{"id", 3}}}));
    batch.after = second.checkpoint();
    batch.after.mark = 3;
    CHECK(brief(second.commit(batch, noon)) == "1/0/0/0");
    CHECK(checkpoint(file, "last_processed_at, generation") ==
          (full ? "3|1" : "3|0"));
  }
}

TEST_CASE(
    "a run that lost its checkpoint does not stumble over the other's table") {
  const File file;
  const auto stream = contacts();
  Run first(file.path, stream);
  const auto id = first.store.begin_run(noon);
  store::StreamWriter second(first.store, id, stream, {"as ever", false, {}},
                             noon);
  Pages pages(stream);
  store::Batch batch;
  batch.pages.push_back(pages.page({{{"id", 3}}}));
  batch.after = second.checkpoint();
  batch.after.mark = 3;
  second.commit(batch, noon);
  CHECK(code([&] {
          first.commit_to(2, {{{"id", 2}}});
        }) == ExitCode::temporary);
}

TEST_CASE("a raised generation refuses what the same run still has to commit") {
  const File file;
  {
    Run run(file.path, contacts());
    run.commit_to(1, {{{"id", 1}}});
    file.sql().exec("UPDATE pipeline_checkpoints SET generation = 1");
    CHECK(code([&] {
            run.commit_to(2, {{{"id", 2}}});
          }) == ExitCode::temporary);
  }
  CHECK(file.sql().rows("SELECT id FROM contacts") == Lines{"1"});
  CHECK(Run(file.path, contacts()).writer.checkpoint().generation == 1);
}

TEST_CASE("a checkpoint that somebody deleted meanwhile is not made up") {
  const File file;
  Run run(file.path, contacts());
  file.sql().exec("DELETE FROM pipeline_checkpoints");
  CHECK(code([&] { run.commit({{{"id", 1}}}); }) == ExitCode::temporary);
  CHECK(file.sql().rows("SELECT * FROM pipeline_checkpoints") == Lines{});
}

// The log //

TEST_CASE("emptying the log leaves everything in the file alone") {
  const File file;
  Run run(file.path, contacts());
  run.commit({{{"id", 1}}});
  const auto log = file.path.string() + "-wal";
  CHECK(std::filesystem::file_size(log) > 0);
  run.store.checkpoint_log();
  CHECK(std::filesystem::file_size(log) == 0);
  const auto copy = file.folder.path() / "copy.db";
  std::filesystem::copy_file(file.path, copy);
  CHECK(Sql(copy).rows("SELECT id FROM contacts") == Lines{"1"});
}

TEST_CASE("emptying the log does not wait for a program that reads") {
  const File file;
  Run run(file.path, contacts(), {.patience = std::chrono::seconds(20)});
  run.commit({{{"id", 1}}});
  Sql reader(file.path);
  reader.exec("BEGIN");
  CHECK(reader.value("SELECT count(*) FROM contacts") == "1");
  run.commit({{{"id", 2}}});
  const auto begun = std::chrono::steady_clock::now();
  CHECK_NOTHROW(run.store.checkpoint_log());
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
  reader.exec("COMMIT");
  CHECK(brief(run.commit({{{"id", 3}}})) == "1/0/0/0");
}

TEST_SUITE_END();

}  // namespace strandline::test
