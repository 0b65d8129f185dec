// SPDX-License-Identifier: MIT
//
// The commands by which a person looks at the mark's history and moves it.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <atomic>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "child.hpp"
#include "fault_vfs.hpp"
#include "strandline/history.hpp"
#include "strandline/rewind.hpp"
#include "sync_fixture.hpp"
#include "terminal.hpp"

using namespace strandline;
using namespace strandline::test;
using Json = nlohmann::json;

namespace {

// 1,000 items read: the mark is 00:16:40.
class Stream : public SyncFixture {
 public:
  explicit Stream(const std::string& streams = items_stream)
      : SyncFixture(streams) {
    server.set(items(1000));
    REQUIRE(sync().exit_code == ExitCode::ok);
    server.take_requests();
  }

  Result run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"-c", config().string()});
    return test::run(dir(), std::move(arguments));
  }

  std::string mark() const {
    return value(database(),
                 "SELECT last_processed_at FROM pipeline_checkpoints");
  }
};

const std::string first_mark = "2024-01-01T00:16:40.000000000Z";

std::vector<std::string> at_terminal(const SyncFixture& fixture,
                                     std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program());
  arguments.insert(arguments.end(), {"-c", fixture.config().string()});
  return arguments;
}

// What happens at two moments of this process's, as long as it lives: after it
// closed its first connection to a database, and before it has its second.
class Between {
 public:
  Between(std::function<void()> first_closed,
          std::function<void()> second_opens)
      : first_closed_(std::move(first_closed)),
        second_opens_(std::move(second_opens)) {
    self() = this;
    sqlite3_auto_extension(entry());
  }
  ~Between() {
    sqlite3_cancel_auto_extension(entry());
    self() = nullptr;
  }
  Between(const Between&) = delete;
  Between& operator=(const Between&) = delete;

 private:
  static Between*& self() {
    static Between* between = nullptr;
    return between;
  }
  static int opens(sqlite3* database, char** /*message*/,
                   const sqlite3_api_routines* /*routines*/) {
    if (self()->works_) {
      return SQLITE_OK;
    }
    if (++self()->opened_ == 1) {
      sqlite3_trace_v2(database, SQLITE_TRACE_CLOSE, closes, nullptr);
    } else if (self()->opened_ == 2) {
      self()->work(self()->second_opens_);
    }
    return SQLITE_OK;
  }
  static int closes(unsigned /*event*/, void* /*context*/, void* /*database*/,
                    void* /*unused*/) {
    self()->work(self()->first_closed_);
    return 0;
  }
  static void (*entry())() { return reinterpret_cast<void (*)()>(opens); }

  // The connections of its own are none.
  void work(const std::function<void()>& what) {
    works_ = true;
    what();
    works_ = false;
  }

  std::function<void()> first_closed_;
  std::function<void()> second_opens_;
  int opened_ = 0;
  bool works_ = false;
};

// The outcomes that `runs` tells, newest first, where run 1 has no end in the
// database when they are first read and nobody is at work.
std::vector<std::string> outcomes(const Stream& stream,
                                  const std::string& then_read,
                                  const std::string& then_looked) {
  execute(stream.database(),
          "UPDATE pipeline_runs SET outcome = 'running', finished_at = NULL");
  const auto write = [&](const std::string& sql) {
    return [&stream, sql] { execute(stream.database(), sql); };
  };
  const Between between(write(then_read), write(then_looked));
  std::vector<std::string> told;
  for (const auto& run : read_runs(stream.config(), {}, 10)) {
    told.push_back(run.outcome);
  }
  return told;
}

const std::string numbered_stream = R"(
[stream.items]
get     = "/items"
query   = { after_id = "${from}", limit = 10 }
records = "data"
key     = "id"
cursor  = { field = "id", order = "ascending", format = "integer", immutable = true }
page    = { token = "meta/next", param = "after" }
)";

}  // namespace

