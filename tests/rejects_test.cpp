// SPDX-License-Identifier: MIT
//
// Records that do not fit, over whole runs: how many may, what is shown of them
// and what becomes of them after a fix.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "child.hpp"
#include "store/store.hpp"
#include "strandline/error.hpp"
#include "strandline/rejects.hpp"
#include "sync_fixture.hpp"
#include "terminal.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

// The list of items with pages of 100, and a number that may not be one.
std::string counted(const std::string& more = "",
                    const char* type = "integer") {
  return fmt::format(R"(
[stream.items]
get     = "/items"
query   = {{ since = "${{from}}", limit = 100 }}
records = "data"
key     = "id"
cursor  = {{ field = "updated_at", order = "ascending" }}
page    = {{ token = "meta/next", param = "after" }}
{}
[stream.items.columns]
id = "id"
n = {{ path = "n", type = "{}" }}
)",
                     more, type);
}

nlohmann::json numbered(int id, bool good) {
  auto record = item(id);
  record["n"] = good ? nlohmann::json(id) : nlohmann::json("much");
  return record;
}

// `count` records, of which those for which `is_bad` is true do not fit.
template <typename Test>
std::vector<nlohmann::json> numbered_items(int count, Test is_bad) {
  std::vector<nlohmann::json> records;
  for (int id = 1; id <= count; ++id) {
    records.push_back(numbered(id, !is_bad(id)));
  }
  return records;
}

std::string note(const Failure& failure, const std::string& label) {
  const auto found =
      std::find_if(failure.notes.begin(), failure.notes.end(),
                   [&](const Note& each) { return each.label == label; });
  return found == failure.notes.end() ? "" : found->text;
}

}  // namespace

