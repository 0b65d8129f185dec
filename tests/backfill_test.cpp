// SPDX-License-Identifier: MIT
//
// Runs that a person bounds: by the records' time, or by their own.
#include <doctest/doctest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "child.hpp"
#include "sync_fixture.hpp"

using namespace strandline;
using namespace strandline::test;
using Json = nlohmann::json;

namespace {

const std::string bounded_stream = R"(
[stream.items]
get     = "/items"
query   = { since = "${from}", till = "${until}", limit = 10 }
records = "data"
key     = "id"
cursor  = { field = "updated_at", order = "ascending", start = "2024-01-01" }
page    = { token = "meta/next", param = "after" }
)";

// 300 items read: the mark is 00:05:00, or, with a bound, T0.
class Stream : public SyncFixture {
 public:
  explicit Stream(const std::string& streams) : SyncFixture(streams) {
    server.set(items(300));
    REQUIRE(sync().exit_code == ExitCode::ok);
    server.take_requests();
  }

  Result run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"-c", config().string()});
    return test::run(dir(), std::move(arguments));
  }

  // Everything that the checkpoint of the stream's own list holds.
  Rows checkpoint() const {
    return query(database(),
                 "SELECT * FROM pipeline_checkpoints WHERE pipeline_name = "
                 "'s.items'");
  }

  std::string of_backfill(const std::string& column) const {
    return value(database(), "SELECT " + column +
                                 " FROM pipeline_checkpoints WHERE "
                                 "pipeline_name = 's.items@backfill'");
  }
};

// The source answers page `page` (from 0) with 403.
void fail_at(RecordServer& server, int page) {
  server.set_hook([page](const auto& request, auto& response) {
    if (request.get_param_value("after") != std::to_string(page * 10)) {
      return false;
    }
    response.status = 403;
    return true;
  });
}

}  // namespace

