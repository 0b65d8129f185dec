// SPDX-License-Identifier: MIT
//
// Whole runs, and what is in the tables after them: types, digits, names.
#include <doctest/doctest.h>

#include <cstdlib>

#include "child.hpp"
#include "raw_server.hpp"
#include "sync_fixture.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

// A run of a stream `things` with `more` in it, whose list is `records`.
class Things {
 public:
  explicit Things(const std::string& more = "") : fixture_("") { more_ = more; }

  StreamSummary sync(const std::string& records) {
    const auto body = "{\"data\": " + records + "}";
    RawServer server(
        fmt::format("HTTP/1.1 200 OK\r\nContent-Type: "
                    "application/json\r\nContent-Length: {}\r\n"
                    "Connection: close\r\n\r\n{}",
                    body.size(), body));
    const auto config = fixture_.dir().write(
        "things.toml",
        fmt::format("database = \"test.db\"\n[source.s]\nbase_url = \"{}\"\n"
                    "[stream.things]\nget = \"/\"\nrecords = \"data\"\nkey = "
                    "\"id\"\n{}",
                    server.url(""), more_));
    SyncOptions options;
    options.config = config;
    options.attempts = 1;
    return run_sync(options).streams.at(0);
  }

  std::filesystem::path database() const { return fixture_.database(); }

 private:
  SyncFixture fixture_;
  std::string more_;
};

// "table.column: value" of values that are not of their column's type.
std::vector<std::string> wrong_types(const std::filesystem::path& file) {
  std::vector<std::string> wrong;
  for (const auto& table :
       query(file,
             "SELECT name FROM sqlite_schema WHERE type = 'table' AND EXISTS "
             "(SELECT 1 FROM pipeline_meta WHERE key = 'table:' || name)")) {
    for (const auto& column :
         query(file, "SELECT name, lower(type) FROM pragma_table_info('" +
                         table[0] + "')")) {
      for (const auto& row : query(
               file, fmt::format("SELECT \"{0}\" FROM \"{1}\" WHERE \"{0}\" IS "
                                 "NOT NULL AND typeof(\"{0}\") <> '{2}'",
                                 column[0], table[0], column[1]))) {
        wrong.push_back(table[0] + "." + column[0] + ": " + row[0]);
      }
    }
  }
  return wrong;
}

}  // namespace

