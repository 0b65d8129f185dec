// SPDX-License-Identifier: MIT
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/demo.hpp"
#include "cli/embedded.hpp"
#include "cli/verbs.hpp"
#include "config/load.hpp"
#include "file_content.hpp"
#include "recording/replay.hpp"
#include "sync/run.hpp"
#include "temp_dir.hpp"

// So that a failed comparison shows the rows.
template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& rows) {
    std::string text;
    for (const auto& row : rows) {
      text += "\n  " + row;
    }
    return text.c_str();
  }
};

using namespace strandline;
using strandline::test::content;
using strandline::test::TempDir;

namespace {

// What goes to std::cout while it lives.
class Capture {
 public:
  Capture() : before_(std::cout.rdbuf(text_.rdbuf())) {}
  ~Capture() { std::cout.rdbuf(before_); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::streambuf* before_;
};

std::string run_demo(const std::filesystem::path& directory,
                     bool json = false) {
  const Capture capture;
  CHECK(cli::demo(directory, json) == 0);
  return capture.text();
}

using Rows = std::vector<std::string>;

// The rows of a query, the columns of each joined with `|`.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& directory)
      : database_((directory / "demo.db").string(), SQLite::OPEN_READONLY) {}

  Rows rows(const std::string& sql) {
    SQLite::Statement query(database_, sql);
    Rows result;
    while (query.executeStep()) {
      std::string row;
      for (int i = 0; i < query.getColumnCount(); ++i) {
        const auto column = query.getColumn(i);
        row += (i == 0 ? "" : "|") +
               (column.isNull() ? std::string("null") : column.getString());
      }
      result.push_back(row);
    }
    return result;
  }

  std::string row(const std::string& sql) {
    const auto all = rows(sql);
    REQUIRE(all.size() == 1);
    return all.front();
  }

 private:
  SQLite::Database database_;
};

// Replays, and notes what it is asked for.
class Witness : public http::Transport {
 public:
  Witness(recording::Replay& replay, std::vector<http::Url>& asked)
      : replay_(replay), asked_(asked) {}

  void send(const http::Request& request, http::Response& response) override {
    asked_.emplace_back(request.url);
    replay_.answer(request, response);
  }

 private:
  recording::Replay& replay_;
  std::vector<http::Url>& asked_;
};

struct Outcome {
  SyncSummary summary;
  std::vector<http::Url> asked;
  std::vector<std::string> unused;
};

// Runs the demo's configuration in `dir` against its recording.
std::vector<Outcome> sync_twice(const TempDir& dir) {
  const auto configuration = config::load(
      dir.write("strandline.toml", std::string(cli::demo_configuration)));
  CHECK(configuration.warnings.empty());
  std::vector<Outcome> outcomes;
  for (const auto& run : cli::demo_runs()) {
    recording::Recording recording;
    recording.exchanges = run.exchanges;
    recording::Replay replay(std::move(recording));
    auto& outcome = outcomes.emplace_back();
    sync::Environment environment;
    environment.now = [&] { return run.at; };
    environment.client = [&](const model::SourceDefinition& source) {
      return std::make_unique<http::Client>(
          source, http::Credentials(),
          std::make_unique<Witness>(replay, outcome.asked));
    };
    outcome.summary = sync::run(configuration, {}, environment);
    outcome.unused = replay.unused();
  }
  REQUIRE(outcomes.size() == 2);
  return outcomes;
}

struct Expected {
  const char* stream;
  const char* mode;
  std::int64_t fetched, inserted, updated, unchanged, requests;
};

void check_outcome(const Outcome& outcome,
                   const std::vector<Expected>& expected) {
  CHECK(outcome.unused.empty());
  CHECK(outcome.summary.exit_code == ExitCode::ok);
  CHECK_FALSE(outcome.summary.failure);
  REQUIRE(outcome.summary.streams.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& is = outcome.summary.streams[i];
    const auto& should = expected[i];
    CAPTURE(should.stream);
    CHECK(is.stream == should.stream);
    CHECK(is.mode == should.mode);
    CHECK(is.complete);
    CHECK_FALSE(is.failure);
    CHECK(is.counts.fetched == should.fetched);
    CHECK(is.counts.inserted == should.inserted);
    CHECK(is.counts.updated == should.updated);
    CHECK(is.counts.unchanged == should.unchanged);
    CHECK(is.counts.rejected == 0);
    CHECK(is.counts.requests == should.requests);
  }
}

// The first query parameter `name` of the requests to a path that ends so.
Rows parameters(const Outcome& outcome, std::string_view path,
                const std::string& name) {
  Rows values;
  for (const auto& url : outcome.asked) {
    if (!url.path().ends_with(path)) {
      continue;
    }
    const auto query = url.query();
    const auto found =
        std::ranges::find(query, name, &http::Query::value_type::first);
    values.push_back(found == query.end() ? "none" : found->second);
  }
  return values;
}

std::string failure_of(const std::filesystem::path& directory) {
  const Capture capture;
  try {
    cli::demo(directory, false);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::cannot_create);
    REQUIRE(error.notes().size() == 1);
    CHECK(error.notes().front().label == "try");
    CHECK(error.notes().front().text.find("strandline demo DIR") !=
          std::string::npos);
    CHECK(capture.text().empty());
    return error.what();
  }
  return "no failure";
}

}  // namespace