TEST_SUITE("rewind") {
  TEST_CASE("moves the mark back, and the next sync reads again from there") {
    const Stream stream;
    const auto result = stream.run(
        {"rewind", "items", "--to", "2024-01-01T00:10:00Z", "--yes"});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK(result.out ==
          "items: the mark went back from 2024-01-01T00:16:40.000Z to "
          "2024-01-01T00:10:00.000Z\n"
          "next: strandline sync items, which reads again what changed since "
          "2024-01-01T00:05:00.000Z\n");
    CHECK(stream.mark() == "2024-01-01T00:10:00.000000000Z");

    auto& server = const_cast<Stream&>(stream).server;
    CHECK(stream.sync().streams.at(0).counts.unchanged == 701);
    CHECK(server.take_requests().at(0).find("since=2024-01-01T00%3A05%3A00Z") !=
          std::string::npos);
    CHECK(stream.mark() == first_mark);
  }

  TEST_CASE("answers in JSON, and says nothing with --quiet") {
    const Stream stream;
    const auto result = stream.run(
        {"rewind", "items", "--to", "2024-01-01", "--yes", "--json"});
    CHECK(result.code == 0);
    CHECK(Json::parse(result.out) ==
          Json{{"type", "rewind"},
               {"ok", true},
               {"stream", "items"},
               {"source", "s"},
               {"mark_before", "2024-01-01T00:16:40.000Z"},
               {"mark_after", "2024-01-01T00:00:00.000Z"},
               {"reads_from", "2023-12-31T23:55:00.000Z"},
               {"dropped_window", false}});
    const auto quiet = stream.run(
        {"rewind", "items", "--to", "2023-01-01", "--yes", "--quiet"});
    CHECK(quiet.code == 0);
    CHECK(quiet.out.empty());
    CHECK(quiet.err.empty());
  }

  TEST_CASE("goes to the mark that an earlier run ended with") {
    Stream stream;
    stream.server.put(item(2000));
    REQUIRE(stream.sync().exit_code == ExitCode::ok);
    REQUIRE(stream.mark() == "2024-01-01T00:33:20.000000000Z");
    CHECK(stream.run({"rewind", "items", "--run", "1", "--yes"}).code == 0);
    CHECK(stream.mark() == first_mark);

    const auto unknown =
        stream.run({"rewind", "items", "--run", "77", "--yes"});
    CHECK(unknown.code == 64);
    CHECK_MESSAGE(has(unknown.err, "s.items has no run 77"), unknown.err);
    CHECK_MESSAGE(has(unknown.err, "runs      3 ("), unknown.err);
    CHECK(stream.mark() == first_mark);
  }

  TEST_CASE("a run that left no mark is none to go back to") {
    Stream stream;
    execute(stream.database(), "UPDATE pipeline_runs SET mark_after = NULL");
    const auto result = stream.run({"rewind", "items", "--run", "1", "--yes"});
    CHECK(result.code == 64);
    CHECK_MESSAGE(has(result.err, "it had no mark after run 1"), result.err);
    CHECK(has(result.err, "strandline reset items"));
    CHECK(stream.mark() == first_mark);
  }

  TEST_CASE("of a stream of integers takes an integer") {
    const Stream stream(numbered_stream);
    stream.run({"sync"});  // such a mark follows a window behind
    REQUIRE(stream.mark() == "1000");
    const auto time =
        stream.run({"rewind", "items", "--to", "2024-01-01", "--yes"});
    CHECK(time.code == 64);
    CHECK_MESSAGE(
        has(time.err, "--to of items is '2024-01-01', not a whole number"),
        time.err);
    const auto result = stream.run({"rewind", "items", "--to", "400", "--yes"});
    CHECK(result.code == 0);
    CHECK(has(result.out, "from 1000 to 400\n"));
    CHECK(stream.mark() == "400");
  }

  TEST_CASE("refuses what would skip records or cannot be read") {
    const Stream stream;
    struct Case {
      std::vector<std::string> arguments;
      const char* says;
    };
    const std::vector<Case> cases = {
        {{"items", "--to", "2024-01-01T00:16:40Z"},
         "cannot rewind s.items: its mark 2024-01-01T00:16:40.000Z is not "
         "after "
         "2024-01-01T00:16:40.000Z"},
        {{"items", "--to", "2030-01-01"}, "is not after 2030-01-01"},
        {{"items", "--to", "yesterday"},
         "--to of items is 'yesterday', not a time"},
        {{"items", "--to", "12"}, "--to of items is '12', not a time"},
        {{"items"}, "rewind needs either --to or --run, and not both"},
        {{"items", "--to", "2024-01-01", "--run", "1"},
         "rewind needs either --to or --run, and not both"},
        {{"itmes", "--to", "2024-01-01"}, "did you mean 'items'?"},
        {{"items", "--run", "x"}, "--run"},
    };
    for (const auto& each : cases) {
      CAPTURE(each.says);
      auto arguments = each.arguments;
      arguments.insert(arguments.begin(), "rewind");
      arguments.push_back("--yes");
      const auto result = stream.run(arguments);
      CHECK(result.code == 64);
      CHECK_MESSAGE(has(result.err, each.says), result.err);
      CHECK(result.out.empty());
    }
    CHECK(stream.mark() == first_mark);
    CHECK(value(stream.database(), "SELECT count(*) FROM pipeline_runs") ==
          "1");
  }

  TEST_CASE("refuses streams without a mark, and makes no database") {
    SyncFixture fixture(items_stream);
    const std::vector<std::string> command = {"rewind",
                                              "items",
                                              "--to",
                                              "2024-01-01",
                                              "--yes",
                                              "-c",
                                              fixture.config().string()};
    const auto none = run(fixture.dir(), command);
    CHECK(none.code == 64);
    CHECK_MESSAGE(has(none.err, "it has no mark yet"), none.err);
    Terminal terminal(
        at_terminal(fixture, {"rewind", "items", "--to", "2024-01-01"}));
    CHECK(terminal.wait() == 64);
    CHECK(has(terminal.screen(), "it has no mark yet"));
    CHECK_FALSE(std::filesystem::exists(fixture.database()));

    fixture.configure(
        "[stream.items]\nget = \"/items\"\nrecords = \"data\"\nkey = \"id\"\n");
    const auto snapshot = run(fixture.dir(), command);
    CHECK(snapshot.code == 64);
    CHECK_MESSAGE(has(snapshot.err, "it has no cursor field, and so no mark"),
                  snapshot.err);
  }

  TEST_CASE("drops what the last run left unfinished, and says so") {
    Stream stream;
    stream.server.set_hook([](const auto& request, auto& response) {
      if (!has(request.target, "after=20")) {
        return false;
      }
      response.status = 503;
      return true;
    });
    REQUIRE(stream.sync().exit_code == ExitCode::temporary);
    stream.server.set_hook({});
    stream.server.take_requests();
    const auto result = stream.run(
        {"rewind", "items", "--to", "2024-01-01T00:10:00Z", "--yes", "--json"});
    CHECK(Json::parse(result.out)["dropped_window"] == true);
    CHECK_FALSE(stream.sync().streams.at(0).resumed);
    CHECK_FALSE(has(stream.server.take_requests().at(0), "after="));
  }

  TEST_CASE("asks at a terminal and shows what it is about") {
    const Stream stream;
    Terminal terminal(at_terminal(
        stream, {"rewind", "items", "--to", "2024-01-01T00:10:00Z"}));
    REQUIRE_MESSAGE(terminal.shows("Go on? [y/N] "), terminal.screen());
    CHECK(terminal.screen() ==
          "items: the mark goes back\r\n"
          "  from  2024-01-01T00:16:40.000Z\r\n"
          "  to    2024-01-01T00:10:00.000Z\r\n"
          "The next sync reads again what changed since "
          "2024-01-01T00:05:00.000Z.\r\n"
          "Go on? [y/N] ");
    // While it waits no lock is held.
    CHECK(stream.sync().exit_code == ExitCode::ok);

    SUBCASE("yes") {
      terminal.type("y\n");
      CHECK(terminal.wait() == 0);
      CHECK(has(terminal.screen(), "items: the mark went back"));
      CHECK(stream.mark() == "2024-01-01T00:10:00.000000000Z");
    }
    SUBCASE("no") {
      terminal.type("n\n");
    }
    SUBCASE("just enter") {
      terminal.type("\n");
    }
    SUBCASE("the end of the input") {
      terminal.type("\x04");
    }
    if (stream.mark() == first_mark) {
      CHECK(terminal.wait() == 64);
      CHECK_MESSAGE(
          has(terminal.screen(), "rewind: not confirmed, nothing is changed"),
          terminal.screen());
      CHECK(stream.mark() == first_mark);
    }
  }

  TEST_CASE("is not waited for where it still asks") {
    const Stream stream;
    Terminal terminal(
        at_terminal(stream, {"rewind", "items", "--to", "2024-01-01"}),
        std::chrono::seconds(2));
    CHECK(terminal.wait() == -SIGKILL);
    CHECK(has(terminal.screen(), "Go on?"));
  }

  TEST_CASE("says at once what it would refuse, and does not ask") {
    const Stream stream;
    Terminal terminal(
        at_terminal(stream, {"rewind", "items", "--to", "2030-01-01"}));
    CHECK(terminal.wait() == 64);
    CHECK_FALSE(has(terminal.screen(), "Go on?"));
    CHECK(has(terminal.screen(), "is not after 2030-01-01"));
  }

  TEST_CASE("rewind and reset need --yes where there is no terminal") {
    const Stream stream;
    for (const auto& command : std::vector<std::vector<std::string>>{
             {"rewind", "items", "--to", "2024-01-01"},
             {"reset", "items", "--rows"}}) {
      const auto result = stream.run(command);
      CHECK(result.code == 64);
      CHECK_MESSAGE(has(result.err, "there is no terminal to ask at"),
                    result.err);
      CHECK(has(result.err, "  try       --yes"));
    }
    CHECK(stream.mark() == first_mark);
    CHECK(value(stream.database(), "SELECT count(*) FROM items") == "1000");
  }

  TEST_CASE("a terminal for the question alone or the answer alone is none") {
    const Stream stream;
    for (const std::string half : {"echo y | \"$@\"", "\"$@\" 2>/dev/null"}) {
      CAPTURE(half);
      auto arguments = at_terminal(stream, {"reset", "items", "--rows"});
      arguments.insert(arguments.begin(), {"/bin/sh", "-c", half, "sh"});
      Terminal terminal(arguments);
      terminal.type("y\n");
      CHECK(terminal.wait() == 64);
      CHECK_FALSE(has(terminal.screen(), "Go on?"));
    }
    CHECK(stream.mark() == first_mark);
  }

  TEST_CASE("rewind and reset leave nothing in the log, whoever else reads") {
    const Stream stream;
    SQLite::Database reader(stream.database().string(), SQLite::OPEN_READONLY);
    reader.execAndGet("SELECT count(*) FROM items");
    const auto log = stream.database().string() + "-wal";
    for (const auto& command : std::vector<std::vector<std::string>>{
             {"rewind", "items", "--to", "2024-01-01", "--yes"},
             {"reset", "items", "--yes"}}) {
      REQUIRE(stream.run(command).code == 0);
      REQUIRE(std::filesystem::exists(log));
      CHECK(std::filesystem::file_size(log) == 0);
    }
  }

  TEST_CASE("rewind and reset wait for no sync that is at work: 11") {
    Stream stream;
    std::vector<Result> results;
    stream.server.set_hook([&](const auto&, auto&) {
      if (results.empty()) {
        results.push_back(
            stream.run({"rewind", "items", "--to", "2024-01-01", "--yes"}));
        results.push_back(stream.run({"reset", "items", "--yes"}));
        Terminal terminal(at_terminal(stream, {"reset", "items"}));
        results.push_back({terminal.wait(), "", terminal.screen()});
      }
      return false;
    });
    CHECK(stream.sync().exit_code == ExitCode::ok);
    REQUIRE(results.size() == 3);
    for (const auto& result : results) {
      CHECK(result.code == 11);
      CHECK_MESSAGE(has(result.err, "another run is at work"), result.err);
    }
  }
}

