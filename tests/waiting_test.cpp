// SPDX-License-Identifier: MIT
//
// The program, and sources that make it wait.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "child.hpp"
#include "raw_server.hpp"
#include "sync_fixture.hpp"
#include "terminal.hpp"

using namespace std::chrono_literals;
using namespace strandline;
using namespace strandline::test;

namespace {

using std::chrono::steady_clock;

using Headers = std::vector<std::pair<std::string, std::string>>;

// Answers requests `first` to `last`, counted from 1, with this.
RecordServer::Hook refusing(int first, int last, int status,
                            const Headers& headers = {}) {
  return [=, count = 0](const httplib::Request&,
                        httplib::Response& response) mutable {
    ++count;
    if (count < first || count > last) {
      return false;
    }
    response.status = status;
    for (const auto& [name, value] : headers) {
      response.set_header(name.c_str(), value);
    }
    response.set_content("{}", "application/json");
    return true;
  };
}

// Lets the server answer, with these headers, the first `count` requests.
RecordServer::Hook with_headers(int count, const Headers& headers) {
  return [=](const httplib::Request&, httplib::Response& response) mutable {
    if (count-- > 0) {
      for (const auto& [name, value] : headers) {
        response.set_header(name.c_str(), value);
      }
    }
    return false;
  };
}

struct Waited {
  Result result;
  steady_clock::duration time;
};

Waited sync(const SyncFixture& fixture, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"sync", "-c",
                                        fixture.config().string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const auto begin = steady_clock::now();
  auto result = run(fixture.dir(), arguments);
  return {std::move(result), steady_clock::now() - begin};
}

std::string rows(const SyncFixture& fixture) {
  return value(fixture.database(), "SELECT count(*) FROM items");
}

}  // namespace

TEST_SUITE("program, what it asks again") {
  TEST_CASE("a source that is back in time costs a wait and no run") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(25));
    fixture.server.set_hook(refusing(2, 3, 503));
    const auto [result, time] = sync(fixture);
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK(rows(fixture) == "25");
    CHECK(fixture.server.take_requests().size() == 5);
    CHECK(value(fixture.database(), "SELECT requests FROM pipeline_runs") ==
          "5");
    CHECK(has(result.out, "5 requests (2 of them again)"));

    fixture.server.set_hook(refusing(1, 1, 503));
    const auto json = sync(fixture, {"--json"});
    const auto summary = nlohmann::json::parse(json.result.out);
    CHECK(summary["streams"][0]["retries"] == 1);
    CHECK(summary["streams"][0]["requests"] ==
          fixture.server.take_requests().size());
  }

  TEST_CASE("a throttled 403 is waited out, any other ends the run") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(5));
    fixture.server.set_hook(refusing(1, 1, 403, {{"Retry-After", "1"}}));
    const auto throttled = sync(fixture);
    CHECK(throttled.result.code == 0);
    CHECK(throttled.time >= 1s);
    CHECK(rows(fixture) == "5");

    fixture.server.take_requests();
    fixture.server.set_hook(refusing(1, 1, 403));
    CHECK(sync(fixture).result.code == 77);
    CHECK(fixture.server.take_requests().size() == 1);
  }

  TEST_CASE("after the last request of a limit the next page waits") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(25));
    fixture.server.set_hook(with_headers(
        1, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1.5"}}));
    const auto [result, time] = sync(fixture);
    CHECK(result.code == 0);
    CHECK(time >= 1500ms);
    CHECK(rows(fixture) == "25");
    CHECK(fixture.server.take_requests().size() == 3);
  }
}

TEST_SUITE("program, rates") {
  TEST_CASE("a source's rate spreads the requests of its streams") {
    SyncFixture fixture("");
    fixture.server.set(items(20));
    const std::string other = R"(
[stream.others]
get     = "/items"
query   = { limit = 10 }
records = "data"
key     = "id"
page    = { token = "meta/next", param = "after" }
)";
    // At 0, 0, 1 and 1 s.
    fixture.configure(items_stream + other, "rate = \"2/s\"");
    const auto [result, time] = sync(fixture);
    CHECK(result.code == 0);
    CHECK(time >= 1s);
    CHECK(fixture.server.take_requests().size() == 4);
  }

  TEST_CASE("a stream's rate is its own") {
    SyncFixture fixture(R"(
[stream.items]
rate    = "1/s"
get     = "/items"
query   = { limit = 10 }
records = "data"
key     = "id"
page    = { token = "meta/next", param = "after" }
)");
    fixture.server.set(items(30));
    const auto [result, time] = sync(fixture);
    CHECK(result.code == 0);
    CHECK(time >= 2s);
    CHECK(rows(fixture) == "30");
  }

  TEST_CASE("--max-time does not wait for a rate in vain") {
    SyncFixture fixture("");
    fixture.server.set(items(20));
    fixture.configure(items_stream, "rate = \"1/h\"");
    const auto [result, time] = sync(fixture, {"--max-time", "20s"});
    CHECK(result.code == 75);
    CHECK(time < 10s);
    CHECK(has(result.err, "the time that --max-time allows"));
    CHECK(rows(fixture) == "10");
    CHECK(value(fixture.database(), "SELECT outcome FROM pipeline_runs") ==
          "interrupted");
  }
}