TEST_SUITE("sync --since") {
  TEST_CASE("reads again between the bounds, beside the stream's own mark") {
    Stream stream(bounded_stream);
    const auto before = stream.checkpoint();
    stream.server.put(
        {{"id", 100}, {"updated_at", "2024-01-01T00:01:40Z"}, {"name", "new"}});
    const auto result =
        stream.run({"sync", "--since", "2024-01-01T00:01:00Z", "--until",
                    "2024-01-01T00:02:00Z", "--json"});
    REQUIRE(result.code == 0);
    const auto summary = Json::parse(result.out)["streams"][0];
    CHECK(summary["mode"] == "backfill");
    CHECK(summary["complete"] == true);
    CHECK(summary["fetched"] == 61);
    CHECK(summary["updated"] == 1);
    for (const auto& request : stream.server.take_requests()) {
      CHECK(has(request, "since=2024-01-01T00%3A01%3A00Z"));
      CHECK(has(request, "till=2024-01-01T00%3A02%3A00Z"));
    }
    CHECK(stream.checkpoint() == before);
    CHECK(value(stream.database(), "SELECT name FROM items WHERE id = 100") ==
          "new");
    CHECK(query(stream.database(),
                "SELECT pipeline_name, mode, outcome FROM pipeline_runs "
                "WHERE run_id = 2") ==
          Rows{{"s.items@backfill", "backfill", "ok"}});
  }

  TEST_CASE("without --until reads up to now") {
    Stream stream(items_stream);
    const auto before = stream.checkpoint();
    const auto result =
        stream.run({"sync", "--since", "2024-01-01T00:04:01Z", "--json"});
    REQUIRE(result.code == 0);
    CHECK(Json::parse(result.out)["streams"][0]["unchanged"] == 60);
    CHECK(stream.checkpoint() == before);
  }

  TEST_CASE("that is cut short goes on with the same bounds, in its place") {
    Stream stream(bounded_stream);
    const auto before = stream.checkpoint();
    const std::vector<std::string> command = {"sync",
                                              "--since",
                                              "2024-01-01T00:01:00Z",
                                              "--until",
                                              "2024-01-01T00:02:00Z",
                                              "--json"};
    fail_at(stream.server, 3);
    CHECK(stream.run(command).code == 77);
    CHECK(stream.checkpoint() == before);
    CHECK(stream.of_backfill("window_read") == "30");
    stream.server.set_hook({});
    stream.server.take_requests();

    SUBCASE("the same bounds") {
      const auto result = stream.run(command);
      REQUIRE(result.code == 0);
      const auto summary = Json::parse(result.out)["streams"][0];
      CHECK(summary["resumed"] == true);
      CHECK(summary["fetched"] == 31);
      CHECK(has(stream.server.take_requests().at(0), "after=30"));
    }
    SUBCASE("other bounds begin anew") {
      auto other = command;
      other[4] = "2024-01-01T00:03:00Z";
      const auto result = stream.run(other);
      REQUIRE(result.code == 0);
      const auto summary = Json::parse(result.out)["streams"][0];
      CHECK(summary["resumed"] == false);
      CHECK(summary["fetched"] == 121);
      CHECK_FALSE(has(stream.server.take_requests().at(0), "after="));
    }
    SUBCASE("a sync without bounds leaves it where it is") {
      const auto result = stream.run({"sync", "--json"});
      REQUIRE(result.code == 0);
      CHECK(Json::parse(result.out)["streams"][0]["mode"] == "incremental");
      CHECK(stream.of_backfill("window_read") == "30");
      return;
    }
    CHECK(stream.of_backfill("window_number") == "NULL");
    CHECK(stream.of_backfill("last_processed_at") == "NULL");
    CHECK(stream.checkpoint() == before);
  }

  TEST_CASE("that is complete is read again when asked for again") {
    Stream stream(bounded_stream);
    const std::vector<std::string> command = {"sync",
                                              "--since",
                                              "2024-01-01T00:01:00Z",
                                              "--until",
                                              "2024-01-01T00:02:00Z",
                                              "--json"};
    for (int i = 0; i < 2; ++i) {
      const auto result = stream.run(command);
      REQUIRE(result.code == 0);
      CHECK(Json::parse(result.out)["streams"][0]["fetched"] == 61);
    }
  }

  TEST_CASE("refuses bounds that cannot be asked for, and asks nothing") {
    struct Case {
      const char* stream;
      std::vector<std::string> arguments;
      const char* says;
    };
    const std::string& plain = items_stream;
    const std::string snapshot =
        "[stream.items]\nget = \"/items\"\nrecords = \"data\"\nkey = "
        "\"id\"\n";
    const std::vector<Case> cases = {
        {plain.c_str(),
         {"--since", "2024-01-01", "--until", "2024-01-02"},
         "items has no ${until} in its request"},
        {plain.c_str(), {"--until", "2024-01-02"}, "--until goes with --since"},
        {plain.c_str(),
         {"--full", "--since", "2024-01-01"},
         "--full and --since exclude each other"},
        {plain.c_str(),
         {"--since", "last week"},
         "--since of items is 'last week', not a time"},
        {bounded_stream.c_str(),
         {"--since", "2024-01-02", "--until", "2024-01-02"},
         "items has nothing between --since and --until"},
        {bounded_stream.c_str(),
         {"--since", "2024-01-02", "--until", "tomorrow"},
         "--until of items is 'tomorrow', not a time"},
        {snapshot.c_str(),
         {"--since", "2024-01-01"},
         "items has no cursor field"},
    };
    for (const auto& each : cases) {
      CAPTURE(each.says);
      SyncFixture fixture(each.stream);
      auto arguments = each.arguments;
      arguments.insert(arguments.begin(), "sync");
      arguments.insert(arguments.end(), {"-c", fixture.config().string()});
      const auto result = run(fixture.dir(), arguments);
      CHECK(result.code == 64);
      CHECK_MESSAGE(has(result.err, each.says), result.err);
      CHECK(has(result.err, "  try  ") ==
            (std::string(each.says).find("exclude") == std::string::npos));
      CHECK(fixture.server.take_requests().empty());
    }
  }
}