TEST_SUITE("reset") {
  TEST_CASE("forgets the mark, keeps the rows, and the next sync begins anew") {
    Stream stream;
    const auto result = stream.run({"reset", "items", "--yes"});
    CHECK(result.code == 0);
    CHECK(result.out ==
          "items: forgot the mark 2024-01-01T00:16:40.000Z\n"
          "next: strandline sync items, which reads it from the begin\n");
    CHECK(stream.mark() == "NULL");
    CHECK(value(stream.database(), "SELECT count(*) FROM items") == "1000");
    CHECK(stream.sync().streams.at(0).counts.unchanged == 1000);
    CHECK_FALSE(has(stream.server.take_requests().at(0), "since="));
    CHECK(stream.mark() == first_mark);
  }

  TEST_CASE("with --rows deletes the rows and the rejects") {
    Stream stream;
    auto bad = item(2000);
    bad.erase("id");
    auto records = items(1000);
    records.push_back(bad);
    stream.server.set(records);
    REQUIRE(stream.sync().streams.at(0).counts.rejected == 1);
    const auto result =
        stream.run({"reset", "items", "--rows", "--yes", "--json"});
    CHECK(result.code == 0);
    CHECK(Json::parse(result.out) ==
          Json{{"type", "reset"},
               {"ok", true},
               {"stream", "items"},
               {"source", "s"},
               {"mark_before", "2024-01-01T00:16:40.000Z"},
               {"deleted_rows", 1000},
               {"deleted_rejects", 1}});
    CHECK(value(stream.database(), "SELECT count(*) FROM items") == "0");
    CHECK(value(stream.database(), "SELECT count(*) FROM pipeline_rejects") ==
          "0");
    CHECK(stream.sync().streams.at(0).counts.inserted == 1000);
  }

  TEST_CASE("asks at a terminal and shows what would go") {
    const Stream stream;
    Terminal terminal(at_terminal(stream, {"reset", "items", "--rows"}));
    REQUIRE_MESSAGE(terminal.shows("Go on? [y/N] "), terminal.screen());
    CHECK(has(terminal.screen(),
              "items: the mark 2024-01-01T00:16:40.000Z and the position are "
              "forgotten\r\n"
              "The next sync reads the stream from `start`, as the first "
              "did.\r\n"
              "1,000 rows of the table and 0 rejects are deleted.\r\n"));
    SUBCASE("yes") {
      terminal.type("yes\n");
      CHECK(terminal.wait() == 0);
      CHECK(has(terminal.screen(), "deleted 1,000 rows and 0 rejects"));
      CHECK(value(stream.database(), "SELECT count(*) FROM items") == "0");
    }
    SUBCASE("no") {
      terminal.type("no\n");
      CHECK(terminal.wait() == 64);
      CHECK(value(stream.database(), "SELECT count(*) FROM items") == "1000");
      CHECK(stream.mark() == first_mark);
    }
  }

  TEST_CASE("without --rows says that the rows stay") {
    const Stream stream;
    Terminal terminal(at_terminal(stream, {"reset", "items"}));
    REQUIRE(terminal.shows("Go on? [y/N] "));
    CHECK(has(terminal.screen(), "The table's rows stay.\r\n"));
  }

  TEST_CASE("helps with a checkpoint that cannot be read") {
    const Stream stream;
    execute(stream.database(),
            "UPDATE pipeline_checkpoints SET complete_anchor = 'nonsense'");
    Terminal terminal(at_terminal(stream, {"reset", "items"}));
    REQUIRE_MESSAGE(terminal.shows("Go on? [y/N] "), terminal.screen());
    terminal.type("y\n");
    CHECK(terminal.wait() == 0);
    CHECK(stream.sync().exit_code == ExitCode::ok);
  }

  TEST_CASE("before the first sync does nothing and makes no database") {
    const SyncFixture fixture(items_stream);
    const auto result = run(fixture.dir(), {"reset", "items", "--yes", "-c",
                                            fixture.config().string()});
    CHECK(result.code == 0);
    CHECK(has(result.out, "items: forgot where it stood, without a mark"));
    Terminal terminal(at_terminal(fixture, {"reset", "items"}));
    CHECK(terminal.shows("Go on? [y/N] "));
    CHECK_FALSE(std::filesystem::exists(fixture.database()));
  }

  TEST_CASE(
      "where the database cannot be looked for, it is not said to be none") {
    const SyncFixture fixture(items_stream);
    std::filesystem::create_symlink("test.db", fixture.database());
    const auto result = run(fixture.dir(), {"reset", "items", "--yes", "-c",
                                            fixture.config().string()});
    CHECK(result.code == 73);
    CHECK_MESSAGE(has(result.err, "cannot find the database"), result.err);
  }

  TEST_CASE("says before it asks that the file cannot be opened") {
    const Stream stream;
    FaultVfs vfs;
    vfs.watch(FaultVfs::Call::open, true);
    std::size_t failed = 0;
    for (std::size_t call = 0;; ++call) {
      vfs.fail(call);
      bool refused = false;
      try {
        plan_reset(stream.config(), "items", false);
      } catch (const Error&) {
        refused = true;
      }
      if (vfs.failures() == 0) {
        CHECK_FALSE(refused);
        break;
      }
      if (has(vfs.what(), "open")) {
        CAPTURE(call);
        CHECK(refused);
        ++failed;
      }
    }
    CHECK(failed > 2);  // over more than one connection
  }

  TEST_CASE("does not delete the rows of a table that is not the stream's") {
    const Stream stream;
    execute(stream.database(),
            "DELETE FROM pipeline_meta WHERE key = 'table:items'");
    const auto result = stream.run({"reset", "items", "--rows", "--yes"});
    CHECK(result.code == 78);
    CHECK(value(stream.database(), "SELECT count(*) FROM items") == "1000");
    CHECK(stream.mark() == first_mark);
  }
}