TEST_SUITE("too many rejects") {
  TEST_CASE("a stream that has changed its shape stops, and goes on after it") {
    SyncFixture fixture(counted());
    fixture.server.set(numbered_items(2500, [](int id) { return id > 1000; }));
    const auto first = fixture.sync();
    CHECK(first.exit_code == ExitCode::data);
    REQUIRE(first.streams.size() == 1);
    const auto& stream = first.streams.front();
    CHECK(stream.outcome == "failed");
    CHECK_FALSE(stream.complete);
    CHECK_FALSE(stream.mark_after);
    CHECK(stream.warnings.empty());
    REQUIRE(stream.failure);
    CHECK(stream.failure->message ==
          "1000 of 2000 records did not fit, more than max_rejects = \"10%\" "
          "allows");
    CHECK(note(*stream.failure, "reason") ==
          "of 1000: 'n' holds 'much', which is not an integer of 64 bits");
    CHECK(note(*stream.failure, "kept") ==
          "1000 records, and what did not fit with its reason; the next run "
          "reads the last of them again");
    CHECK(std::count_if(
              stream.failure->notes.begin(), stream.failure->notes.end(),
              [](const Note& each) { return each.label == "kept"; }) == 1);
    CHECK(has(note(*stream.failure, "try"), "strandline rejects items"));
    CHECK(read_status(fixture.config()).front().freshness ==
          Freshness::failing);

    // It stops at the same place, and keeps each record once.
    const auto rejects =
        "SELECT count(*), min(first_run_id), min(last_run_id), "
        "count(resolved_at) FROM pipeline_rejects";
    CHECK(query(fixture.database(), rejects) == Rows{{"1000", "1", "1", "0"}});
    fixture.server.take_requests();
    const auto second = fixture.sync();
    CHECK(second.exit_code == ExitCode::data);
    CHECK(second.streams.front().resumed);
    CHECK(has(fixture.server.take_requests().front(), "after=1000"));
    CHECK(query(fixture.database(), rejects) == Rows{{"1000", "1", "2", "0"}});
    CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "1000");

    // The source has come to its senses.
    fixture.server.set(numbered_items(2500, [](int) { return false; }));
    const auto third = fixture.sync();
    CHECK(third.exit_code == ExitCode::ok);
    CHECK(third.streams.front().mark_after == "2024-01-01T00:41:40.000Z");
    CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "2500");
    CHECK(query(fixture.database(), rejects) ==
          Rows{{"1000", "1", "2", "1000"}});
  }

  TEST_CASE("a list that ends in the batch leaves the mark as well") {
    SyncFixture fixture(counted("max_rejects = 3"));
    fixture.server.set(numbered_items(20, [](int id) { return id > 16; }));
    const auto stopped = fixture.sync();
    CHECK(stopped.exit_code == ExitCode::data);
    CHECK(stopped.streams.front().failure->message ==
          "4 of 20 records did not fit, more than max_rejects = 3 allows");
    CHECK_FALSE(stopped.streams.front().mark_after);
    fixture.configure(counted("max_rejects = 4"));
    const auto passed = fixture.sync();
    CHECK(passed.exit_code == ExitCode::ok);
    CHECK(passed.streams.front().mark_after == "2024-01-01T00:00:16.000Z");
    CHECK(passed.streams.front().counts.unchanged == 16);
  }

  TEST_CASE("ten of a short list may, without a word in the configuration") {
    SyncFixture fixture(counted());
    fixture.server.set(numbered_items(12, [](int id) { return id > 2; }));
    const auto warned = fixture.sync();
    CHECK(warned.exit_code == ExitCode::ok);
    CHECK(warned.streams.front().warnings ==
          std::vector<std::string>{
              "10 records did not fit: strandline rejects items says why"});
    fixture.server.set(numbered_items(12, [](int id) { return id > 1; }));
    CHECK(fixture.sync(true).exit_code == ExitCode::data);
  }

  TEST_CASE("a share is judged over the run, not over a page of it") {
    SyncFixture fixture(counted());
    // A whole page of nothing else, of twenty.
    fixture.server.set(
        numbered_items(2000, [](int id) { return id > 100 && id <= 200; }));
    CHECK(fixture.sync().exit_code == ExitCode::ok);
  }

  TEST_CASE("the program says how many, why, and what to do") {
    SyncFixture fixture(counted("max_rejects = \"2.5%\""));
    fixture.server.set(numbered_items(200, [](int id) { return id <= 6; }));
    const auto result =
        run(fixture.dir(), {"sync", "-c", fixture.config().string()});
    CHECK(result.code == 65);
    CHECK(has(result.err,
              "strandline: items: 6 of 200 records did not fit, more than "
              "max_rejects = \"2.5%\" allows\n  reason    of 6: 'n' holds"));
    CHECK(has(result.err, "\n  kept      194 records"));
    CHECK(has(result.err, "\n  try       strandline rejects items"));
  }
}

namespace {

Result rejects(const SyncFixture& fixture, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "rejects");
  arguments.insert(arguments.end(), {"-c", fixture.config().string()});
  return run(fixture.dir(), std::move(arguments));
}

nlohmann::json in_json(const SyncFixture& fixture,
                       std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  return nlohmann::json::parse(rejects(fixture, std::move(arguments)).out);
}

// Three records, of which the second and third do not fit.
void sync_three(SyncFixture& fixture) {
  fixture.server.set(numbered_items(3, [](int id) { return id > 1; }));
  REQUIRE(fixture.sync().exit_code == ExitCode::ok);
}

}  // namespace

