// SPDX-License-Identifier: MIT
//
// What the program prints and how it ends.
#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "child.hpp"
#include "sync_fixture.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

// The child's id: it may be at work before its parent knows it.
pid_t started(const std::atomic<pid_t>& pid) {
  while (pid == 0) {
    std::this_thread::yield();
  }
  return pid;
}

}  // namespace

TEST_SUITE("the program") {
  TEST_CASE("tells what it is and what it knows") {
    const TempDir dir;
    const auto help = run(dir, {"--help"});
    CHECK(help.code == 0);
    for (const auto* verb :
         {"check", "connectors", "demo", "har", "help", "init", "rejects",
          "reset", "rewind", "runs", "schema", "status", "sync", "version"}) {
      CAPTURE(verb);
      CHECK(has(help.out, std::string("  ") + verb));
      const auto about = run(dir, {"help", verb});
      CHECK(about.code == 0);
      CHECK(has(about.out, verb));
    }
    CHECK(run(dir, {"help"}).out == help.out);
    CHECK(has(run(dir, {"version"}).out, "strandline "));
    CHECK(nlohmann::json::parse(run(dir, {"version", "--json"}).out)["type"] ==
          "version");
  }

  TEST_CASE("refuses a command line that it does not understand") {
    const TempDir dir;
    struct Case {
      std::vector<std::string> arguments;
      const char* says;
    };
    const std::vector<Case> cases = {
        {{"snyc"}, "'snyc' is not a command; did you mean 'sync'?"},
        {{"sync", "--fulll"}, "--fulll"},
        {{"frobnicate"}, "'frobnicate' is not a command"},
        {{"init"}, "connector is required"},
        {{"connectors"}, "subcommand is required"},
        {{"help", "nothing"}, "no help on 'nothing'"},
        {{"-c"}, "--config"},
    };
    for (const auto& each : cases) {
      CAPTURE(each.says);
      const auto result = run(dir, each.arguments);
      CHECK(result.code == 64);
      CHECK_MESSAGE(has(result.err, each.says), result.err);
      CHECK(result.out.empty());
    }
  }

  TEST_CASE("points to the help of the command that it did not understand") {
    const TempDir dir;
    struct Case {
      std::vector<std::string> arguments;
      const char* tries;
    };
    const std::vector<Case> cases = {
        {{"har"}, "strandline har --help"},
        {{"har", "lsit"}, "strandline har --help"},
        {{"har", "list"}, "strandline har list --help"},
        {{"sync", "--fulll"}, "strandline sync --help"},
        {{"snyc"}, "strandline --help"},
        {{"--jsno"}, "strandline --help"},
    };
    for (const auto& each : cases) {
      CAPTURE(each.arguments.back());
      const auto result = run(dir, each.arguments);
      CHECK(result.code == 64);
      CHECK_MESSAGE(
          has(result.err, std::string("  try       ") + each.tries + "\n"),
          result.err);
    }
    CHECK(has(run(dir, {"har", "--help"}).out, "redact"));
    CHECK(has(run(dir, {"har", "list", "--help"}).out, "FILE"));
  }

  TEST_CASE("without a command prints the help, and that is no success") {
    const TempDir dir;
    const auto result = run(dir, {});
    CHECK(result.code == 64);
    CHECK(has(result.out, "Usage: strandline"));
  }

  TEST_CASE("sync prints a table, and with --json one summary object") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(25));
    const auto config = fixture.config().string();
    const auto first = run(fixture.dir(), {"sync", "-c", config});
    CHECK(first.code == 0);
    CHECK(has(first.out, "stream  outcome  fetched  inserted"));
    CHECK(has(first.out, "items   ok            25        25"));
    CHECK(first.err.empty());

    const auto second =
        run(fixture.dir(), {"sync", "items", "--config", config, "--json"});
    CHECK(second.code == 0);
    const auto summary = nlohmann::json::parse(second.out);
    CHECK(summary["type"] == "summary");
    CHECK(summary["ok"] == true);
    CHECK(summary["run_id"] == 2);
    CHECK(summary["streams"][0]["unchanged"] == 25);
    CHECK(summary["streams"][0]["mark_after"] == "2024-01-01T00:00:25.000Z");

    const auto quiet = run(fixture.dir(), {"sync", "-q", "-c", config});
    CHECK(quiet.out.empty());
    CHECK(quiet.err.empty());
  }

  TEST_CASE("a failed sync says why, what to try, and ends with its code") {
    SyncFixture fixture(items_stream);
    fixture.server.set_hook([](const auto&, auto& response) {
      response.status = 401;
      response.set_content("{\"message\":\"token expired\"}",
                           "application/json");
      return true;
    });
    const auto config = fixture.config().string();
    const auto result = run(fixture.dir(), {"sync", "-c", config});
    CHECK(result.code == 77);
    CHECK(has(result.err, "strandline: items: "));
    CHECK(has(result.err, "401"));
    CHECK(has(result.err, "token expired"));
    CHECK(has(result.err, "\n  request   GET "));
    CHECK(has(result.err, "\n  try "));

    const auto json = run(fixture.dir(), {"sync", "--json", "-c", config});
    CHECK(json.code == 77);
    const auto summary = nlohmann::json::parse(json.out);
    CHECK(summary["ok"] == false);
    CHECK(summary["exit_code"] == 77);
    CHECK(summary["streams"][0]["error"]["exit_code"] == 77);
  }

  TEST_CASE("sync --json ends with a summary even if nothing could begin") {
    const TempDir dir;
    const auto file = dir.write("bad.toml", "databse = \"x.db\"\n");
    const auto result = run(dir, {"sync", "--json", "-c", file.string()});
    CHECK(result.code == 78);
    const auto summary = nlohmann::json::parse(result.out);
    CHECK(summary["type"] == "summary");
    CHECK(has(summary["error"]["message"], "databse"));
    CHECK(has(result.err, "bad.toml:1:1"));
    CHECK(has(result.err, "did you mean 'database'?"));
  }

  TEST_CASE(
      "status tells how each stream stands and ends with 1 if not fresh") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(1234));
    const auto config = fixture.config().string();
    const auto before = run(fixture.dir(), {"status", "-c", config});
    CHECK(before.code == 1);
    CHECK(has(before.out, "never_ran"));
    CHECK_FALSE(std::filesystem::exists(fixture.database()));

    REQUIRE(run(fixture.dir(), {"sync", "-c", config}).code == 0);
    const auto after = run(fixture.dir(), {"status", "-c", config});
    CHECK(after.code == 0);
    CHECK(has(after.out, "items   fresh  1,234  2024-01-01T00:20:34.000Z"));
    const auto json = nlohmann::json::parse(
        run(fixture.dir(), {"status", "--json", "-c", config}).out);
    CHECK(json["ok"] == true);
    CHECK(json["streams"][0]["rows"] == 1234);
    CHECK(json["streams"][0]["last_success"].is_string());

    fixture.server.set_hook([](const auto&, auto& response) {
      response.status = 403;
      return true;
    });
    CHECK(run(fixture.dir(), {"sync", "-c", config}).code == 77);
    const auto failing = run(fixture.dir(), {"status", "-c", config});
    CHECK(failing.code == 1);
    CHECK(has(failing.out, "failing"));
    CHECK(has(failing.out, "403"));
  }

  TEST_CASE("an unknown stream is a usage error with a suggestion") {
    SyncFixture fixture(items_stream);
    const auto result =
        run(fixture.dir(), {"sync", "itmes", "-c", fixture.config().string()});
    CHECK(result.code == 64);
    CHECK(has(result.err, "no stream 'itmes'"));
    CHECK(has(result.err, "did you mean 'items'?"));
  }

  TEST_CASE("check --offline looks over everything without a request") {
    SyncFixture fixture(items_stream);
    const auto config = fixture.config().string();
    const auto good = run(fixture.dir(), {"check", "--offline", "-c", config});
    CHECK(good.code == 0);
    CHECK(has(good.out, "1 stream of 1 source"));
    CHECK(fixture.server.take_requests().empty());

    fixture.configure(items_stream,
                      "auth = \"bearer\"\ntoken = { env = "
                      "\"STRANDLINE_TEST_UNSET\" }\n");
    const auto missing =
        run(fixture.dir(), {"check", "--offline", "-c", config});
    CHECK(missing.code == 66);
    CHECK(has(missing.err, "STRANDLINE_TEST_UNSET"));

    fixture.configure(items_stream, "ca = \"missing.pem\"\n");
    for (const std::vector<std::string>& verb :
         {std::vector<std::string>{"check", "--offline"}, {"sync"}}) {
      auto arguments = verb;
      arguments.insert(arguments.end(), {"-c", config});
      const auto no_ca = run(fixture.dir(), arguments);
      CHECK(no_ca.code == 66);
      CHECK(has(no_ca.err, "missing.pem: No such file"));
    }
    CHECK(fixture.server.take_requests().empty());

    fixture.configure(items_stream, "tokn = 1\n");
    const auto wrong = run(fixture.dir(), {"check", "--offline", "-c", config});
    CHECK(wrong.code == 78);
    CHECK(has(wrong.err, "strandline.toml:4:1: unknown key 'tokn'"));
    CHECK(has(wrong.err, "did you mean 'token'?"));
  }

  TEST_CASE("a missing configuration is named") {
    const TempDir dir;
    const auto result =
        run(dir, {"sync", "-c", "/nonexistent/strandline.toml"});
    CHECK(result.code == 66);
    CHECK(has(result.err, "/nonexistent/strandline.toml"));
  }

  TEST_CASE("an answer that cannot be written is a failure") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(3));
    const auto command =
        program() + " sync -c " + fixture.config().string() + " > /dev/full";
    Child child(fixture.dir(), {"/bin/sh", "-c", command});
    CHECK(child.wait() == 74);
    CHECK(has(child.err(), "cannot write to standard output"));
    // The run itself was done.
    CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "3");
  }

  TEST_CASE("a secret is nowhere to be seen") {
    const std::string secret = "canary-5f1e09c2";
    std::mutex mutex;
    std::string sent;
    SyncFixture fixture(items_stream);
    fixture.dir().write("token", secret + "\n");
    fixture.configure(items_stream,
                      "auth = \"bearer\"\ntoken = { file = \"token\" }\n");
    const auto last_sent = [&] {
      const std::lock_guard lock(mutex);
      return sent;
    };
    fixture.server.set_hook([&](const auto& request, auto& response) {
      const std::lock_guard lock(mutex);
      sent = request.get_header_value("Authorization");
      response.status = 403;
      response.set_content("refused: " + sent, "text/plain");
      return true;
    });
    const auto config = fixture.config().string();
    const auto result = run(fixture.dir(), {"sync", "-v", "-c", config});
    CHECK(last_sent() == "Bearer " + secret);
    CHECK(result.code == 77);
    const auto json = run(fixture.dir(), {"sync", "--json", "-c", config});
    const auto status = run(fixture.dir(), {"status", "-c", config});
    for (const auto& text :
         {result.out, result.err, json.out, json.err, status.out, status.err}) {
      CHECK_FALSE(has(text, secret));
    }
    std::ostringstream file;
    file << std::ifstream(fixture.database(), std::ios::binary).rdbuf();
    CHECK_FALSE(has(file.str(), secret));
  }

  TEST_CASE("SIGTERM ends a sync with 143 and keeps what came") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(500));
    std::atomic<pid_t> victim{0};
    int answers = 0;
    fixture.server.set_hook([&](const auto&, auto&) {
      if (++answers == 10) {
        kill(started(victim), SIGTERM);
      }
      return false;
    });
    Child child(fixture.dir(),
                {program(), "sync", "-c", fixture.config().string()});
    victim = child.pid();
    CHECK(child.wait() == 143);
    CHECK(std::stoi(value(fixture.database(), "SELECT count(*) FROM items")) >=
          80);
    CHECK(value(fixture.database(), "SELECT outcome FROM pipeline_runs") ==
          "interrupted");
  }
}
