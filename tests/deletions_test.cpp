// SPDX-License-Identifier: MIT
//
// How deletions come into the table: records that tell of them, second lists,
// and rows that a whole reading does not bring.
#include <doctest/doctest.h>

#include <string>

#include "answers_server.hpp"
#include "strandline/rewind.hpp"
#include "sync_fixture.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

/// A table `people` of a source with one or two lists.
struct People {
  explicit People(const std::string& stream) { configure(stream); }

  /// The deletions of these tests were long ago.
  void configure(const std::string& stream,
                 const std::string& keep_runs = "9000d") {
    config = dir.write("strandline.toml",
                       "database = \"test.db\"\nkeep_runs = \"" + keep_runs +
                           "\"\n[source.s]\nbase_url = \"" + server.url() +
                           "\"\n[stream.people]\n" +
                           "get = \"/people\"\nkey = \"id\"\n" + stream);
  }

  SyncSummary sync(bool full = false, bool allow_sweep = false) const {
    SyncOptions options;
    options.config = config;
    options.full = full;
    options.allow_sweep = allow_sweep;
    options.attempts = 1;
    return run_sync(options);
  }

  /// "1 Anne, 2 Bob -": the rows, with a dash where they are marked deleted.
  std::string rows() const {
    std::string text;
    for (const auto& row : query(
             file(), "SELECT id, name, _deleted_at FROM people ORDER BY id")) {
      text += (text.empty() ? "" : ", ") + row[0] + " " + row[1] +
              (row[2] == "NULL" ? "" : " -");
    }
    return text;
  }

  std::filesystem::path file() const { return dir.path() / "test.db"; }

  TempDir dir;
  AnswersServer server;
  std::filesystem::path config;
};

std::string person(int id, const std::string& name,
                   const std::string& more = "") {
  return fmt::format(R"({{"id":{},"name":"{}"{}{}}})", id, name,
                     more.empty() ? "" : ",", more);
}

std::string list(const std::vector<std::string>& records) {
  return fmt::format("[{}]", fmt::join(records, ","));
}

std::string crowd(int count, int but = 0) {
  std::vector<std::string> records;
  for (int id = 1; id <= count; ++id) {
    if (id > but) {
      records.push_back(person(id, "p"));
    }
  }
  return list(records);
}

const std::string by_cursor =
    "query = { since = \"${from}\" }\n"
    "cursor = { field = \"at\", start = \"2024-01-01\", order = \"ascending\" "
    "}\n";

std::string dated(int id, const std::string& name, const std::string& at,
                  const std::string& more = "") {
  return person(
      id, name,
      "\"at\":\"2024-01-" + at + "Z\"" + (more.empty() ? "" : "," + more));
}