TEST_SUITE("rejects") {
  TEST_CASE("without any says so, with or without a database") {
    SyncFixture fixture(counted());
    CHECK(rejects(fixture, {}).out == "no rejects: every record fits\n");
    CHECK(rejects(fixture, {"retry"}).out ==
          "no open rejects: there is nothing to load\n");
    CHECK_FALSE(std::filesystem::exists(fixture.database()));
    fixture.server.set(items(3));
    fixture.sync();
    CHECK(rejects(fixture, {}).out == "no rejects: every record fits\n");
    CHECK(in_json(fixture, {}) ==
          nlohmann::json::parse(
              R"({"type": "rejects", "total": 0, "rejects": []})"));
    const auto retried = in_json(fixture, {"retry"});
    CHECK(retried["ok"] == true);
    CHECK(retried["run_id"] == nullptr);
    // Nothing was done, and there is no run of it.
    CHECK(value(fixture.database(), "SELECT count(*) FROM pipeline_runs") ==
          "1");
  }

  TEST_CASE("are shown with key, reason, times and run") {
    SyncFixture fixture(counted());
    sync_three(fixture);
    const auto shown = rejects(fixture, {});
    CHECK(shown.code == 0);
    CHECK(has(shown.out, "stream  key  first seen            last seen"));
    CHECK(has(shown.out, "\nitems   2    20"));
    CHECK(has(shown.out,
              "Z    1\n  'n' holds 'much', which is not an integer of 64 "
              "bits\n"));
    CHECK_FALSE(has(shown.out, "\"updated_at\""));
    CHECK(has(rejects(fixture, {"--raw"}).out,
              "\n  "
              R"({"id":2,"n":"much","name":"item 2","updated_at":)"));
    CHECK(rejects(fixture, {"-v"}).out == rejects(fixture, {"--raw"}).out);
    const auto one = rejects(fixture, {"items", "-n", "1"});
    CHECK(has(one.out, "1 of 2 rejects; --limit N shows more\n"));
    CHECK(has(one.out, "items   2 "));
    CHECK_FALSE(has(one.out, "items   3 "));

    const auto json = in_json(fixture, {"--limit", "1"});
    CHECK(json["total"] == 2);
    REQUIRE(json["rejects"].size() == 1);
    const auto& entry = json["rejects"][0];
    CHECK(entry["stream"] == "items");
    CHECK(entry["source"] == "s");
    CHECK(entry["key"] == "[\"2\"]");
    CHECK(entry["first_run_id"] == 1);
    CHECK(entry["last_run_id"] == 1);
    CHECK(entry["resolved_at"] == nullptr);
    CHECK_FALSE(entry.contains("raw"));
    CHECK(in_json(fixture, {"--raw"})["rejects"][0]["raw"].is_string());

    const auto unknown = rejects(fixture, {"itms"});
    CHECK(unknown.code == 64);
    CHECK(has(unknown.err, "did you mean 'items'?"));
  }

  TEST_CASE("what a source sent does not reach the terminal as it stands") {
    SyncFixture fixture(counted());
    auto record = numbered(1, true);
    record["n"] =
        "\x1b]0;title\x07\xc2\x9b"
        "31m";
    fixture.server.set({record});
    fixture.sync();
    execute(fixture.database(),
            "UPDATE pipeline_rejects SET record_key = '[\"' || char(27) || "
            "'[2J\"]', raw = raw || char(27)");
    for (const auto& shown : {rejects(fixture, {"--raw"}).out,
                              rejects(fixture, {"--raw", "--json"}).out}) {
      CAPTURE(shown);
      CHECK_FALSE(has(shown, "\x1b"));
      CHECK_FALSE(has(shown, "\x07"));
    }
    CHECK(has(rejects(fixture, {}).out, "\\x1B[2J"));
    // As the key of a record is written.
    execute(
        fixture.database(),
        "UPDATE pipeline_rejects SET record_key = '[\"\\u001b[3J\",\"b\"]'");
    CHECK(has(rejects(fixture, {}).out, " \\x1B[3J, b "));
  }

  TEST_CASE("have lines of the terminal's width, and elsewhere one") {
    SyncFixture fixture(counted());
    sync_three(fixture);
    execute(
        fixture.database(),
        "UPDATE pipeline_rejects SET reason = 'ää b c d e f g h i j k l m n "
        "ö' || substr(' ' || hex(zeroblob(300)), 1, 400)");
    Terminal terminal(
        {program(), "rejects", "-n", "1", "-c", fixture.config().string()},
        std::chrono::seconds(10), 20);
    CHECK(terminal.wait() == 0);
    CHECK(has(terminal.screen(),
              "\r\n  ää b c d e f g h i\r\n  j k l m n ö\r\n  00000"));
    const auto piped = rejects(fixture, {}).out;
    CHECK(has(piped, "\n  ää b c d e f g h i j k l m n ö 00000"));
    CHECK(has(piped, "000…\n"));
    CHECK_FALSE(has(piped, std::string(300, '0')));
  }

  TEST_CASE("that are resolved are shown only if asked for") {
    SyncFixture fixture(counted());
    sync_three(fixture);
    fixture.server.put(numbered(2, true));
    fixture.sync();
    CHECK(in_json(fixture, {})["total"] == 1);
    const auto all = in_json(fixture, {"--all"});
    CHECK(all["total"] == 2);
    CHECK(has(rejects(fixture, {"--all"}).out, "\n  resolved 20"));
  }
}

