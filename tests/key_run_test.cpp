// SPDX-License-Identifier: MIT
//
// Keys from end to end: hashes of content, several columns, and records that
// have one key.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "child.hpp"
#include "model/digest.hpp"
#include "sync_fixture.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

// The list of items, whole, with the key `key`.
std::string stream(const std::string& key, const std::string& more = "") {
  return "[stream.items]\nget = \"/items\"\nrecords = \"data\"\nkey = " + key +
         "\n" + more;
}

// A source whose answers are `bodies`, of the pages in turn.
class Answers {
 public:
  explicit Answers(RecordServer& server) {
    server.set_hook([this](const auto& request, auto& response) {
      const auto after = request.get_param_value("after");
      response.set_content(bodies.at(after.empty() ? 0 : std::stoul(after)),
                           "application/json");
      return true;
    });
  }

  std::vector<std::string> bodies;
};

bool warns(const StreamSummary& summary, const std::string& of) {
  return std::any_of(
      summary.warnings.begin(), summary.warnings.end(),
      [&](const std::string& each) { return each.find(of) != each.npos; });
}

const std::string wrong_key = "had the key of another in the same page";

}  // namespace

TEST_SUITE("hash key") {
  TEST_CASE("a record comes again as its row, however it is written") {
    SyncFixture fixture(
        stream("{ hash = [\"day\", \"who/name\"] }", "raw = true\n"));
    Answers answers(fixture.server);
    answers.bodies = {
        R"({"data":[{"day":"d1","who":{"name":"An\u006E"},"n":1},)"
        R"({"day":"d1","who":{"name":"Bob"},"n":2}]})"};
    CHECK(fixture.sync().streams.at(0).counts.inserted == 2);
    CHECK(value(fixture.database(), "SELECT _key FROM items WHERE n = 1") ==
          model::sha256_hex(R"({"day": "d1", "who/name": "Ann"})"));
    CHECK(fixture.sync().streams.at(0).counts.unchanged == 2);
    answers.bodies = {R"({"data":[{"n":3, "who":{"name":"Ann"},"day":"d1"}]})"};
    const auto counts = fixture.sync().streams.at(0).counts;
    CHECK(counts.updated == 1);
    CHECK(query(fixture.database(), "SELECT n, who FROM items ORDER BY n") ==
          Rows{{"2", R"({"name":"Bob"})"}, {"3", R"({"name":"Ann"})"}});
  }

  TEST_CASE("a second list marks the rows whose keys it makes") {
    SyncFixture fixture(stream("{ hash = [\"day\", \"who/name\"] }",
                               "[stream.items.also]\nget = \"/items?gone\"\n"
                               "key = { hash = [\"date\", \"name\"] }\n"
                               "deleted = { when = \"name\" }\n"));
    fixture.server.set_hook([](const auto& request, auto& response) {
      response.set_content(
          request.has_param("gone")
              ? R"({"data":[{"date":"d1","name":"Bob"}]})"
              : R"({"data":[{"day":"d1","who":{"name":"Ann"},"n":1},)"
                R"({"day":"d1","who":{"name":"Bob"},"n":2}]})",
          "application/json");
      return true;
    });
    CHECK(fixture.sync().streams.at(1).counts.deleted == 1);
    CHECK(query(fixture.database(),
                "SELECT n, _deleted_at IS NULL FROM items ORDER BY n") ==
          Rows{{"1", "1"}, {"2", "0"}});
  }

  TEST_CASE("a record whose hashed content changes is another row") {
    SyncFixture fixture(stream("{ hash = \"*\" }"));
    Answers answers(fixture.server);
    answers.bodies = {R"({"data":[{"a":1.0,"b":"x"},{"a":1.0,"b":"x"}]})"};
    auto counts = fixture.sync().streams.at(0).counts;
    CHECK(counts.inserted == 1);
    CHECK(counts.unchanged == 1);
    CHECK(counts.repeated == 1);
    answers.bodies = {R"({"data":[{"a":1.0,"b":"y"}]})"};
    counts = fixture.sync().streams.at(0).counts;
    CHECK(counts.inserted == 1);
    CHECK(query(fixture.database(), "SELECT a, b FROM items ORDER BY b") ==
          Rows{{"1.0", "x"}, {"1.0", "y"}});
  }

  TEST_CASE("what has no key is kept, and resolved once it has one") {
    SyncFixture fixture(stream("{ hash = [\"a\"] }"));
    Answers answers(fixture.server);
    answers.bodies = {R"({"data":[{"b":1},{"a":2,"b":1,"b":2}]})"};
    CHECK(fixture.sync().streams.at(0).counts.rejected == 2);
    const auto key = "[\"" + model::sha256_hex(R"({"a": 2})") + "\"]";
    CHECK(query(fixture.database(),
                "SELECT record_key, reason FROM pipeline_rejects ORDER BY "
                "reason") == Rows{{"sha256:" + model::sha256_hex(R"({"b":1})"),
                                   "the key is a hash, and 'a' is not there"},
                                  {key, "the member 'b' stands in it twice"}});
    answers.bodies = {R"({"data":[{"a":2,"b":1}]})"};
    fixture.sync();
    CHECK(query(fixture.database(),
                "SELECT record_key FROM pipeline_rejects WHERE resolved_at IS "
                "NOT NULL") == Rows{{key}});
  }

  TEST_CASE(
      "a member of its name is kept under another, and can be given one") {
    SyncFixture fixture(stream("{ hash = \"*\" }"));
    Answers answers(fixture.server);
    answers.bodies = {R"({"data":[{"a":1,"_key":"theirs"}]})"};
    CHECK(fixture.sync().streams.at(0).counts.inserted == 1);
    CHECK(value(fixture.database(), "SELECT x_key FROM items") == "theirs");
    fixture.configure(stream("{ hash = \"*\" }",
                             "columns = { theirs = \"_key\", a = \"a\" }\n"));
    CHECK(fixture.sync().streams.at(0).counts.updated == 1);
    CHECK(query(fixture.database(), "SELECT _key, theirs, a FROM items") ==
          Rows{{model::sha256_hex(R"({"_key": "theirs", "a": 1})"), "theirs",
                "1"}});
  }

  TEST_CASE("a key that is made of something else does not go with the mark") {
    const std::string followed =
        "query = { since = \"${from}\" }\n"
        "cursor = { field = \"updated_at\", order = \"ascending\" }\n";
    SyncFixture fixture(stream("{ hash = [\"id\"] }", followed));
    fixture.server.set(items(3));
    CHECK(fixture.sync().streams.at(0).counts.inserted == 3);
    fixture.configure(stream("{ hash = [\"id\", \"name\"] }", followed));
    for (const bool full : {false, true}) {
      CAPTURE(full);
      const auto failure = fixture.sync(full).streams.at(0).failure;
      REQUIRE(failure);
      CHECK(failure->code == ExitCode::configuration);
    }
    CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "3");
  }

  TEST_CASE("newest first the first record of a key wins, across pages") {
    SyncFixture fixture(
        stream("{ hash = [\"id\"] }",
               "cursor = { field = \"at\", order = \"descending\" }\n"
               "page = { token = \"next\", param = \"after\" }\n"));
    Answers answers(fixture.server);
    answers.bodies = {
        R"({"data":[{"id":1,"at":"2024-01-01T11:00:00Z","v":"new"}],)"
        R"("next":"1"})",
        R"({"data":[{"id":1,"at":"2024-01-01T10:00:00Z","v":"old"}]})"};
    const auto counts = fixture.sync().streams.at(0).counts;
    CHECK(counts.stale == 1);
    CHECK(counts.repeated == 1);
    CHECK(value(fixture.database(), "SELECT v FROM items") == "new");
  }

  TEST_CASE("`verify` proves such a stream, and shows its digest") {
    SyncFixture fixture(stream("{ hash = \"*\" }"));
    Answers answers(fixture.server);
    answers.bodies = {R"({"data":[{"a":[1,{"c":1,"b":2}]},{"a":null}]})"};
    const auto recording = (fixture.dir().path() / "a.har").string();
    const auto synced = test::run(
        fixture.dir(),
        {"sync", "--config", fixture.config().string(), "--record", recording});
    REQUIRE(synced.code == 0);
    const auto verified = test::run(
        fixture.dir(), {"verify", "--config", fixture.config().string(),
                        "--replay", recording, "--crash", "--digest"});
    CAPTURE(verified.out);
    CAPTURE(verified.err);
    CHECK(verified.code == 0);
  }
}