TEST_SUITE("program, waits that end") {
  TEST_CASE("a signal ends a wait within a second, and what came is kept") {
    for (const int signal : {SIGINT, SIGTERM}) {
      const int code = 128 + signal;
      CAPTURE(code);
      SyncFixture fixture(items_stream);
      fixture.server.set(items(50));
      fixture.server.set_hook(refusing(3, 99, 429, {{"Retry-After", "600"}}));
      Child child(fixture.dir(),
                  {program(), "sync", "-c", fixture.config().string()});
      for (int i = 0; i < 200 && !has(child.err(), "waiting"); ++i) {
        std::this_thread::sleep_for(50ms);
      }
      CHECK(child.err() == "items: waiting 10 min 0 s: GET " +
                               fixture.server.url() +
                               "/items: the answer is 429\n");
      child.kill(signal);
      CHECK(child.ends_within(1s));
      CHECK(child.wait() == code);
      CHECK(rows(fixture) == "20");
      CHECK(value(fixture.database(), "SELECT outcome FROM pipeline_runs") ==
            "interrupted");

      // The next run goes on there.
      fixture.server.take_requests();
      fixture.server.set_hook({});
      CHECK(sync(fixture).result.code == 0);
      CHECK(rows(fixture) == "50");
      CHECK(has(fixture.server.take_requests().at(0), "after=20"));
    }
  }

  TEST_CASE("a write that fails ends a wait and a request, and is told") {
    for (const bool under_way : {false, true}) {
      CAPTURE(under_way);
      SyncFixture fixture(R"(
[stream.items]
get     = "/items"
query   = { limit = 1000 }
records = "data"
key     = "id"
page    = { token = "meta/next", param = "after" }
)");
      fixture.server.set(items(1));
      REQUIRE(fixture.sync().exit_code == ExitCode::ok);
      execute(fixture.database(),
              "CREATE TRIGGER t BEFORE INSERT ON items "
              "BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
      fixture.server.take_requests();
      fixture.server.set(items(2500));
      std::atomic<bool> over = false;
      fixture.server.set_hook(
          [&, count = 0](const auto&, auto& response) mutable {
            if (++count == 1) {
              return false;
            }
            for (int i = 0; under_way && i < 400 && !over; ++i) {
              std::this_thread::sleep_for(50ms);
            }
            response.status = 429;
            response.set_header("Retry-After", "20");
            return true;
          });
      const auto [result, time] = sync(fixture);
      over = true;
      CHECK(result.code == 65);
      CHECK(has(result.err, "no"));
      CHECK(time < 10s);
      // The first may have failed before there was a second.
      CHECK(fixture.server.take_requests().size() <= 2);
    }
  }

  TEST_CASE("a wait that --max-time does not allow ends the run at once") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(50));
    fixture.server.set_hook(refusing(3, 99, 429, {{"Retry-After", "60"}}));
    const auto [result, time] = sync(fixture, {"--max-time", "50s"});
    CHECK(result.code == 75);
    CHECK(time < 20s);
    CHECK(has(result.err, "the source asks to wait until 20"));
    CHECK(has(result.err,
              "Z: GET " + fixture.server.url() + "/items: the answer is 429"));
    CHECK(has(result.err, "run again after 20"));
    CHECK(rows(fixture) == "20");
    CHECK(fixture.server.take_requests().size() == 3);
  }

  TEST_CASE("a wait of an hour ends the run at once, and the other streams'") {
    SyncFixture fixture(items_stream);
    fixture.configure(items_stream + R"(
[stream.others]
get     = "/items"
records = "data"
key     = "id"
)",
                      "", "parallel = 1\n");
    fixture.server.set(items(5));
    fixture.server.set_hook(refusing(1, 99, 503, {{"Retry-After", "3600"}}));
    const auto [result, time] = sync(fixture);
    CHECK(result.code == 75);
    CHECK(time < 20s);
    CHECK(has(result.err, "items: the source asks to wait until 20"));
    CHECK(has(result.err, "others: the source asks to wait until 20"));
    CHECK(fixture.server.take_requests().size() == 1);
  }

  TEST_CASE("--max-time ends the attempts") {
    SyncFixture fixture(items_stream);
    fixture.server.set_hook(refusing(1, 99, 503));
    const auto [result, time] = sync(fixture, {"--max-time", "3s"});
    CHECK(result.code == 75);
    CHECK(time < 4s);
    CHECK(has(result.err, "/items: the answer is 503"));
  }

  TEST_CASE("a source that never answers is given up at --max-time") {
    RawServer server([](RawServer::Connection& connection) {
      connection.read_request();
      connection.stall();
    });
    SyncFixture fixture("");
    const auto config = fixture.dir().write(
        "silent.toml", fmt::format("database = \"test.db\"\n[source.s]\n"
                                   "base_url = \"{}\"\n{}",
                                   server.url(""), items_stream));
    const auto begin = steady_clock::now();
    const auto result =
        run(fixture.dir(), {"sync", "-c", config.string(), "--max-time", "2s"});
    CHECK(result.code == 75);
    CHECK(steady_clock::now() - begin >= 2s);
    CHECK(steady_clock::now() - begin < 5s);
    CHECK(has(result.err, "the time that --max-time allows is over"));
    CHECK(server.connections() == 1);
  }

  TEST_CASE("a source that is not there is asked until --max-time") {
    SyncFixture fixture("");
    const auto config =
        fixture.dir().write("nobody.toml",
                            "database = \"test.db\"\n[source.s]\nbase_url = "
                            "\"http://127.0.0.1:1\"\n" +
                                items_stream);
    const auto begin = steady_clock::now();
    const auto result = run(fixture.dir(), {"sync", "-v", "-c", config.string(),
                                            "--max-time", "5s"});
    CHECK(result.code == 75);
    CHECK(steady_clock::now() - begin >= 500ms);
    CHECK(steady_clock::now() - begin < 6s);
    CHECK(
        has(result.err, "items: waiting 2 s: GET http://127.0.0.1:1/items: "));
  }
}