TEST_SUITE("rejects retry") {
  TEST_CASE("loads what fits after a fix, without network and secrets") {
    SyncFixture fixture(counted());
    sync_three(fixture);
    const auto state = [&] {
      return query(fixture.database(),
                   "SELECT * FROM pipeline_checkpoints ORDER BY 1");
    };
    const auto checkpoints = state();
    execute(fixture.database(),
            "UPDATE pipeline_runs SET started_at = '2024-01-01T00:00:00.000Z'");
    const auto before = read_status(fixture.config()).front();
    fixture.server.take_requests();
    // The number stands elsewhere, and the token is nowhere.
    fixture.configure(std::regex_replace(counted(), std::regex("path = \"n\""),
                                         "path = \"id\""),
                      "auth = \"bearer\"\ntoken = { env = \"NO_SUCH_TOKEN\" "
                      "}\nallow_http = true\n");
    const auto result = rejects(fixture, {"retry", "items"});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK(result.out ==
          "stream  loaded  outdated  still rejected\n"
          "items        2         0               0\n");
    CHECK(fixture.server.take_requests().empty());
    CHECK(query(fixture.database(),
                "SELECT id, n, _run_id FROM items ORDER BY 1") ==
          Rows{{"1", "1", "1"}, {"2", "2", "2"}, {"3", "3", "2"}});
    CHECK(query(fixture.database(),
                "SELECT run_id, pipeline_name, mode, outcome, inserted, "
                "requests FROM pipeline_runs WHERE run_id > 1") ==
          Rows{{"2", "s.items", "retry", "ok", "2", "0"}});
    CHECK(state() == checkpoints);
    const auto after = read_status(fixture.config()).front();
    CHECK(after.rejects == 0);
    CHECK(after.last_success == before.last_success);
    CHECK(after.last_attempt == before.last_attempt);
  }

  TEST_CASE("says with --dry-run what would load, and changes nothing") {
    SyncFixture fixture(counted());
    sync_three(fixture);
    fixture.configure(std::regex_replace(counted(), std::regex("path = \"n\""),
                                         "path = \"id\""));
    const auto state = [&] {
      Rows all;
      for (const auto* table : {"items", "pipeline_rejects", "pipeline_runs",
                                "pipeline_checkpoints", "pipeline_meta"}) {
        for (auto& row :
             query(fixture.database(), std::string("SELECT * FROM ") + table)) {
          all.push_back(std::move(row));
        }
      }
      return all;
    };
    const auto before = state();
    const auto result = rejects(fixture, {"retry", "--dry-run"});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK(result.out ==
          "stream  loaded  outdated  still rejected\n"
          "items        2         0               0\n"
          "nothing was changed: without --dry-run it is\n");
    CHECK(state() == before);
    const auto said = in_json(fixture, {"retry", "--dry-run"});
    CHECK(said["dry_run"] == true);
    CHECK(said["run_id"].is_null());
    CHECK(said["streams"][0]["loaded"] == 2);
    CHECK(in_json(fixture, {"retry"})["dry_run"] == false);
    CHECK(rejects(fixture, {"retry", "--dry-run"}).out ==
          "no open rejects: there is nothing to load\n");
  }

  TEST_CASE("reads a record as the list that sent it") {
    const std::string columns =
        "[stream.items.columns]\nid = \"id\"\n"
        "n = { path = \"n\", type = \"integer\" }\n";
    const auto stream = [&](const std::string& of_columns) {
      return "[stream.items]\nget = \"/items\"\nkey = \"id\"\n" + of_columns +
             "[stream.items.also]\nget = \"/items?old\"\nfields = \"was\"\n"
             "key = \"number\"\ndeleted = { when = \"/gone\" }\n";
    };
    SyncFixture fixture(stream(columns));
    fixture.server.set_hook([](const auto& request, auto& response) {
      response.set_content(
          request.has_param("old")
              ? R"([{"was":{"number":2,"n":"b"}},{"was":{"number":3,"n":"c"}}])"
              : R"([{"id":1,"n":"a"},{"id":4,"n":"d"}])",
          "application/json");
      return true;
    });
    REQUIRE(fixture.sync().exit_code == ExitCode::ok);
    CHECK(query(fixture.database(),
                "SELECT record_key, list FROM pipeline_rejects ORDER BY 1") ==
          Rows{{R"(["1"])", ""},
               {R"(["2"])", "@also"},
               {R"(["3"])", "@also"},
               {R"(["4"])", ""}});
    // In turn, so that the members that `*` meets are numbered list by list.
    execute(fixture.database(),
            "UPDATE pipeline_rejects SET last_run_id = "
            "substr(record_key, 3, 1)");
    fixture.configure(stream("columns = [\"*\"]\n"));
    CHECK(retry_rejects(fixture.config(), {}).streams.front().loaded == 4);
    CHECK(query(fixture.database(), "SELECT id, n FROM items ORDER BY 1") ==
          Rows{{"1", "a"}, {"2", "b"}, {"3", "c"}, {"4", "d"}});
  }

  TEST_CASE("makes no stream fresh, and does not hide that it fails") {
    SyncFixture fixture(counted());
    sync_three(fixture);
    execute(fixture.database(),
            "UPDATE pipeline_runs SET outcome = 'failed', error = 'no', "
            "lateness_s = 1000");
    rejects(fixture, {"retry"});
    const auto status = read_status(fixture.config()).front();
    CHECK(status.freshness == Freshness::failing);
    CHECK(status.last_error == "no");
    // Nor does it push out of the last thirty what was late.
    for (int i = 0; i < 30; ++i) {
      retry_rejects(fixture.config(), {});
    }
    CHECK(read_status(fixture.config()).front().lateness.has_value());
  }

  TEST_CASE("what still does not fit stays, with its new reason") {
    SyncFixture fixture(counted());
    sync_three(fixture);
    fixture.configure(counted("", "boolean"));
    const auto result = rejects(fixture, {"retry"});
    CHECK(result.code == 0);
    CHECK(result.out ==
          "stream  loaded  outdated  still rejected\n"
          "items        0         0               2\n"
          "next: strandline rejects, which says why they do not fit\n");
    CHECK(has(rejects(fixture, {}).out,
              "'n' holds 'much', which is not a boolean"));
    const auto json = in_json(fixture, {"retry"});
    CHECK(json["ok"] == true);
    CHECK(json["run_id"] == 3);
    CHECK(json["streams"][0]["rejected"] == 2);
    CHECK(json["streams"][0]["error"] == nullptr);
    CHECK(rejects(fixture, {"retry", "-q"}).out.empty());
  }

  TEST_CASE("a record is read as in an answer, wherever it stood in it") {
    const std::string streams = R"(
[stream.items]
get     = "/items"
query   = { limit = 100 }
records = "data"
fields  = "values"
key     = "/id"
page    = { token = "meta/next", param = "after" }
columns = { n = { type = "integer" } }
)";
    SyncFixture fixture(streams);
    fixture.configure(streams, "error = \"problem\"\n");
    fixture.server.set({{{"id", 1},
                         {"updated_at", ""},
                         {"problem", "none of the answer's"},
                         {"values", {{"n", "x"}, {"m", "\"7"}}}}});
    fixture.sync();
    fixture.configure(
        std::regex_replace(streams, std::regex("integer"), "text"),
        "error = \"problem\"\n");
    CHECK(retry_rejects(fixture.config(), {}).streams.front().loaded == 1);
    CHECK(query(fixture.database(), "SELECT id, n FROM items") ==
          Rows{{"1", "x"}});
  }

  TEST_CASE("many are loaded, with the members that only some of them have") {
    const auto streams = counted("max_rejects = \"100%\"") + "\"*\" = \"*\"\n";
    SyncFixture fixture(streams);
    auto records = numbered_items(1100, [](int) { return true; });
    for (auto& record : records) {
      const int id = record["id"];
      record["m" + std::to_string(id / 400)] = id;
    }
    fixture.server.set(records);
    fixture.sync();
    fixture.configure(std::regex_replace(streams, std::regex("path = \"n\""),
                                         "path = \"id\""));
    CHECK(retry_rejects(fixture.config(), {}).streams.front().loaded == 1100);
    CHECK(query(fixture.database(),
                "SELECT count(m0), count(m1), count(m2), min(m2), sum(id = n), "
                "count(DISTINCT name) FROM items") ==
          Rows{{"399", "400", "301", "800", "1100", "1100"}});
  }

  TEST_CASE("what someone made of a kept record does not stop it") {
    SyncFixture fixture(counted());
    sync_three(fixture);
    execute(fixture.database(),
            "UPDATE pipeline_rejects SET raw = '{\"id\": 2' WHERE record_key = "
            "'[\"2\"]'; UPDATE pipeline_rejects SET raw = '{\"id\":7}, "
            "{\"id\":8}' WHERE record_key = '[\"3\"]'");
    const auto summary = retry_rejects(fixture.config(), {});
    CHECK(summary.exit_code == ExitCode::ok);
    CHECK(summary.streams.front().rejected == 2);
    CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "1");
    CHECK(query(fixture.database(),
                "SELECT substr(reason, 1, 38) FROM pipeline_rejects") ==
          Rows{{"what is kept of it is not one record: "},
               {"what is kept of it is not one record"}});
  }

  TEST_CASE("refuses a file that a run holds, and a table of another's") {
    SyncFixture fixture(counted());
    sync_three(fixture);
    {
      const store::Store other(fixture.database(), model::Journal::wal);
      const auto busy = rejects(fixture, {"retry"});
      CHECK(busy.code == 11);
    }
    execute(fixture.database(),
            "UPDATE pipeline_meta SET value = 's.other' WHERE key = "
            "'table:items'");
    const auto refused = rejects(fixture, {"retry"});
    CHECK(refused.code == 78);
    CHECK(has(refused.err,
              "strandline: items: the table 'items' belongs to s.other"));
    CHECK(query(fixture.database(),
                "SELECT outcome, exit_code FROM pipeline_runs WHERE mode = "
                "'retry'") == Rows{{"failed", "78"}});
    CHECK(in_json(fixture, {"retry"})["streams"][0]["error"]["exit_code"] ==
          78);
  }
}