TEST_SUITE("runs") {
  TEST_CASE("tells the history newest first, with reasons") {
    Stream stream;
    stream.server.set_hook([](const auto&, auto& response) {
      response.status = 500;
      response.set_content("{\"message\":\"down\"}", "application/json");
      return true;
    });
    REQUIRE(stream.sync().exit_code == ExitCode::temporary);
    REQUIRE(
        stream.run({"rewind", "items", "--to", "2024-01-01", "--yes"}).code ==
        0);
    const auto result = stream.run({"runs"});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    std::istringstream lines(result.out);
    std::vector<std::string> shown;
    for (std::string line; std::getline(lines, line);) {
      shown.push_back(line);
    }
    REQUIRE(shown.size() == 5);
    CHECK(shown[0].starts_with("run  stream  mode         began"));
    CHECK(shown[1].starts_with("  3  items   rewind       20"));
    CHECK(shown[1].ends_with("2024-01-01T00:00:00.000Z"));
    CHECK(shown[2].starts_with("  2  items   incremental  20"));
    CHECK(has(shown[2], "  failed  "));
    CHECK_MESSAGE(shown[3].starts_with("  GET http://127.0.0.1:"), result.out);
    CHECK(has(shown[3], "500"));
    CHECK(shown[4].starts_with("  1  items   incremental  20"));
    CHECK(has(shown[4], "  ok         1,000     1,000        0  "));
    CHECK(shown[4].ends_with("2024-01-01T00:16:40.000Z"));

    const auto limited = stream.run({"runs", "--limit", "1"});
    CHECK(has(limited.out, "rewind"));
    CHECK_FALSE(has(limited.out, "incremental"));
    CHECK(stream.run({"runs", "--limit", "0"}).code == 64);
  }

  TEST_CASE("answers in JSON with everything that is kept") {
    const Stream stream;
    const auto answer = Json::parse(stream.run({"runs", "--json"}).out);
    CHECK(answer["type"] == "runs");
    REQUIRE(answer["runs"].size() == 1);
    const auto& run = answer["runs"][0];
    CHECK(run["run_id"] == 1);
    CHECK(run["stream"] == "items");
    CHECK(run["source"] == "s");
    CHECK(run["mode"] == "incremental");
    CHECK(run["outcome"] == "ok");
    CHECK(run["exit_code"] == 0);
    CHECK(run["fetched"] == 1000);
    CHECK(run["inserted"] == 1000);
    CHECK(run["requests"] == 100);
    CHECK(run["mark_before"].is_null());
    CHECK(run["mark_after"] == "2024-01-01T00:16:40.000Z");
    CHECK(run["duration_s"].is_number());
    CHECK(run["started_at"].get<std::string>().ends_with("Z"));
    CHECK(run["error"].is_null());
  }

  TEST_CASE("shows only the streams that are named, backfills among theirs") {
    auto streams = items_stream;
    auto other = items_stream;
    other.replace(other.find("items"), 5, "other");
    Stream stream(streams + other);
    REQUIRE(stream.run({"sync", "other", "--since", "2024-01-01"}).code == 0);
    const auto result = stream.run({"runs", "other"});
    CHECK_FALSE(has(result.out, "items"));
    CHECK(has(result.out, "other@backfill  backfill"));
    CHECK(has(result.out, "other           incremental"));
    const auto both = Json::parse(
        stream.run({"runs", "items", "other", "--limit", "2", "--json"})
            .out)["runs"];
    REQUIRE(both.size() == 2);
    CHECK(both[0]["stream"] == "other@backfill");
    CHECK(both[1]["stream"] == "items");
    CHECK(stream.run({"runs", "othre"}).code == 64);
  }

  TEST_CASE("before the first sync says so, and that is no failure") {
    const SyncFixture fixture(items_stream);
    const auto config = fixture.config().string();
    const auto result = run(fixture.dir(), {"runs", "-c", config});
    CHECK(result.code == 0);
    CHECK(result.out == "no run yet: strandline sync makes the first\n");
    CHECK(run(fixture.dir(), {"runs", "--json", "-c", config}).out ==
          "{\"type\":\"runs\",\"runs\":[]}\n");
    CHECK_FALSE(std::filesystem::exists(fixture.database()));
  }

  TEST_CASE("tells a killed run from one that is at work") {
    Stream stream;
    std::atomic<int> requests{0};
    std::string while_at_work;
    stream.server.set_hook([&](const auto&, auto&) {
      if (++requests == 1) {
        while_at_work = stream.run({"runs", "--limit", "1"}).out;
      }
      return false;
    });
    Child child(stream.dir(),
                {program(), "sync", "-c", stream.config().string()});
    while (requests < 2) {
      std::this_thread::yield();
    }
    child.kill(SIGKILL);
    child.wait();
    stream.server.set_hook({});
    CHECK_MESSAGE(has(while_at_work, "  running  "), while_at_work);
    const auto killed = stream.run({"runs"});
    CHECK_MESSAGE(has(killed.out, "  killed  "), killed.out);
    CHECK(has(killed.out, "  the process ended without a word"));
    CHECK(value(stream.database(),
                "SELECT outcome FROM pipeline_runs WHERE run_id = 2") ==
          "running");
    REQUIRE(stream.sync().exit_code == ExitCode::ok);
    const auto json = Json::parse(stream.run({"runs", "--json"}).out);
    CHECK(json["runs"][0]["outcome"] == "ok");
    CHECK(json["runs"][1]["outcome"] == "killed");
    CHECK(json["runs"][1]["duration_s"].is_null());
  }

  TEST_CASE("a run that ends while the history is read is not told as killed") {
    const Stream stream;
    CHECK(outcomes(stream, "", "") == std::vector<std::string>{"killed"});
    CHECK(outcomes(stream, "UPDATE pipeline_runs SET outcome = 'ok'", "") ==
          std::vector<std::string>{"ok"});
  }

  TEST_CASE("a run that begins while the history is read is at work") {
    const Stream stream;
    CHECK(outcomes(stream, "",
                   "INSERT INTO pipeline_runs (run_id, pipeline_name, "
                   "started_at, outcome) VALUES (2, 's.items', "
                   "'2024-01-01T00:00:00Z', 'running')") ==
          std::vector<std::string>{"running", "killed"});
  }
}