TEST_SUITE("columns run") {
  TEST_CASE("every value of every shipped recording is of its column's type") {
    const std::filesystem::path connectors = std::getenv("CONNECTORS");
    int recordings = 0;
    for (const auto& entry : std::filesystem::directory_iterator(connectors)) {
      const auto name = entry.path().filename().string();
      const auto recording = entry.path() / (name + ".har");
      if (!std::filesystem::exists(recording)) {
        continue;
      }
      CAPTURE(name);
      ++recordings;
      const TempDir dir;
      const auto config = dir.path() / "strandline.toml";
      std::filesystem::copy(entry.path() / "strandline.toml", config);
      const auto result =
          run(dir, {"sync", "--config", config, "--replay", recording});
      CAPTURE(result.err);
      CHECK(result.code == 0);
      int databases = 0;
      for (const auto& file : std::filesystem::directory_iterator(dir.path())) {
        if (file.path().extension() == ".db") {
          ++databases;
          CHECK(value(file.path(),
                      "SELECT sum(inserted) > 0 FROM pipeline_runs") == "1");
          CHECK(wrong_types(file.path()) == std::vector<std::string>{});
        }
      }
      CHECK(databases == 1);
    }
    CHECK(recordings > 0);
  }

  TEST_CASE("numbers keep every digit from the source to the table") {
    Things things(
        "[stream.things.columns]\n\"*\" = \"*\"\n"
        "price = { type = \"decimal\" }\n"
        "at = { type = \"timestamp\", format = \"epoch_ms\" }\n");
    const std::string records =
        R"([{"id": 9007199254740993, "big": 123456789012345678901234567890,
             "n": 9223372036854775807, "f": 1, "g": 1.25,
             "price": 0.10000000000000000000000000000000000001,
             "at": 1704067200123},
            {"id": 9007199254740992, "big": 5, "n": -9223372036854775808,
             "f": 0.5, "g": 9007199254740993, "price": 12.50,
             "at": 1704067200123.5},
            {"id": 3, "n": 9223372036854775808, "price": "1.10",
             "at": "2024-01-01T00:00:00.123456789Z"}])";
    for (int i = 0; i < 2; ++i) {
      const auto stream = things.sync(records);
      CHECK(stream.outcome == "ok");
      CHECK(stream.counts.rejected == 0);
      CHECK((i == 0 ? stream.counts.inserted : stream.counts.unchanged) == 3);
      CHECK(stream.warnings ==
            (i > 0 ? std::vector<std::string>{}
                   : std::vector<std::string>{
                         "columns changed their type for a value that they "
                         "could not hold: 'f' to REAL for 0.5, 'g' to TEXT for "
                         "9007199254740993, 'n' to TEXT for "
                         "9223372036854775808"}));
    }
    CHECK(query(things.database(),
                "SELECT id, big, n, f, g, price, at FROM things ORDER BY id") ==
          Rows{{"3", "NULL", "9223372036854775808", "NULL", "NULL", "1.10",
                "2024-01-01T00:00:00.123456Z"},
               {"9007199254740992", "5", "-9223372036854775808", "0.5",
                "9007199254740993", "12.50", "2024-01-01T00:00:00.123500Z"},
               {"9007199254740993", "123456789012345678901234567890",
                "9223372036854775807", "1.0", "1.25",
                "0.10000000000000000000000000000000000001",
                "2024-01-01T00:00:00.123000Z"}});
    CHECK(wrong_types(things.database()) == std::vector<std::string>{});
    // The history has what was said.
    CHECK(value(things.database(),
                "SELECT count(*) FROM pipeline_runs WHERE warnings LIKE "
                "'%to REAL for 0.5%'") == "1");
  }

  TEST_CASE("names that no column can have are kept under others, and said") {
    Things things;
    const std::string records =
        R"([{"id": 1, "": "a", "Name": "b", "name": "c", "_deleted_at": "d",
             "x\u0000y": "e", "\"; DROP TABLE things; --": "f"}])";
    const auto stream = things.sync(records);
    CHECK(stream.counts.inserted == 1);
    CHECK(stream.warnings ==
          std::vector<std::string>{
              "members whose name no column can have were given another: '' in "
              "'x', 'name' in 'name_2', '_deleted_at' in 'x_deleted_at', "
              "'x\\x00y' in 'x_y'"});
    CHECK(
        query(things.database(),
              "SELECT x, Name, name_2, x_deleted_at, x_y, _deleted_at, \"\"\"; "
              "DROP TABLE things; --\" FROM things") ==
        Rows{{"a", "b", "c", "d", "e", "NULL", "f"}});
    CHECK(things.sync(records).counts.unchanged == 1);
  }

  TEST_CASE("a new member that is not wanted ends the stream with 65") {
    Things things("new_fields = \"fail\"\n");
    CHECK(things.sync(R"([{"id": 1, "a": 1}])").outcome == "ok");
    const auto stream = things.sync(R"([{"id": 1, "a": 1, "b": 1}])");
    CHECK(stream.outcome == "failed");
    REQUIRE(stream.failure);
    CHECK(stream.failure->code == ExitCode::data);
    CHECK(stream.failure->message.find("s.things sends a new member 'b'") == 0);
    CHECK(query(things.database(), "SELECT id, a FROM things") ==
          Rows{{"1", "1"}});
  }

  TEST_CASE("ignored members are warned of, once a run") {
    Things things("new_fields = \"ignore\"\n");
    things.sync(R"([{"id": 1, "a": 1}])");
    const auto stream =
        things.sync(R"([{"id": 1, "a": 1, "b": 1}, {"id": 2, "b": 1}])");
    CHECK(stream.outcome == "ok");
    CHECK(stream.warnings ==
          std::vector<std::string>{"new members were not stored (`new_fields` "
                                   "is \"ignore\"): 'b'"});
  }
}