TEST_SUITE("kept history") {
  TEST_CASE("a run deletes what is older than keep_runs") {
    SyncFixture fixture("");
    fixture.configure(counted(), "", "keep_runs = \"30d\"\n");
    sync_three(fixture);
    for (int i = 0; i < 35; ++i) {
      fixture.sync();
    }
    CHECK(value(fixture.database(), "SELECT count(*) FROM pipeline_runs") ==
          "36");
    execute(fixture.database(),
            "UPDATE pipeline_runs SET finished_at = '2020-01-01T00:00:00.000Z';"
            "UPDATE pipeline_rejects SET resolved_at = "
            "'2020-01-01T00:00:00.000Z' WHERE record_key = '[\"2\"]'");
    fixture.server.set({});
    CHECK(fixture.sync().exit_code == ExitCode::ok);
    CHECK(value(fixture.database(), "SELECT min(run_id) FROM pipeline_runs") ==
          "8");
    CHECK(
        query(fixture.database(), "SELECT record_key FROM pipeline_rejects") ==
        Rows{{"[\"3\"]"}});
  }

  TEST_CASE("a history that cannot be cut fails no run") {
    SyncFixture fixture(counted());
    sync_three(fixture);
    execute(fixture.database(),
            "UPDATE pipeline_rejects SET resolved_at = "
            "'2020-01-01T00:00:00.000Z' WHERE record_key = '[\"2\"]';"
            "CREATE TRIGGER mine BEFORE DELETE ON pipeline_rejects BEGIN "
            "SELECT RAISE(ABORT, 'no'); END");
    fixture.server.set({});
    const auto summary = fixture.sync();
    CHECK(summary.exit_code == ExitCode::ok);
    REQUIRE_FALSE(summary.warnings.empty());
    CHECK(has(summary.warnings.back(), "the history was not cut"));
  }
}