bool warns(const StreamSummary& stream, const std::string& text) {
  for (const auto& warning : stream.warnings) {
    if (warning.find(text) != std::string::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

TEST_SUITE_BEGIN("deletions");

TEST_CASE("a record that tells of a deletion marks its row and nothing else") {
  People people(
      "deleted = { when = \"gone\" }\n"
      "cursor = { field = \"at\", order = \"descending\" }\n");
  people.server.set(
      "/people", list({person(1, "Anne"), person(2, "Bob", "\"gone\":false")}));
  REQUIRE(people.sync().exit_code == ExitCode::ok);
  people.server.set("/people",
                    list({person(1, "?", "\"gone\":true,\"more\":[1]"),
                          person(2, "Bob", "\"gone\":false"),
                          person(3, "Eve", "\"gone\":true")}));
  auto summary = people.sync();
  CHECK(people.rows() == "1 Anne -, 2 Bob");
  CHECK(summary.streams[0].counts.deleted == 1);
  CHECK(summary.streams[0].counts.updated == 0);
  CHECK(query(people.file(),
              "SELECT name FROM pragma_table_info('people') WHERE name = "
              "'more'")
            .empty());
  CHECK(value(people.file(),
              "SELECT deleted FROM pipeline_runs WHERE run_id = 2") == "1");

  SUBCASE("said again it changes nothing") {
    const auto before = contents(people.file(), "people");
    summary = people.sync();
    CHECK(summary.streams[0].counts.deleted == 0);
    CHECK(contents(people.file(), "people") == before);
  }
  SUBCASE("the record comes back without it") {
    people.server.set("/people", list({person(1, "Anne")}));
    people.sync();
    CHECK(people.rows() == "1 Anne, 2 Bob");
  }
}

TEST_CASE("what tells of a deletion can be a value among others") {
  const auto rows = [](const std::string& deleted, const std::string& gone) {
    People people("deleted = { " + deleted + " }\n");
    people.server.set("/people", list({person(1, "Anne"), person(2, "Bob")}));
    people.sync();
    people.server.set("/people", list({person(1, "Anne", "\"state\":" + gone),
                                       person(2, "Bob")}));
    people.sync();
    return people.rows();
  };
  const auto* const marked = "1 Anne -, 2 Bob";
  const auto* const kept = "1 Anne, 2 Bob";
  CHECK(rows("when = \"state\"", "\"archived\"") == marked);
  CHECK(rows("when = \"state\"", "1") == marked);
  CHECK(rows("when = \"state\"", "{\"a\":1}") == marked);
  for (const auto* nothing : {"null", "false", "0", "\"\"", "{}", "[]"}) {
    CHECK(rows("when = \"state\"", nothing) == kept);
  }
  const std::string is = "when = \"state\", is = ";
  CHECK(rows(is + "\"archived\"", "\"archived\"") == marked);
  CHECK(rows(is + "\"archived\"", "\"active\"") == kept);
  CHECK(rows(is + "[\"spam\", 7, true]", "7") == marked);
  CHECK(rows(is + "[\"spam\", 7, true]", "true") == marked);
  CHECK(rows(is + "[\"spam\", 7, true]", "8") == kept);
  CHECK(rows(is + "false", "false") == marked);
}

TEST_CASE("a deletion needs its key only, which may stand elsewhere") {
  People people(
      "deleted = { when = \"gone\", key = \"object/id\" }\n"
      "[stream.people.columns]\n\"*\" = \"*\"\n"
      "age = { path = \"age\", type = \"integer\" }\n");
  people.server.set(
      "/people", list({person(1, "Anne"), person(2, "Bob"), person(3, "Eve")}));
  people.sync();
  people.server.set(
      "/people",
      list({R"({"id":99,"age":"?","gone":1,"object":{"id":2}})",
            person(1, "Anne"), person(3, "Eve"), R"({"id":3,"gone":1})"}));
  const auto summary = people.sync();
  CHECK(people.rows() == "1 Anne, 2 Bob -, 3 Eve");
  CHECK(summary.streams[0].counts.rejected == 1);
  CHECK(value(people.file(), "SELECT reason FROM pipeline_rejects") ==
        "the key of the deletion 'object/id' is not there");
}

TEST_CASE("mode remove takes the row out") {
  People people("deleted = { when = \"gone\", mode = \"remove\" }\n");
  people.server.set("/people", list({person(1, "Anne"), person(2, "Bob")}));
  people.sync();
  people.server.set(
      "/people", list({person(1, "Anne", "\"gone\":true"), person(2, "Bob")}));
  const auto summary = people.sync();
  CHECK(people.rows() == "2 Bob");
  CHECK(summary.streams[0].counts.deleted == 1);
}

TEST_CASE("rows that a whole list does not bring are marked deleted") {
  People people("");
  people.server.set("/people", crowd(10));
  people.sync();
  people.server.set("/people", crowd(10, 2));
  auto summary = people.sync();
  CHECK(summary.streams[0].counts.deleted == 2);
  CHECK(value(people.file(),
              "SELECT group_concat(id) FROM people WHERE _deleted_at IS NOT "
              "NULL AND _run_id = 2 AND _synced_at = _deleted_at") == "1,2");
  CHECK(value(people.file(), "SELECT count(*) FROM pipeline_seen") == "0");

  SUBCASE("the same list again changes nothing") {
    const auto before = contents(people.file(), "people");
    summary = people.sync();
    CHECK(summary.streams[0].counts.deleted == 0);
    CHECK(contents(people.file(), "people") == before);
  }
  SUBCASE("and unmarked when they come back") {
    people.server.set("/people", crowd(10));
    people.sync();
    CHECK(value(people.file(), "SELECT count(_deleted_at) FROM people") == "0");
  }
  SUBCASE("not where the list does not hold everything") {
    people.configure("deleted = { missing = false }\n");
    people.server.set("/people", crowd(1));
    summary = people.sync();
    CHECK(summary.streams[0].counts.deleted == 0);
    CHECK(value(people.file(), "SELECT count(*) FROM pipeline_seen") == "0");
  }
}

TEST_CASE("more than the limit is not deleted unless it is approved") {
  People people("");
  people.server.set("/people", crowd(100));
  people.sync();
  people.server.set("/people", crowd(100, 21));
  auto summary = people.sync();
  CHECK(summary.exit_code == ExitCode::ok);
  CHECK(summary.streams[0].counts.deleted == 0);
  CHECK(
      warns(summary.streams[0],
            "21 of 100 rows are not in the source's list any more, which is "
            "more than 20 %: none was deleted; if they are gone for good, run "
            "strandline sync people --allow-sweep"));
  SUBCASE("approved") {
    summary = people.sync(false, true);
    CHECK(summary.streams[0].counts.deleted == 21);
    CHECK(summary.streams[0].warnings.empty());
  }
  SUBCASE("at the limit") {
    people.server.set("/people", crowd(100, 20));
    CHECK(people.sync().streams[0].counts.deleted == 20);
  }
  SUBCASE("with another limit") {
    people.configure("deleted = { limit = \"21%\" }\n");
    CHECK(people.sync().streams[0].counts.deleted == 21);
  }
}

TEST_CASE("beyond the limit the lists of a stream with a cursor are named") {
  People people(by_cursor + "deleted = { limit = \"1%\" }\n" +
                "[stream.people.also]\nget = \"/archived\"\n");
  std::vector<std::string> all;
  for (int id = 1; id <= 10; ++id) {
    all.push_back(dated(id, "p", "02T00:00:00"));
  }
  people.server.set("/people", list(all));
  people.server.set("/archived", "[]");
  people.sync();
  people.server.set("/people", "[]");
  const auto summary = people.sync(true);
  CHECK(warns(summary.streams[1],
              "run strandline sync people --full --allow-sweep"));
}

TEST_CASE("five rows and fewer are deleted however small the table") {
  People people("");
  people.server.set("/people", crowd(6));
  people.sync();
  people.server.set("/people", crowd(6, 5));
  CHECK(people.sync().streams[0].counts.deleted == 5);
}

TEST_CASE("a record that does not fit is there, and without a key may be any") {
  People people(
      "columns = { name = \"name\", age = { path = \"age\", type = "
      "\"integer\" } }\n");
  people.server.set("/people", crowd(3));
  people.sync();
  SUBCASE("with a key") {
    people.server.set("/people", list({person(1, "p"), person(2, "p"),
                                       person(3, "p", "\"age\":\"x\"")}));
    const auto summary = people.sync();
    CHECK(summary.streams[0].counts.deleted == 0);
    CHECK(people.rows() == "1 p, 2 p, 3 p");
  }
  SUBCASE("without") {
    people.server.set("/people", list({person(1, "p"), "7"}));
    const auto summary = people.sync();
    CHECK(summary.streams[0].counts.deleted == 0);
    CHECK(warns(summary.streams[0], "a record came whose key cannot be read"));
  }
}

TEST_CASE("a key is known by what the table holds, not by how it was written") {
  People people(
      "columns = { id = { path = \"id\", type = \"integer\" }, name "
      "= \"name\" }\n");
  people.server.set("/people", list({R"({"id":"1","name":"a"})",
                                     R"({"id":2.0,"name":"b"})"}));
  people.sync();
  people.server.set(
      "/people", list({R"({"id":1.0,"name":"a"})", R"({"id":2,"name":"b"})"}));
  CHECK(people.sync().streams[0].counts.deleted == 0);
}

TEST_CASE("a list paged by number must lack a row twice in a row") {
  People people("page = { number = \"page\" }\n");
  const auto serve = [&](const std::string& first) {
    people.server.set("/people?page=1", first);
    people.server.set("/people?page=2", "[]");
  };
  serve(crowd(5));
  people.sync();
  serve(crowd(5, 1));
  CHECK(people.sync().streams[0].counts.deleted == 0);
  SUBCASE("missing again") {
    CHECK(people.sync().streams[0].counts.deleted == 1);
    CHECK(value(people.file(), "SELECT count(*) FROM pipeline_seen") == "0");
  }
  SUBCASE("not where it was there between") {
    serve(crowd(5));
    people.sync();
    serve(crowd(5, 1));
    CHECK(people.sync().streams[0].counts.deleted == 0);
  }
}

TEST_CASE("a stream with a cursor is swept by a full reading only") {
  People people(by_cursor);
  people.server.set("/people", list({dated(1, "Anne", "02T00:00:00"),
                                     dated(2, "Bob", "02T00:00:00")}));
  people.sync();
  people.server.set("/people", list({dated(2, "Bob", "02T00:00:00")}));
  CHECK(people.sync().streams[0].counts.deleted == 0);
  CHECK(people.sync(true).streams[0].counts.deleted == 1);
  CHECK(people.rows() == "1 Anne -, 2 Bob");
}

TEST_CASE("full_every reads the whole list when it is time to") {
  People people(by_cursor + "full_every = \"7d\"\n");
  people.server.set("/people", list({dated(1, "Anne", "02T00:00:00"),
                                     dated(2, "Bob", "02T00:00:00")}));
  people.sync();
  people.server.set("/people", list({dated(2, "Bob", "02T00:00:00")}));
  auto summary = people.sync();
  CHECK(summary.streams[0].mode == "incremental");
  execute(people.file(),
          "UPDATE pipeline_checkpoints SET full_at = '2024-01-01T00:00:00Z'");
  summary = people.sync();
  CHECK(summary.streams[0].mode == "full");
  CHECK(summary.streams[0].counts.deleted == 1);
  CHECK(people.sync().streams[0].mode == "incremental");
}

TEST_CASE("rows from before start are not looked for") {
  People people(by_cursor);
  people.server.set("/people", list({dated(1, "Anne", "02T00:00:00"),
                                     dated(2, "Bob", "02T00:00:00")}));
  people.sync();
  people.configure(
      "query = { since = \"${from}\" }\n"
      "cursor = { field = \"at\", start = \"2024-01-02\", order = "
      "\"ascending\" }\n");
  people.server.set("/people", list({dated(2, "Bob", "02T00:00:00")}));
  const auto summary = people.sync(true);
  CHECK(summary.streams[0].counts.deleted == 0);
  CHECK(warns(summary.streams[0], "rows were loaded from before `start`"));
}

TEST_CASE("every keeps a stream from being read too often") {
  People people("every = \"1h\"\n");
  people.server.set("/people", crowd(2));
  CHECK(people.sync().streams[0].outcome == "ok");
  people.server.take_asked();
  auto summary = people.sync();
  CHECK(summary.exit_code == ExitCode::ok);
  CHECK(summary.streams[0].outcome == "not due");
  CHECK(people.server.take_asked().empty());
  CHECK(value(people.file(), "SELECT count(*) FROM pipeline_runs") == "1");

  SUBCASE("full ignores it") {
    CHECK(people.sync(true).streams[0].outcome == "ok");
  }
  SUBCASE("so does its name") {
    SyncOptions options;
    options.config = people.config;
    options.streams = {"people"};
    CHECK(run_sync(options).streams[0].outcome == "ok");
  }
  SUBCASE("and then it is time again") {
    execute(people.file(),
            "UPDATE pipeline_checkpoints SET complete_at = "
            "'2024-01-01T00:00:00Z'");
    CHECK(people.sync().streams[0].outcome == "ok");
  }
}

TEST_CASE("a second list fills the same table, with a place of its own") {
  People people(by_cursor + R"(
[stream.people.also]
get     = "/archived"
deleted = { when = "gone" }
)");
  people.server.set("/people", list({dated(1, "Anne", "02T00:00:00"),
                                     dated(2, "Bob", "02T00:00:00")}));
  people.server.set("/archived", list({person(3, "Eve")}));
  auto summary = people.sync();
  REQUIRE(summary.exit_code == ExitCode::ok);
  REQUIRE(summary.streams.size() == 2);
  CHECK(summary.streams[0].stream == "people");
  CHECK(summary.streams[1].stream == "people@also");
  CHECK(people.rows() == "1 Anne, 2 Bob, 3 Eve");
  CHECK(query(people.file(),
              "SELECT pipeline_name FROM pipeline_checkpoints ORDER BY 1") ==
        Rows{{"s.people"}, {"s.people@also"}});

  SUBCASE("its records tell of deletions") {
    people.server.set("/archived", list({person(1, "Anne", "\"gone\":1")}));
    summary = people.sync();
    CHECK(people.rows() == "1 Anne -, 2 Bob, 3 Eve");
    CHECK(summary.streams[1].counts.deleted == 1);
  }
  SUBCASE("what neither brings in a whole reading is missing") {
    people.server.set("/people", list({dated(2, "Bob", "02T00:00:00")}));
    people.sync();
    CHECK(people.rows() == "1 Anne, 2 Bob, 3 Eve");
    summary = people.sync(true);
    CHECK(people.rows() == "1 Anne -, 2 Bob, 3 Eve");
    CHECK(summary.streams[1].counts.deleted == 1);
    CHECK(value(people.file(), "SELECT count(*) FROM pipeline_seen") == "0");
    CHECK(value(people.file(),
                "SELECT count(sweep_from) FROM pipeline_checkpoints") == "0");
  }
  SUBCASE("a whole reading waits for the second list") {
    people.server.set("/people", list({dated(2, "Bob", "02T00:00:00")}));
    people.server.set("/archived", "", 500);
    CHECK(people.sync(true).exit_code == ExitCode::partial);
    CHECK(people.rows() == "1 Anne, 2 Bob, 3 Eve");
    // What comes meanwhile is not missing.
    people.server.set("/people", list({dated(4, "Dan", "03T00:00:00")}));
    people.server.set("/archived", list({person(3, "Eve")}));
    people.sync();
    CHECK(people.rows() == "1 Anne -, 2 Bob, 3 Eve, 4 Dan");
  }
  SUBCASE("if the first fails it is not read") {
    people.server.set("/people", "", 500);
    people.server.take_asked();
    summary = people.sync();
    CHECK(summary.streams.size() == 1);
    CHECK(people.server.take_asked().size() == 1);
  }
}

TEST_CASE("what comes while a whole reading waits for the second list stays") {
  People people(R"(
[stream.people.also]
get    = "/archived"
query  = { since = "${from}" }
cursor = { field = "at", order = "ascending", start = "2024-01-01" }
)");
  people.server.set("/people", list({person(1, "Anne"), person(2, "Bob")}));
  people.server.set("/archived", "[]");
  REQUIRE(people.sync().exit_code == ExitCode::ok);
  people.server.set("/people", list({person(2, "Bob")}));
  people.server.set("/archived", "", 500);
  people.sync(true);
  CHECK(people.rows() == "1 Anne, 2 Bob");
  people.server.set("/people", list({person(2, "Bob"), person(4, "Dan")}));
  people.server.set("/archived", "[]");
  people.sync();
  CHECK(people.rows() == "1 Anne -, 2 Bob, 4 Dan");
  CHECK(people.sync().streams[1].mode == "incremental");
}

TEST_CASE("a second list that cannot tell is not read whole again and again") {
  People people(R"(
[stream.people.also]
get    = "/archived"
query  = { since = "${from}", to = "${until}" }
cursor = { field = "at", start = "2024-01-01" }
)");
  people.server.set("/people", list({person(1, "Anne"), person(2, "Bob")}));
  people.server.set("/archived", list({dated(3, "Eve", "02T00:00:00")}));
  people.sync();
  people.server.set("/people", list({person(2, "Bob")}));
  auto summary = people.sync(true);
  CHECK(people.rows() == "1 Anne, 2 Bob, 3 Eve");
  CHECK(warns(summary.streams[1], "rows that are missing were not looked for"));
  summary = people.sync();
  CHECK(summary.streams[1].mode == "incremental");
}

TEST_CASE("a late list does not bring back what was deleted after it") {
  const auto stream = [](const std::string& mode) {
    return by_cursor + "deleted = { mode = \"" + mode + "\" }\n" + R"(
[stream.people.also]
get     = "/deleted"
query   = { since = "${from}" }
key     = "object"
cursor  = { field = "when", start = "2024-01-01" }
deleted = { when = "when", mode = ")" +
           mode + "\" }\n";
  };
  const auto tombstone = [](int id, const std::string& when) {
    return fmt::format(R"({{"object":{},"when":"2024-01-{}Z"}})", id, when);
  };
  for (const std::string mode : {"mark", "remove"}) {
    CAPTURE(mode);
    const bool marks = mode == "mark";
    People people(stream(mode));
    people.server.set("/people", list({dated(1, "Anne", "02T10:00:00"),
                                       dated(2, "Bob", "02T10:00:00")}));
    people.server.set("/deleted", list({tombstone(1, "02T11:00:00")}));
    REQUIRE(people.sync().exit_code == ExitCode::ok);
    const std::string gone = marks ? "1 Anne -, 2 Bob" : "2 Bob";
    CHECK(people.rows() == gone);
    // The first list still has it, and the second no longer says it.
    people.server.set("/deleted", "[]");
    auto summary = people.sync();
    CHECK(people.rows() == gone);
    CHECK(summary.streams[0].counts.stale == 1);
    // Restored later than it was deleted.
    people.server.set("/people", list({dated(1, "Ann", "02T12:00:00"),
                                       dated(2, "Bob", "02T10:00:00")}));
    people.sync();
    CHECK(people.rows() == "1 Ann, 2 Bob");
    // The old deletion is read again, by overlap.
    people.server.set("/deleted", list({tombstone(1, "02T11:00:00")}));
    summary = people.sync();
    CHECK(people.rows() == "1 Ann, 2 Bob");
    CHECK(summary.streams[1].counts.stale == 1);
    CHECK(value(people.file(), "SELECT count(*) FROM pipeline_tombstones") ==
          "0");
  }
}

TEST_CASE("a deletion may be told before its record is") {
  People people(by_cursor + R"(
[stream.people.also]
get     = "/deleted"
query   = { since = "${from}" }
cursor  = { field = "when", start = "2024-01-01" }
deleted = { when = "when" }
)");
  people.server.set("/people", list({dated(2, "Bob", "02T10:00:00")}));
  people.server.set("/deleted", R"([{"id":1,"when":"2024-01-02T11:00:00Z"}])");
  people.sync();
  people.server.set("/people", list({dated(1, "Anne", "02T10:59:59")}));
  people.sync();
  CHECK(people.rows() == "2 Bob");
  people.server.set("/people", list({dated(1, "Anne", "02T11:00:01")}));
  people.sync();
  CHECK(people.rows() == "1 Anne, 2 Bob");
}

TEST_CASE("a deletion that is older than keep_runs is not remembered") {
  const std::string stream = by_cursor + R"(
[stream.people.also]
get     = "/deleted"
query   = { since = "${from}" }
cursor  = { field = "when", start = "2024-01-01" }
deleted = { when = "when" }
)";
  const auto remembered = [&](const std::string& keep_runs) {
    People people(stream);
    people.configure(stream, keep_runs);
    people.server.set("/people", "[]");
    people.server.set("/deleted",
                      R"([{"id":1,"when":"2024-01-02T11:00:00Z"}])");
    people.sync();
    return value(people.file(), "SELECT count(*) FROM pipeline_tombstones");
  };
  CHECK(remembered("9000d") == "1");
  CHECK(remembered("30d") == "0");
}

TEST_SUITE_END();