TEST_SUITE("sync --max-time") {
  TEST_CASE("stops at a slow source, keeps what came, and the next goes on") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(200));
    fixture.server.set_hook([](const auto&, const auto&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
      return false;
    });
    const auto config = fixture.config().string();
    const auto result =
        run(fixture.dir(), {"sync", "--max-time", "1s", "-c", config});
    CHECK(result.code == 75);
    CHECK(has(result.err,
              "strandline: items: the time that --max-time allows is over\n"));
    CHECK_MESSAGE(has(result.err, "records; the next run continues after them"),
                  result.err);
    CHECK(has(result.err, "  try       run again"));
    CHECK(has(result.out, "items   interrupted"));
    CHECK(query(fixture.database(),
                "SELECT outcome, exit_code FROM pipeline_runs") ==
          Rows{{"interrupted", "75"}});
    const auto rows =
        std::stoi(value(fixture.database(), "SELECT count(*) FROM items"));
    CHECK(rows >= 10);
    CHECK(rows < 200);
    CHECK(has(run(fixture.dir(), {"runs", "-c", config}).out,
              "  the time that --max-time allows is over\n"));
    const auto status = run(fixture.dir(), {"status", "-c", config});
    CHECK(has(status.out, "the last run was cut short"));

    fixture.server.set_hook({});
    const auto next =
        Json::parse(run(fixture.dir(),
                        {"sync", "--max-time", "10m", "--json", "-c", config})
                        .out);
    CHECK(next["ok"] == true);
    CHECK(next["streams"][0]["resumed"] == true);
    CHECK(next["streams"][0]["inserted"] == 200 - rows);
  }

  TEST_CASE("is over for the streams behind the one that took it") {
    auto other = items_stream;
    other.replace(other.find("items"), 5, "other");
    SyncFixture fixture("");
    fixture.configure(items_stream + other, "", "parallel = 1\n");
    fixture.server.set(items(5));
    fixture.server.set_hook([](const auto&, const auto&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2500));
      return false;
    });
    const auto result = run(fixture.dir(), {"sync", "--max-time", "4s", "-c",
                                            fixture.config().string()});
    CHECK(result.code == 10);
    CHECK(
        query(fixture.database(),
              "SELECT pipeline_name, outcome FROM pipeline_runs ORDER BY 1") ==
        Rows{{"s.items", "ok"}, {"s.other", "interrupted"}});
    CHECK(has(result.err, "strandline: other: the time that --max-time"));
    CHECK_MESSAGE(has(result.out, "other   interrupted"), result.out);
  }

  TEST_CASE("takes the configuration's durations and refuses others") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(1));
    const auto config = fixture.config().string();
    for (const auto* good : {"90s", "10m", "2h", "1d"}) {
      CAPTURE(good);
      CHECK(
          run(fixture.dir(), {"sync", "--max-time", good, "-c", config}).code ==
          0);
    }
    fixture.server.take_requests();
    for (const auto* bad : {"10", "10min", "m", "1.5h", "0s", "-5m"}) {
      CAPTURE(bad);
      const auto result =
          run(fixture.dir(),
              {"sync", std::string("--max-time=") + bad, "-c", config});
      CHECK(result.code == 64);
      CHECK_MESSAGE(has(result.err, "--max-time"), result.err);
      CHECK_MESSAGE(has(result.err, "90s, 10m, 2h or 1d"), result.err);
    }
    CHECK(fixture.server.take_requests().empty());
  }
}

TEST_SUITE("status") {
  TEST_CASE("warns of records that come later than half the overlap") {
    Stream stream(items_stream);
    CHECK_FALSE(has(stream.run({"status"}).out, "overlap"));
    const auto late = [&](int id, const char* updated_at) {
      stream.server.put({{"id", id}, {"updated_at", updated_at}});
      REQUIRE(stream.sync().exit_code == ExitCode::ok);
    };
    // The mark is 00:05:00, the overlap 300 s.
    late(1001, "2024-01-01T00:02:31Z");
    const auto quiet = stream.run({"status", "--json"});
    CHECK(Json::parse(quiet.out)["streams"][0]["lateness_s"].is_null());
    CHECK_FALSE(has(stream.run({"status"}).out, "overlap"));

    late(1002, "2024-01-01T00:01:40Z");
    const auto status = stream.run({"status"});
    CHECK(status.code == 0);
    CHECK_MESSAGE(
        has(status.out,
            "items: records came up to 200 s after their own time, more than "
            "half the overlap: set overlap = \"400s\" or more\n"),
        status.out);
    CHECK(Json::parse(stream.run({"status", "--json"})
                          .out)["streams"][0]["lateness_s"] == 200);
  }
}