TEST_SUITE("demo") {
  TEST_CASE("the first run reads everything, the second what has changed") {
    const TempDir dir;
    const auto outcomes = sync_twice(dir);
    check_outcome(outcomes[0], {{"persons", "incremental", 25, 25, 0, 0, 3},
                                {"accounts", "incremental", 12, 12, 0, 0, 2},
                                {"contacts", "snapshot", 15, 15, 0, 0, 3}});
    check_outcome(outcomes[1], {{"persons", "incremental", 5, 1, 2, 2, 1},
                                {"accounts", "incremental", 2, 0, 1, 1, 1},
                                {"contacts", "snapshot", 15, 1, 1, 13, 3}});
  }

  TEST_CASE("the second run asks from the marks less five minutes") {
    const TempDir dir;
    const auto outcomes = sync_twice(dir);
    const auto& first = outcomes[0].summary.streams;
    CHECK(first[0].mark_after == "2026-03-03T07:57:20.000Z");
    CHECK(first[1].mark_after == "2026-03-02T17:41:09.000Z");
    CHECK_FALSE(first[2].mark_after);
    const std::string soql =
        "SELECT Id, Name, Industry, NumberOfEmployees, AnnualRevenue, "
        "Owner.Name, Parent.Name, SystemModstamp FROM Account WHERE "
        "SystemModstamp >= ";

    CHECK(parameters(outcomes[0], "/persons", "updated_since") ==
          Rows{"none", "none", "none"});
    CHECK(parameters(outcomes[0], "/query", "q") ==
          Rows{soql + "2020-01-01T00:00:00.000Z ORDER BY SystemModstamp"});
    CHECK(parameters(outcomes[1], "/persons", "updated_since") ==
          Rows{"2026-03-03T07:52:20Z"});
    CHECK(parameters(outcomes[1], "/query", "q") ==
          Rows{soql + "2026-03-02T17:36:09.000Z ORDER BY SystemModstamp"});
    CHECK(parameters(outcomes[1], "/contacts", "after") ==
          Rows{"none", "101502", "102175"});
  }

  TEST_CASE("the contact that is gone is marked, and nothing gives a warning") {
    const TempDir dir;
    const auto outcomes = sync_twice(dir);
    for (const auto& outcome : outcomes) {
      CHECK(outcome.summary.warnings.empty());
      CHECK(outcome.summary.streams[0].warnings.empty());
      CHECK(outcome.summary.streams[1].warnings.empty());
    }
    CHECK(outcomes[0].summary.streams[2].warnings.empty());
    CHECK(outcomes[1].summary.streams[2].warnings.empty());
    CHECK(outcomes[1].summary.streams[2].counts.deleted == 1);
  }

  TEST_CASE("every answer has a Date and the run's time is that of its first") {
    for (const auto& run : cli::demo_runs()) {
      REQUIRE_FALSE(run.exchanges.empty());
      for (const auto& exchange : run.exchanges) {
        const auto date = http::find_header(exchange.response_headers, "Date");
        REQUIRE(date);
        REQUIRE(http::parse_date(*date));
        CHECK(*http::parse_date(*date) >= run.at);
      }
      const auto& first = run.exchanges.front();
      CHECK(http::parse_date(
                *http::find_header(first.response_headers, "Date")) == run.at);
    }
  }

  TEST_CASE("the folder has the configuration, the recording and the file") {
    const TempDir dir;
    const auto demo = dir.path() / "a" / "b";
    run_demo(demo);
    CHECK(content(demo / "strandline.toml") == cli::demo_configuration);
    CHECK(content(demo / "demo.har") == cli::demo_recording);
    CHECK(std::filesystem::exists(demo / "demo.db"));
    CHECK_FALSE(std::filesystem::exists(demo / "demo.db-wal"));
  }

  TEST_CASE("rows that did not change keep the run that wrote them") {
    const TempDir dir;
    run_demo(dir.path());
    Reader reader(dir.path());
    const auto runs = [&](const std::string& table) {
      return reader.rows(
          "SELECT _run_id, _synced_at, count(*), count(_deleted_at) FROM " +
          table + " GROUP BY 1, 2 ORDER BY 1");
    };
    const std::string first = "1|2026-03-03T08:00:05.000Z|";
    const std::string second = "2|2026-03-03T13:00:05.000Z|";
    CHECK(runs("persons") == Rows{first + "23|0", second + "3|0"});
    CHECK(runs("accounts") == Rows{first + "11|0", second + "1|0"});
    CHECK(runs("contacts") == Rows{first + "13|0", second + "3|1"});
    CHECK(
        reader.rows("SELECT name FROM persons WHERE _run_id = 2 ORDER BY 1") ==
        Rows{"Giulia Ferretti", "Renée Laurent", "Yusuf Demir"});
    CHECK(reader.rows("SELECT name FROM accounts WHERE _run_id = 2") ==
          Rows{"Fernhill & Daughters"});
    CHECK(reader.rows("SELECT firstname FROM contacts WHERE _run_id = 2 "
                      "AND _deleted_at IS NULL ORDER BY 1") ==
          Rows{"Nils", "Pia"});
  }

  TEST_CASE("persons have the declared columns with values out of the nested") {
    const TempDir dir;
    run_demo(dir.path());
    Reader reader(dir.path());
    CHECK(
        reader.row("SELECT name, email, phone, org_id, labels, lead_source, "
                   "budget, currency, added, updated FROM persons "
                   "WHERE id = 6") ==
        "Edmund Hale|edmund.hale@example.com|+1 555 0106|13|[1,3]|Trade fair|"
        "30000.0|EUR|2024-02-28T16:20:18.000000Z|2025-09-22T13:40:00.000000Z");
    CHECK(
        reader.row("SELECT name, email, org_id, lead_source, budget, currency "
                   "FROM persons WHERE id = 18") ==
        "Jonas Weber|null|16|null|950.0|EUR");
    CHECK(reader.row("SELECT budget, currency FROM persons WHERE id = 1") ==
          "null|null");
    CHECK(reader.row("SELECT typeof(id), typeof(name), typeof(org_id), "
                     "typeof(labels), typeof(budget), typeof(added) "
                     "FROM persons WHERE id = 6") ==
          "integer|text|integer|text|real|text");
    CHECK(reader.rows("SELECT name FROM pragma_table_info('persons')") ==
          Rows{"id", "name", "email", "phone", "org_id", "labels",
               "lead_source", "budget", "currency", "added", "updated",
               "_run_id", "_synced_at", "_deleted_at"});
  }

  TEST_CASE("accounts have their stamps in UTC and their owners' names") {
    const TempDir dir;
    run_demo(dir.path());
    Reader reader(dir.path());
    CHECK(reader.row("SELECT * FROM (SELECT id, name, industry, employees, "
                     "revenue, owner, parent, modified, _run_id FROM accounts) "
                     "WHERE name LIKE 'Iron%'") ==
          "001Hr00000Ac009IAB|Ironbark Timber|Manufacturing|62|null|Tom Ashby|"
          "Cobalt Foundry|2025-10-17T06:52:20.000000Z|1");
    CHECK(
        reader.row("SELECT parent, revenue, typeof(revenue), "
                   "typeof(employees) FROM accounts WHERE name LIKE 'East%'") ==
        "null|51200000.5|real|integer");
  }

  TEST_CASE("contacts have a column for every property") {
    const TempDir dir;
    run_demo(dir.path());
    Reader reader(dir.path());
    CHECK(reader.row("SELECT id, email, firstname, lastname, lifecyclestage, "
                     "num_associated_deals, createdate, hs_object_id "
                     "FROM contacts WHERE id = '102240'") ==
          "102240|nils.aalto@example.com|Nils|Aalto|customer|2|"
          "2025-11-24T16:02:59.497000Z|102240");
    CHECK(reader.row("SELECT typeof(id), typeof(num_associated_deals), "
                     "typeof(lastmodifieddate), typeof(hs_object_id) "
                     "FROM contacts WHERE id = '102240'") ==
          "text|integer|text|text");
    CHECK(reader.row("SELECT lastname, num_associated_deals FROM contacts "
                     "WHERE firstname = 'Chiara'") == "null|null");
    CHECK(reader.row("SELECT count(*) FROM contacts") == "16");
  }

  TEST_CASE("the marks and the history of both runs are in the file") {
    const TempDir dir;
    run_demo(dir.path());
    Reader reader(dir.path());
    CHECK(reader.rows("SELECT pipeline_name, last_processed_at, last_run_id, "
                      "complete_number FROM pipeline_checkpoints ORDER BY 1") ==
          Rows{"crm.accounts|2026-03-03T09:15:42.000000000Z|2|2",
               "crm.contacts|null|2|2",
               "crm.persons|2026-03-03T11:05:30.000000000Z|2|2"});
    CHECK(reader.rows("SELECT run_id, count(*), sum(fetched), sum(inserted), "
                      "sum(updated), sum(unchanged), sum(requests) "
                      "FROM pipeline_runs WHERE outcome = 'ok' GROUP BY 1") ==
          Rows{"1|3|52|52|0|0|8", "2|3|22|2|4|16|5"});
    CHECK(reader.row("SELECT count(*) FROM pipeline_rejects") == "0");
  }

  TEST_CASE("a person reads what happened on a screen, and what to try next") {
    const TempDir dir;
    const auto text = run_demo(dir.path() / "my demo's");
    CAPTURE(text);
    const auto lines = std::ranges::count(text, '\n');
    CHECK(lines >= 8);
    CHECK(lines <= 25);
    const auto quoted =
        "'" + (dir.path() / R"(my demo'\''s)").string() + "/demo.db'";
    CHECK(text.find("  sqlite3 -box " + quoted + " \"SELECT name") !=
          std::string::npos);
    for (const auto* part :
         {"\nFirst sync", "\nSecond sync", "\nrun 1: 8 requests",
          "\nrun 2: 5 requests", "\n  strandline status --config '"}) {
      CAPTURE(part);
      CHECK(text.find(part) != std::string::npos);
    }
  }

  TEST_CASE("a program reads a summary of each run and nothing else") {
    const TempDir dir;
    std::istringstream lines(run_demo(dir.path(), true));
    std::int64_t runs = 0;
    for (std::string line; std::getline(lines, line);) {
      const auto summary = nlohmann::json::parse(line);
      CHECK(summary.at("type") == "summary");
      CHECK(summary.at("ok") == true);
      CHECK(summary.at("run_id") == ++runs);
    }
    CHECK(runs == 2);
  }

  TEST_CASE("a second demo in the same folder is refused") {
    const TempDir dir;
    run_demo(dir.path());
    const auto database = content(dir.path() / "demo.db");
    CHECK(failure_of(dir.path()) ==
          (dir.path() / "demo.db").string() + " is there already");
    CHECK(content(dir.path() / "demo.db") == database);
  }

  TEST_CASE("a file of the user's is not written over") {
    for (const auto* name : {"strandline.toml", "demo.har"}) {
      CAPTURE(name);
      const TempDir dir;
      const auto file = dir.write(name, "mine");
      CHECK(failure_of(dir.path()) == file.string() + " is there already");
      CHECK(content(file) == "mine");
      CHECK_FALSE(std::filesystem::exists(dir.path() / "demo.db"));
    }
    const TempDir dir;
    const auto link = dir.path() / "demo.har";
    std::filesystem::create_symlink(dir.path() / "elsewhere", link);
    CHECK(failure_of(dir.path()) == link.string() + " is there already");
    CHECK_FALSE(std::filesystem::exists(dir.path() / "elsewhere"));
  }

  TEST_CASE("a run that fails ends the demo with its reason") {
    const TempDir dir;
    const auto lock = dir.path() / "demo.db.lock";
    std::filesystem::create_directory(lock);
    const Capture capture;
    try {
      cli::demo(dir.path(), false);
      FAIL("no failure");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::cannot_create);
      CHECK(error.what() ==
            "cannot open the lock file " + lock.string() + ": Is a directory");
    }
    CHECK(capture.text().find("Second sync") == std::string::npos);
  }

  TEST_CASE("a folder that cannot be made is said to be so") {
    const TempDir dir;
    const auto file = dir.write("file", "");
    const auto below = file / "demo";
    CHECK(failure_of(below) ==
          "cannot make the folder " + below.string() + ": Not a directory");
  }
}