TEST_SUITE("composite key") {
  TEST_CASE("its parts are the key in their order, and none may be null") {
    SyncFixture fixture(stream("[\"order/id\", \"line\"]"));
    Answers answers(fixture.server);
    answers.bodies = {R"({"data":[)"
                      R"({"line":1,"order":{"id":"x"},"n":"a"},)"
                      R"({"n":"b","order":{"id":"x"},"line":2},)"
                      R"({"line":1,"order":{"id":"y"},"n":"c"},)"
                      R"({"line":null,"order":{"id":"y"},"n":"d"},)"
                      R"({"line":2,"order":{},"n":"e"}]})"};
    const auto summary = fixture.sync().streams.at(0);
    CHECK(summary.counts.inserted == 3);
    CHECK(summary.counts.rejected == 2);
    CHECK(query(fixture.database(),
                "SELECT name, type, pk FROM pragma_table_info('items') WHERE "
                "pk > 0 ORDER BY pk") ==
          Rows{{"order_id", "TEXT", "1"}, {"line", "INTEGER", "2"}});
    CHECK(
        query(fixture.database(),
              "SELECT reason FROM pipeline_rejects ORDER BY 1") ==
        Rows{{"the key 'line' is null"}, {"the key 'order/id' is not there"}});
    CHECK(fixture.sync().streams.at(0).counts.unchanged == 3);
    answers.bodies = {R"({"data":[{"line":2,"order":{"id":"x"},"n":"B"}]})"};
    CHECK(fixture.sync().streams.at(0).counts.updated == 1);
    CHECK(query(fixture.database(),
                "SELECT order_id, line, n FROM items ORDER BY 1, 2") ==
          Rows{{"x", "1", "a"}, {"x", "2", "B"}, {"y", "1", "c"}});
  }
}