TEST_SUITE("program, what it says of waits") {
  TEST_CASE("a short wait is said at a terminal and with -v only") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(5));
    const Headers two_seconds = {{"Retry-After", "2"}};
    const auto line = "items: waiting 2 s: GET " + fixture.server.url() +
                      "/items: the answer is 429";

    fixture.server.set_hook(refusing(1, 1, 429, two_seconds));
    const auto silent = sync(fixture);
    CHECK(silent.result.code == 0);
    CHECK(silent.result.err.empty());

    fixture.server.set_hook(refusing(1, 1, 429, two_seconds));
    const auto verbose = sync(fixture, {"-v"});
    CHECK(verbose.result.code == 0);
    CHECK(has(verbose.result.err, line + "\n"));

    fixture.server.set_hook(refusing(1, 1, 429, two_seconds));
    Terminal terminal({program(), "sync", "-c", fixture.config().string()});
    CHECK(terminal.shows("\r\033[K" + line));
    CHECK(terminal.wait() == 0);
    // It is drawn, and taken away.
    CHECK_FALSE(has(terminal.screen(), line + "\r\n"));
    CHECK(terminal.shows(line + "\r\033[K"));
  }

  TEST_CASE("a long wait is said, but not with -q") {
    for (const bool quiet : {false, true}) {
      CAPTURE(quiet);
      SyncFixture fixture(items_stream);
      fixture.server.set_hook(refusing(1, 99, 429, {{"Retry-After", "10"}}));
      std::vector<std::string> arguments = {program(), "sync", "-c",
                                            fixture.config().string()};
      if (quiet) {
        arguments.emplace_back("-q");
      }
      Child child(fixture.dir(), arguments);
      CHECK_FALSE(child.ends_within(1500ms));
      child.kill(SIGTERM);
      CHECK(child.wait() == 143);
      CHECK(has(child.err(), "items: waiting 10 s: GET") == !quiet);
    }
  }

  TEST_CASE("what is said of a wait shows no secret") {
    SyncFixture fixture("");
    const auto token = fixture.dir().write("token", "s3cret");
    std::filesystem::permissions(token, std::filesystem::perms(0600));
    fixture.configure(
        R"(
[stream.items]
get     = "/s3cret"
records = "data"
key     = "id"
)",
        "auth = \"query\"\nparam = \"key\"\ntoken = { file = \"token\" }");
    const auto [result, time] = sync(fixture, {"-v", "--max-time", "5s"});
    CHECK(has(result.err, "/REDACTED"));
    CHECK_FALSE(has(result.err, "s3cret"));
  }
}
