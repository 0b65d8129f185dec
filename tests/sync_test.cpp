// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <csignal>

#include "raw_server.hpp"
#include "sync_fixture.hpp"

using namespace strandline;
using namespace strandline::test;

TEST_SUITE("sync") {
  TEST_CASE("a first run loads everything and stores rows and checkpoint") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(25));
    const auto summary = fixture.sync();

    REQUIRE(summary.exit_code == ExitCode::ok);
    REQUIRE(summary.streams.size() == 1);
    const auto& stream = summary.streams[0];
    CHECK(stream.complete);
    CHECK(stream.counts.fetched == 25);
    CHECK(stream.counts.inserted == 25);
    CHECK(stream.counts.requests == 3);
    CHECK(stream.mark_after == "2024-01-01T00:00:25.000Z");
    CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "25");
    CHECK(value(fixture.database(),
                "SELECT last_processed_at FROM pipeline_checkpoints WHERE "
                "pipeline_name = 's.items'") ==
          "2024-01-01T00:00:25.000000000Z");
    CHECK(query(fixture.database(),
                "SELECT outcome, fetched, inserted, requests FROM "
                "pipeline_runs") == Rows{{"ok", "25", "25", "3"}});
  }

  TEST_CASE("a second run asks from the mark less the overlap only") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(1000));
    fixture.sync();
    fixture.server.take_requests();
    fixture.server.put(item(1001, "new"));
    fixture.server.put([] {
      auto changed = item(500, "changed");
      changed["updated_at"] = "2024-01-01T00:16:42Z";
      return changed;
    }());
    const auto summary = fixture.sync();

    const auto requests = fixture.server.take_requests();
    REQUIRE(!requests.empty());
    // The mark is 00:16:40, the overlap five minutes.
    CHECK(requests[0].find("since=2024-01-01T00%3A11%3A40Z") !=
          std::string::npos);
    const auto& counts = summary.streams.at(0).counts;
    CHECK(counts.inserted == 1);
    CHECK(counts.updated == 1);
    CHECK(counts.unchanged == 301);
    CHECK(value(fixture.database(),
                "SELECT count(*) FROM items WHERE _run_id = 2") == "2");
    CHECK(value(fixture.database(), "SELECT name FROM items WHERE id = 500") ==
          "changed");
  }

  // The pattern's own test: run, record the state, run again with the same
  // source data and the same checkpoint, and find the state identical.
  TEST_CASE("the same data from the same checkpoint leaves the same state") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(137));
    REQUIRE(fixture.sync().exit_code == ExitCode::ok);
    const auto file = fixture.database();
    const auto before = contents(file, "items");
    const auto marks =
        query(file, "SELECT last_processed_at FROM pipeline_checkpoints");
    REQUIRE(before.size() == 137);

    SUBCASE("from the checkpoint that the run left") {}
    SUBCASE("from the checkpoint that the run began with: none") {
      execute(file, "DELETE FROM pipeline_checkpoints");
    }
    SUBCASE("with --full") {
      REQUIRE(fixture.sync(true).exit_code == ExitCode::ok);
    }
    const auto summary = fixture.sync();

    REQUIRE(summary.exit_code == ExitCode::ok);
    CHECK(summary.streams.at(0).counts.fetched > 0);
    CHECK(summary.streams.at(0).counts.unchanged ==
          summary.streams.at(0).counts.fetched);
    CHECK(contents(file, "items") == before);
    CHECK(query(file, "SELECT last_processed_at FROM pipeline_checkpoints") ==
          marks);
  }

  TEST_CASE("every kind of paging reads the whole list") {
    struct Case {
      const char* name;
      const char* stream;
    };
    const std::vector<Case> cases = {
        {"token",
         R"(get = "/items"
            page = { token = "meta/next", param = "after" })"},
        {"next URL", R"(get = "/next"
                        page = { next = "meta/next" })"},
        {"Link header", R"(get = "/linked"
                           page = { link = "next" })"},
        {"page number", R"(get = "/numbered"
                           page = { number = "page" })"},
        {"page number by size", R"(get = "/numbered"
                                   page = { number = "page", size = 10 })"},
        {"offset", R"(get = "/offsets"
                      page = { offset = "offset" })"},
        {"offset by total", R"(get = "/offsets"
                               page = { offset = "offset", total = "total" })"},
    };
    for (const auto& each : cases) {
      CAPTURE(each.name);
      SyncFixture fixture(std::string("[stream.items]\n") + each.stream + R"(
        query = { limit = 10 }
        records = "data"
        key = "id")");
      fixture.server.set(items(35));
      const auto summary = fixture.sync();
      REQUIRE(summary.exit_code == ExitCode::ok);
      CHECK(summary.streams.at(0).mode == "snapshot");
      CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "35");
    }
  }

  TEST_CASE("a snapshot marks the rows that are no longer in the list") {
    SyncFixture fixture(R"([stream.items]
      get = "/items"
      query = { limit = 10 }
      records = "data"
      key = "id"
      page = { token = "meta/next", param = "after" })");
    fixture.server.set(items(12));
    CHECK(fixture.sync().streams.at(0).warnings.empty());
    fixture.server.set(items(10));
    const auto summary = fixture.sync();
    CHECK(summary.streams.at(0).counts.deleted == 2);
    CHECK(value(fixture.database(),
                "SELECT group_concat(id) FROM items WHERE _deleted_at IS NOT "
                "NULL") == "11,12");
    CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "12");
  }

  TEST_CASE("a run that fails keeps what came and the next one goes on there") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(95));
    int answers = 0;
    fixture.server.set_hook([&](const auto&, auto& response) {
      if (++answers <= 5) {
        return false;
      }
      response.status = 503;
      response.set_content("busy", "text/plain");
      return true;
    });
    const auto failed = fixture.sync();
    CHECK(failed.exit_code == ExitCode::temporary);
    REQUIRE(failed.streams.at(0).failure);
    CHECK(failed.streams[0].failure->message.find("503") != std::string::npos);
    const auto file = fixture.database();
    CHECK(value(file, "SELECT count(*) FROM items") == "50");
    // The mark does not move before the window's end is proved.
    CHECK(value(file, "SELECT last_processed_at FROM pipeline_checkpoints") ==
          "NULL");
    CHECK(value(file, "SELECT window_read FROM pipeline_checkpoints") == "50");
    CHECK(query(file, "SELECT outcome, exit_code FROM pipeline_runs") ==
          Rows{{"failed", "75"}});

    fixture.server.set_hook({});
    fixture.server.take_requests();
    const auto resumed = fixture.sync();
    CHECK(resumed.exit_code == ExitCode::ok);
    CHECK(resumed.streams.at(0).resumed);
    const auto requests = fixture.server.take_requests();
    REQUIRE(!requests.empty());
    CHECK(requests[0].find("after=50") != std::string::npos);
    CHECK(value(file, "SELECT count(*) FROM items") == "95");
    CHECK(value(file, "SELECT last_processed_at FROM pipeline_checkpoints") ==
          "2024-01-01T00:01:35.000000000Z");
  }

  TEST_CASE("an answer that is none is never taken for an empty page") {
    struct Case {
      const char* name;
      int status;
      const char* body;
      ExitCode code;
      const char* says;
    };
    const std::vector<Case> cases = {
        {"not found", 404, "{\"data\":[]}", ExitCode::unavailable, "404"},
        {"refused credentials", 401, "{\"data\":[]}", ExitCode::credentials,
         "401"},
        {"server error", 500, "{\"data\":[]}", ExitCode::temporary, "500"},
        {"throttled", 429, "{\"data\":[]}", ExitCode::temporary, "429"},
        {"redirect", 302, "", ExitCode::protocol, "302"},
        {"not JSON", 200, "<html>sign in</html>", ExitCode::protocol,
         "not JSON"},
        {"cut off", 200, "{\"data\":[{\"id\":1}", ExitCode::temporary,
         "cut off"},
        {"empty", 200, "", ExitCode::protocol, "empty"},
        {"no records", 200, "{\"items\":[]}", ExitCode::protocol,
         "'data' is not there"},
        {"records null", 200, "{\"data\":null}", ExitCode::protocol,
         "'data' is null"},
        {"records no array", 200, "{\"data\":{}}", ExitCode::protocol,
         "'data' is not an array"},
    };
    for (const auto& each : cases) {
      CAPTURE(each.name);
      SyncFixture fixture(items_stream);
      fixture.server.set_hook([&](const auto&, auto& response) {
        response.status = each.status;
        response.set_content(each.body, "application/json");
        return true;
      });
      const auto summary = fixture.sync();
      CHECK(summary.exit_code == each.code);
      REQUIRE(summary.streams.at(0).failure);
      CHECK_MESSAGE(summary.streams[0].failure->message.find(each.says) !=
                        std::string::npos,
                    summary.streams[0].failure->message);
      CHECK_FALSE(summary.streams[0].complete);
      CHECK(value(fixture.database(),
                  "SELECT complete_number FROM pipeline_checkpoints") == "0");
    }
  }

  TEST_CASE("with a proxy everything goes there, and only there") {
    SyncFixture fixture(items_stream);
    RawServer proxy("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
    fixture.configure(items_stream, "proxy = \"http://127.0.0.1:" +
                                        std::to_string(proxy.port()) + "\"\n");
    CHECK(fixture.sync().exit_code == ExitCode::temporary);
    CHECK(proxy.connections() == 1);
    CHECK(fixture.server.take_requests().empty());
  }

  TEST_CASE("an answer that is no JSON is shown from its begin, JSON is not") {
    SyncFixture fixture(items_stream);
    const auto notes_on = [&](const std::string& body) {
      fixture.server.set_hook([&](const auto&, auto& response) {
        response.set_content(body, "text/html");
        return true;
      });
      std::string notes;
      const auto summary = fixture.sync();
      for (const auto& note : summary.streams.at(0).failure->notes) {
        notes += note.label + "=" + note.text + "\n";
      }
      return notes;
    };
    CHECK(notes_on("<html>please sign in</html>")
              .find("answer=<html>please sign in</html>\n") !=
          std::string::npos);
    CHECK(notes_on("{\"data\":[{\"email\":\"ada@example.com\"").find("ada@") ==
          std::string::npos);
  }

  TEST_CASE("an unreachable host is temporary and changes nothing") {
    SyncFixture fixture(items_stream);
    fixture.dir().write("strandline.toml",
                        "database = \"test.db\"\n"
                        "[source.s]\nbase_url = \"http://127.0.0.1:1\"\n" +
                            items_stream);
    const auto summary = fixture.sync();
    CHECK(summary.exit_code == ExitCode::temporary);
    CHECK(query(fixture.database(), "SELECT outcome FROM pipeline_runs") ==
          Rows{{"failed"}});
  }

  TEST_CASE("a record without its key is kept with the reason") {
    SyncFixture fixture(items_stream);
    auto records = items(3);
    records[1].erase("id");
    fixture.server.set(records);
    const auto summary = fixture.sync();
    CHECK(summary.exit_code == ExitCode::ok);
    CHECK(summary.streams.at(0).counts.rejected == 1);
    REQUIRE(summary.streams[0].warnings.size() == 1);
    CHECK(summary.streams[0].warnings[0].find("1 record did not fit") == 0);
    CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "2");
    CHECK(query(fixture.database(),
                "SELECT pipeline_name, reason, raw FROM pipeline_rejects") ==
          Rows{{"s.items", "the key 'id' is not there", records[1].dump()}});

    fixture.sync();
    CHECK(value(fixture.database(), "SELECT count(*) FROM pipeline_rejects") ==
          "1");
  }

  TEST_CASE("one source that fails does not keep the others from being read") {
    SyncFixture fixture("");
    fixture.dir().write(
        "strandline.toml",
        fmt::format("database = \"test.db\"\n"
                    "[source.good]\nbase_url = \"{0}\"\n"
                    "[source.bad]\nbase_url = \"{0}\"\nauth = \"bearer\"\n"
                    "token = {{ env = \"STRANDLINE_TEST_UNSET\" }}\n"
                    "[stream.first]\nsource = \"bad\"\nget = \"/items\"\n"
                    "records = \"data\"\nkey = \"id\"\n"
                    "[stream.second]\nsource = \"good\"\nget = \"/items\"\n"
                    "records = \"data\"\nkey = \"id\"\n",
                    fixture.server.url()));
    fixture.server.set(items(3));
    const auto summary = fixture.sync();
    CHECK(summary.exit_code == ExitCode::partial);
    REQUIRE(summary.streams.size() == 2);
    REQUIRE(summary.streams[0].failure);
    CHECK(summary.streams[0].failure->message.find("STRANDLINE_TEST_UNSET") !=
          std::string::npos);
    CHECK(summary.streams[1].complete);
    CHECK(
        query(fixture.database(),
              "SELECT pipeline_name, outcome FROM pipeline_runs ORDER BY 1") ==
        Rows{{"bad.first", "failed"}, {"good.second", "ok"}});
  }

  TEST_CASE("a signal ends the run and what came by then is committed") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(95));
    std::atomic<int> stop{0};
    int answers = 0;
    fixture.server.set_hook([&](const auto&, auto&) {
      if (++answers == 4) {
        stop = SIGTERM;
      }
      return false;
    });
    SyncOptions options;
    options.config = fixture.config();
    options.stop = &stop;
    const auto summary = run_sync(options);
    CHECK(summary.exit_code == ExitCode::terminated);
    CHECK(query(fixture.database(), "SELECT outcome FROM pipeline_runs") ==
          Rows{{"interrupted"}});
    CHECK(std::stoi(value(fixture.database(), "SELECT count(*) FROM items")) >=
          30);
    fixture.server.set_hook({});
    CHECK(fixture.sync().exit_code == ExitCode::ok);
    CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "95");
  }

  TEST_CASE("a signal is told although a stream had failed by itself before") {
    for (const bool others : {false, true}) {
      CAPTURE(others);
      SyncFixture fixture("");
      fixture.configure(items_stream + (others ? R"(
[stream.others]
get     = "/items"
records = "data"
key     = "id"
)"
                                               : ""),
                        "", "parallel = 1\n");
      std::atomic<int> stop{0};
      fixture.server.set_hook([&](const auto&, auto& response) {
        response.status = 401;
        return true;
      });
      SyncOptions options;
      options.on_progress = [&](const Progress&) { stop = SIGTERM; };
      options.config = fixture.config();
      options.stop = &stop;
      const auto summary = run_sync(options);
      // Where it left nothing out the failure is the outcome.
      CHECK(summary.exit_code ==
            (others ? ExitCode::terminated : ExitCode::credentials));
      CHECK(summary.streams.size() == 1);
    }
  }

  TEST_CASE("a second run at the same time is refused") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(5));
    ExitCode second = ExitCode::ok;
    fixture.server.set_hook([&](const auto&, auto&) {
      second = fixture.sync().exit_code;
      return false;
    });
    const auto first = fixture.sync();
    CHECK(first.exit_code == ExitCode::ok);
    CHECK(second == ExitCode::busy);
  }

  TEST_CASE("a changed definition asks for --full") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(30));
    REQUIRE(fixture.sync().exit_code == ExitCode::ok);
    auto changed = items_stream;
    changed.replace(changed.find("limit = 10"), 10, "kind = \"b\"");
    fixture.configure(changed);
    const auto refused = fixture.sync();
    CHECK(refused.exit_code == ExitCode::configuration);
    CHECK(fixture.sync(true).exit_code == ExitCode::ok);
    CHECK(fixture.sync().exit_code == ExitCode::ok);
  }

  TEST_CASE("another page size keeps the mark, but not a position") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(95));
    int answers = 0;
    fixture.server.set_hook([&](const auto&, auto& response) {
      if (++answers <= 5) {
        return false;
      }
      response.status = 503;
      return true;
    });
    fixture.sync();
    CHECK(value(fixture.database(),
                "SELECT position IS NOT NULL FROM pipeline_checkpoints") ==
          "1");
    fixture.server.set_hook({});
    fixture.server.take_requests();
    auto changed = items_stream;
    changed.replace(changed.find("limit = 10"), 10, "limit = 20");
    fixture.configure(changed);
    CHECK(fixture.sync().exit_code == ExitCode::ok);
    CHECK(fixture.server.take_requests().at(0).find("after=") ==
          std::string::npos);
    CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "95");
  }

  TEST_CASE(
      "a record dated in the future is loaded and does not move the mark") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(5));
    auto future = item(6);
    future["updated_at"] = "2099-01-01T00:00:00Z";
    fixture.server.put(future);
    const auto summary = fixture.sync();
    CHECK(summary.streams.at(0).counts.inserted == 6);
    CHECK(summary.streams[0].mark_after == "2024-01-01T00:00:05.000Z");
    REQUIRE(!summary.streams[0].warnings.empty());
    CHECK(summary.streams[0].warnings[0].find("1 record dated in the future") ==
          0);
  }

  TEST_CASE("without a Date the mark follows one window behind") {
    SyncFixture fixture(items_stream);
    fixture.server.send_date(false);
    fixture.server.set(items(5));
    CHECK_FALSE(fixture.sync().streams.at(0).mark_after);
    fixture.server.put(item(6));
    CHECK(fixture.sync().streams.at(0).mark_after ==
          "2024-01-01T00:00:05.000Z");
    CHECK(fixture.sync().streams.at(0).mark_after ==
          "2024-01-01T00:00:06.000Z");
  }

  TEST_CASE("a stream and one that is like it have a table and a mark each") {
    SyncFixture fixture(items_stream +
                        "[stream.names]\nlike = \"items\"\ncursor = false\n"
                        "columns = [\"name\"]\n");
    fixture.server.set(items(15));
    CHECK(fixture.sync().exit_code == ExitCode::ok);
    fixture.server.take_requests();
    const auto summary = fixture.sync();
    REQUIRE(summary.streams.size() == 2);
    CHECK(summary.streams[0].mark_after == "2024-01-01T00:00:15.000Z");
    CHECK_FALSE(summary.streams[1].mark_after);
    CHECK(summary.streams[1].counts.fetched == 15);
    const auto file = fixture.database();
    CHECK(value(file, "SELECT count(*) FROM items") == "15");
    CHECK(value(file, "SELECT count(name) FROM names") == "15");
    // What was the cursor's is asked by neither of the second's requests.
    std::size_t without = 0;
    for (const auto& request : fixture.server.take_requests()) {
      without += request.find("since=") == std::string::npos ? 1 : 0;
    }
    CHECK(without == 2);
  }

  TEST_CASE("a descending list is left once a page is from before the mark") {
    SyncFixture fixture(R"([stream.items]
      get = "/items"
      query = { limit = 10 }
      records = "data"
      key = "id"
      cursor = { field = "updated_at", order = "descending", overlap = "10s" }
      page = { token = "meta/next", param = "after" })");
    auto records = items(100);
    std::reverse(records.begin(), records.end());
    fixture.server.set(records);
    CHECK(fixture.sync().streams.at(0).counts.requests == 10);
    records.insert(records.begin(), item(101));
    fixture.server.set(records);
    const auto summary = fixture.sync();
    CHECK(summary.streams.at(0).counts.inserted == 1);
    // The first page reaches 92, the second 82: below 90 only from the third.
    CHECK(summary.streams[0].counts.requests == 3);
    CHECK(summary.streams[0].mark_after == "2024-01-01T00:01:41.000Z");
  }
}