TEST_SUITE("records of one key") {
  const std::string both = R"({"data":[{"id":1,"n":"a"},{"id":1,"n":"b"}]})";

  TEST_CASE("the last counts, and the run says so") {
    SyncFixture fixture(stream("\"id\""));
    Answers answers(fixture.server);
    answers.bodies = {both};
    const auto summary = fixture.sync().streams.at(0);
    CHECK(summary.counts.fetched == 2);
    CHECK(summary.counts.inserted == 1);
    CHECK(summary.counts.updated == 1);
    CHECK(summary.counts.repeated == 1);
    CHECK(summary.warnings ==
          std::vector<std::string>{
              "1 record had the key of another in the same page, and other "
              "values: the last one of a key counts; if they are different "
              "records, `key` does not tell them apart"});
    CHECK(value(fixture.database(), "SELECT n FROM items") == "b");
    CHECK(has(value(fixture.database(), "SELECT warnings FROM pipeline_runs"),
              wrong_key));
  }

  TEST_CASE("--json has the count") {
    SyncFixture fixture(stream("\"id\""));
    Answers answers(fixture.server);
    answers.bodies = {both};
    const auto result = test::run(fixture.dir(), {"sync", "--json", "--config",
                                                  fixture.config().string()});
    CHECK(has(result.out, "\"repeated\":1"));
  }

  TEST_CASE("the same again, in a page or the next, is no reason to warn") {
    SyncFixture fixture(
        stream("\"id\"", "page = { token = \"next\", param = \"after\" }\n"));
    Answers answers(fixture.server);
    answers.bodies = {
        R"({"data":[{"id":1,"n":"a"},{"id":1,"n":"a"}],"next":"1"})",
        R"({"data":[{"id":1,"n":"b"}]})"};
    const auto summary = fixture.sync().streams.at(0);
    CHECK(summary.counts.repeated == 2);
    CHECK(summary.counts.updated == 1);
    CHECK(summary.warnings.empty());
  }

  TEST_CASE("versions and feeds of changes come again and again") {
    SyncFixture fixture(stream("\"id\"", "version = \"v\"\n"));
    Answers answers(fixture.server);
    answers.bodies = {R"({"data":[{"id":1,"v":1},{"id":1,"v":2}],"d":"0"})"};
    auto summary = fixture.sync().streams.at(0);
    CHECK(summary.counts.updated == 1);
    CHECK_FALSE(warns(summary, wrong_key));
    SyncFixture feed(
        stream("\"id\"", "cursor = { token = \"d\", param = \"after\" }\n"));
    Answers changes(feed.server);
    changes.bodies = answers.bodies;
    summary = feed.sync().streams.at(0);
    CHECK(summary.counts.updated == 1);
    CHECK(summary.counts.repeated == 1);
    CHECK_FALSE(warns(summary, wrong_key));
  }

  TEST_CASE("with a cursor field they are warned of") {
    SyncFixture fixture(
        stream("\"id\"",
               "cursor = { field = \"at\" }\nquery = { s = \"${from}\" }\n"));
    Answers answers(fixture.server);
    answers.bodies = {R"({"data":[{"id":1,"at":"2024-01-01T00:00:00Z"},)"
                      R"({"id":1,"at":"2024-01-02T00:00:00Z"}]})"};
    CHECK(warns(fixture.sync().streams.at(0), wrong_key));
  }
}
