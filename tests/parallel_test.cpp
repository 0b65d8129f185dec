// SPDX-License-Identifier: MIT
//
// Runs that read several streams at once, against a server that sees it.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <set>
#include <thread>

#include "child.hpp"
#include "config/load.hpp"
#include "lists_server.hpp"
#include "strandline/history.hpp"
#include "sync/network.hpp"
#include "sync/run.hpp"
#include "sync/side_by_side.hpp"
#include "sync_fixture.hpp"
#include "terminal.hpp"

namespace strandline::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using Names = std::vector<std::string>;

const Names four = {"a", "b", "c", "d"};

double seconds_of(const std::function<void()>& work) {
  const auto begun = steady_clock::now();
  work();
  return std::chrono::duration<double>(steady_clock::now() - begun).count();
}

std::string stream_text(const std::string& name, const std::string& more = "") {
  return fmt::format(R"(
[stream.{0}]
get     = "/{0}"
query   = {{ since = "${{from}}" }}
records = "data"
key     = "id"
cursor  = {{ field = "updated_at" }}
page    = {{ token = "meta/next", param = "after" }}
{1}
)",
                     name, more);
}

// A folder with a database, and a configuration of streams of one server.
struct Folder {
  Folder(const ListsServer& server, int parallel, const Names& names = four)
      : Folder(server, fmt::format("parallel = {}\n", parallel), names) {}

  Folder(const ListsServer& server, const std::string& top,
         const Names& names) {
    auto text =
        fmt::format("database = \"test.db\"\n{}[source.s]\nbase_url = \"{}\"\n",
                    top, server.url());
    for (const auto& name : names) {
      text += stream_text(name);
    }
    config = dir.write("strandline.toml", text);
  }

  SyncOptions options() const {
    SyncOptions options;
    options.config = config;
    options.attempts = 1;
    return options;
  }
  SyncSummary sync() const { return run_sync(options()); }

  std::filesystem::path database() const { return dir.path() / "test.db"; }
  std::string value(const std::string& sql) const {
    return test::value(database(), sql);
  }
  std::string rows(const std::string& table) const {
    return value("SELECT count(*) FROM " + table);
  }
  std::string rows_of_all() const {
    std::string all;
    for (const auto& name : four) {
      all += (all.empty() ? "" : " ") + rows(name);
    }
    return all;
  }

  TempDir dir;
  std::filesystem::path config;
};

Names names_of(const SyncSummary& summary) {
  Names names;
  for (const auto& stream : summary.streams) {
    names.push_back(stream.stream);
  }
  return names;
}

Names outcomes_of(const SyncSummary& summary) {
  Names outcomes;
  for (const auto& stream : summary.streams) {
    outcomes.push_back(stream.outcome);
  }
  return outcomes;
}

// Everything that a file holds but times that our own clock has a part in, a
// line a row.
std::string all_but_times(const std::filesystem::path& file) {
  const std::set<std::string> times = {
      "_synced_at",  "complete_anchor", "window_anchor",
      "complete_at", "finished_at",     "first_seen_at",
      "full_at",     "last_seen_at",    "started_at"};
  std::string all;
  for (const auto& table : query(
           file,
           "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")) {
    std::string columns;
    for (const auto& column : query(
             file, "SELECT name FROM pragma_table_info('" + table[0] + "')")) {
      const auto& name = column[0];
      const bool updated =
          table[0] == "pipeline_checkpoints" && name == "updated_at";
      if (!updated && !times.contains(name)) {
        columns += (columns.empty() ? "\"" : ", \"") + name + "\"";
      }
    }
    all += table[0] + ": " + columns + "\n";
    for (const auto& row : query(file, "SELECT " + columns + " FROM " +
                                           table[0] + " ORDER BY " + columns)) {
      all += fmt::format("{}\n", fmt::join(row, "|"));
    }
  }
  return all;
}

// A run without run_sync, so that a test can be its clients.
struct Direct {
  explicit Direct(const Folder& folder)
      : configuration(config::load(folder.config)) {
    environment.now = sync::system_now;
    environment.parallel = configuration.parallel;
    environment.client = [this](const model::SourceDefinition& source) {
      ++clients;
      return network.client(source);
    };
  }

  SyncSummary sync() {
    return sync::run(configuration, sync::RunOptions(), environment);
  }

  model::Configuration configuration;
  sync::Network network{{}, {.attempts = 3, .first = 2ms, .longest = 2ms}, {}};
  std::atomic<int> clients = 0;
  sync::Environment environment;
};

}  // namespace

TEST_SUITE("side by side") {
  TEST_CASE("every number once, in as many threads as are wanted at most") {
    for (const std::size_t threads : {1U, 3U, 9U}) {
      CAPTURE(threads);
      std::mutex mutex;
      std::multiset<std::size_t> done;
      std::set<std::thread::id> ids;
      std::atomic<int> now = 0;
      int most = 0;
      sync::side_by_side(6, threads, [&](std::size_t i) {
        const int at_once = ++now;
        std::this_thread::sleep_for(20ms);
        --now;
        const std::lock_guard lock(mutex);
        most = std::max(most, at_once);
        done.insert(i);
        ids.insert(std::this_thread::get_id());
      });
      CHECK(done == std::multiset<std::size_t>{0, 1, 2, 3, 4, 5});
      CHECK(most == std::min<int>(static_cast<int>(threads), 6));
      CHECK(ids.contains(std::this_thread::get_id()));
    }
  }

  TEST_CASE("what one throws comes when the others are done, and none begins") {
    std::atomic<int> begun = 0;
    std::atomic<int> ended = 0;
    const auto work = [&](std::size_t i) {
      ++begun;
      if (i == 1) {
        throw std::runtime_error("one");
      }
      std::this_thread::sleep_for(100ms);
      ++ended;
    };
    CHECK_THROWS_WITH(sync::side_by_side(10, 2, work), "one");
    CHECK(begun == 2);
    CHECK(ended == 1);
  }

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__clang__)
  // Sanitizers need more room than the limit leaves.
  TEST_CASE("where no more threads are given, those that are there do it") {
    const pid_t child = fork();
    if (child == 0) {
      const rlimit stack_of_a_thread{0, 0};
      setrlimit(RLIMIT_AS, &stack_of_a_thread);
      std::size_t done = 0;
      sync::side_by_side(5, 3, [&](std::size_t) { ++done; });
      _exit(done == 5 ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
#endif
}

TEST_SUITE("parallel") {
  TEST_CASE("as many streams are read at once as the configuration says") {
    for (const int parallel : {1, 2, 4}) {
      CAPTURE(parallel);
      ListsServer server(3, 10);
      server.gather(parallel, 60s);
      const Folder folder(server, parallel);
      const auto summary = folder.sync();
      CHECK(summary.exit_code == ExitCode::ok);
      CHECK(server.most() == parallel);
      CHECK(folder.rows_of_all() == "30 30 30 30");
    }
  }

  TEST_CASE("two, where it says nothing") {
    ListsServer server(3, 10);
    server.gather(3, 200ms);
    const Folder folder(server, "", four);
    CHECK(folder.sync().exit_code == ExitCode::ok);
    CHECK(server.most() == 2);
  }

  TEST_CASE("four take the time of one, not the sum") {
    ListsServer server(5, 10);
    server.set_hook([](const auto&, auto&) {
      std::this_thread::sleep_for(60ms);
      return false;
    });
    const Folder one(server, 1);
    const Folder all(server, 4);
    const auto sum = seconds_of([&] { one.sync(); });
    const auto longest = seconds_of([&] { all.sync(); });
    CHECK(sum > 1.2);
    CHECK(longest < 0.6 * sum);
    CHECK(all.rows_of_all() == "50 50 50 50");
  }

  TEST_CASE("the file is what one after the other makes of it") {
    ListsServer server(7, 30);
    server.set_hook([](const auto& request, auto& response) {
      if (request.path == "/b") {
        std::this_thread::sleep_for(5ms);
      }
      if (request.path == "/c" && request.has_param("after")) {
        response.set_content(
            R"({"data":[{"id":1,"name":{"x":1},"updated_at":"2024-01-02"},)"
            R"({"name":"no key"}]})",
            "application/json");
        response.set_header("Date", "Mon, 02 Nov 2026 12:00:00 GMT");
        return true;
      }
      if (request.path == "/d" && request.get_param_value("after") == "4") {
        response.status = 400;
        return true;
      }
      return false;
    });
    const Folder one(server, 1);
    const Folder all(server, 4);
    for (int round = 0; round < 2; ++round) {
      const auto by_one = one.sync();
      const auto by_all = all.sync();
      CHECK(by_one.exit_code == by_all.exit_code);
      CHECK(names_of(by_all) == four);
      CHECK(outcomes_of(by_one) == Names{"ok", "ok", "ok", "failed"});
      CHECK(outcomes_of(by_one) == outcomes_of(by_all));
      CHECK(all_but_times(one.database()) == all_but_times(all.database()));
    }
    CHECK(all.rows("a") == "210");
    CHECK(all.value("SELECT count(*) FROM pipeline_rejects") == "1");
  }

  TEST_CASE(
      "a slow stream holds none back, and the order stays that of the "
      "configuration") {
    ListsServer server(4, 10);
    bool others_went_on = false;
    server.set_hook([&](const auto& request, auto&) {
      if (request.path == "/a" && !request.has_param("after")) {
        others_went_on = server.wait_for_pages("/d", 4);
      }
      return false;
    });
    const Folder folder(server, 2);
    const auto summary = folder.sync();
    CHECK(others_went_on);
    CHECK(summary.exit_code == ExitCode::ok);
    CHECK(names_of(summary) == four);
  }

  TEST_CASE("one alone is read in the calling thread, and so are all with 1") {
    ListsServer server(2, 10);
    for (const auto& folder_of :
         std::vector<std::pair<int, Names>>{{1, four}, {4, {"a"}}}) {
      const Folder folder(server, folder_of.first, folder_of.second);
      auto options = folder.options();
      std::set<std::thread::id> tellers;
      options.on_progress = [&](const Progress&) {
        tellers.insert(std::this_thread::get_id());
      };
      CHECK(run_sync(options).exit_code == ExitCode::ok);
      CHECK(tellers == std::set{std::this_thread::get_id()});
    }
  }

  TEST_CASE("progress is told by several threads, one after the other") {
    ListsServer server(2, 1000);
    server.gather(4, 60s);
    const Folder folder(server, 4);
    auto options = folder.options();
    std::atomic<int> now = 0;
    std::atomic<int> most = 0;
    std::set<std::thread::id> tellers;
    std::map<std::string, int> ends;
    std::map<std::string, std::int64_t> counts;
    options.on_progress = [&](const Progress& progress) {
      most = std::max<int>(most, ++now);
      std::this_thread::sleep_for(20ms);
      tellers.insert(std::this_thread::get_id());
      ends[progress.stream] += progress.ended ? 1 : 0;
      counts[progress.stream] = progress.counts.fetched;
      --now;
    };
    CHECK(run_sync(options).exit_code == ExitCode::ok);
    CHECK(most == 1);
    CHECK(tellers.size() == 4);
    CHECK(ends ==
          std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}});
    CHECK(counts["d"] == 2000);
  }

  TEST_CASE("a stream goes on with the client and connection of another") {
    ListsServer server(2, 10);
    server.gather(2, 60s);
    const Folder folder(server, 2, {"a", "b", "c", "d", "e", "f"});
    Direct run(folder);
    CHECK(run.sync().exit_code == ExitCode::ok);
    CHECK(run.clients == 2);
    CHECK(server.connections() == 2);
  }

  TEST_CASE("a stream's rate holds that stream alone") {
    ListsServer server(3, 10);
    const Folder folder(server, 1, {"a", "b"});
    Direct run(folder);
    run.configuration.streams[0].rate = model::Rate{2, 3s};
    const auto summary = run.sync();
    REQUIRE(summary.exit_code == ExitCode::ok);
    CHECK(run.clients == 1);
    CHECK(summary.streams[0].duration >= 2700ms);
    CHECK(summary.streams[1].duration < 2700ms);
  }

  TEST_CASE("a source without a client fails its own streams only") {
    ListsServer server(3, 10);
    const Folder folder(server, 4);
    auto text = fmt::format(
        "database = \"test.db\"\nparallel = 4\n[source.bad]\nbase_url = "
        "\"{0}\"\nauth = \"bearer\"\ntoken = {{ env = "
        "\"STRANDLINE_TEST_UNSET\" }}\n[source.s]\nbase_url = \"{0}\"\n",
        server.url());
    for (const auto& name : four) {
      text += stream_text(name, name == "a" || name == "c" ? "source = \"bad\""
                                                           : "source = \"s\"");
    }
    folder.dir.write("strandline.toml", text);
    const auto summary = folder.sync();
    CHECK(summary.exit_code == ExitCode::partial);
    CHECK(outcomes_of(summary) == Names{"failed", "ok", "failed", "ok"});
    CHECK(folder.rows("b") == "30");
    CHECK(folder.rows("d") == "30");
  }
}

TEST_SUITE("parallel: at a terminal") {
  TEST_CASE("all that are read stand on one line, which is gone at the end") {
    ListsServer server(8, 1000);
    server.set_hook([](const auto&, auto&) {
      std::this_thread::sleep_for(100ms);
      return false;
    });
    const Folder folder(server, 2, {"a", "b"});
    Terminal terminal({program(), "sync", "-c", folder.config.string()});
    CHECK(terminal.wait() == 0);
    CAPTURE(terminal.screen());
    CHECK(has(terminal.screen(), "000 records | "));
    CHECK(has(terminal.screen(), "\r\033[Kstream  outcome"));
  }
}

TEST_SUITE("parallel: what goes wrong") {
  TEST_CASE("a stream that fails leaves the others alone") {
    ListsServer server(4, 10);
    server.set_hook([](const auto& request, auto& response) {
      const bool refused = request.path == "/b" && request.has_param("after");
      response.status = refused ? 400 : 200;
      return refused;
    });
    const Folder folder(server, 4);
    const auto summary = folder.sync();
    CHECK(summary.exit_code == ExitCode::partial);
    CHECK(outcomes_of(summary) == Names{"ok", "failed", "ok", "ok"});
    CHECK(folder.rows_of_all() == "40 10 40 40");
  }

  TEST_CASE("a stream whose checkpoint another run took ends alone") {
    ListsServer server(4, 10);
    const Folder folder(server, 4);
    REQUIRE(folder.sync().exit_code == ExitCode::ok);
    std::atomic<bool> taken = false;
    server.set_hook([&](const auto& request, auto&) {
      if (request.path == "/b" && !taken.exchange(true)) {
        execute(folder.database(),
                "UPDATE pipeline_checkpoints SET last_run_id = 99 WHERE "
                "pipeline_name = 's.b'");
      }
      return false;
    });
    const auto summary = folder.sync();
    CHECK(summary.exit_code == ExitCode::partial);
    CHECK(outcomes_of(summary) == Names{"ok", "failed", "ok", "ok"});
    CHECK(summary.streams.at(1).failure->code == ExitCode::temporary);
  }

  TEST_CASE("a stream whose transaction the database takes back ends alone") {
    ListsServer server(4, 10);
    const Folder folder(server, 4);
    REQUIRE(folder.sync().exit_code == ExitCode::ok);
    execute(folder.database(),
            "DELETE FROM b WHERE id > 20; CREATE TRIGGER t BEFORE INSERT ON b "
            "WHEN new.id = 25 BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
    const auto summary = folder.sync();
    CHECK(summary.exit_code == ExitCode::partial);
    CHECK(outcomes_of(summary) == Names{"ok", "failed", "ok", "ok"});
    CHECK(folder.rows("b") == "20");
    CHECK(folder.value("SELECT group_concat(outcome) FROM pipeline_runs WHERE "
                       "run_id = 2") == "ok,failed,ok,ok");
  }

  TEST_CASE("a full disk ends them all with what was committed") {
    ListsServer server(20, 100);
    const Folder folder(server, 4);
    const Child limited(
        folder.dir,
        {"/bin/bash", "-c",
         "trap '' XFSZ; ulimit -f 200; exec \"$0\" sync -c \"$1\" --json",
         program(), folder.config.string()});
    auto& child = const_cast<Child&>(limited);
    const int code = child.wait();
    CAPTURE(child.err());
    CHECK((code == 74 || code == 10));
    CHECK(folder.value("PRAGMA integrity_check") == "ok");
    CHECK(folder.sync().exit_code == ExitCode::ok);
    CHECK(folder.rows_of_all() == "2000 2000 2000 2000");
  }

  TEST_CASE(
      "requests that are sent again are counted, wherever they are "
      "shown") {
    ListsServer server(3, 10);
    std::atomic<int> refusals = 0;
    server.set_hook([&](const auto& request, auto& response) {
      const auto page = request.get_param_value("after");
      const bool refused = (page == "1" && ++refusals <= 2) || page == "2";
      response.status = refused ? 503 : 200;
      return refused;
    });
    const Folder folder(server, 1, {"a"});
    Direct run(folder);
    std::int64_t committed = 0;
    run.environment.on_progress = [&](const Progress& progress) {
      committed = progress.ended ? committed : progress.counts.retries;
    };
    const auto summary = run.sync();
    CHECK(committed == 2);
    // Two for the page that came in the end, and two for the one that did not.
    REQUIRE(summary.streams.size() == 1);
    CHECK(summary.streams[0].outcome == "failed");
    CHECK(summary.streams[0].counts.requests == 7);
    CHECK(summary.streams[0].counts.retries == 4);
    CHECK(query(folder.database(),
                "SELECT requests, retries FROM pipeline_runs") ==
          Rows{{"7", "4"}});
    const auto history = read_runs(folder.config, {}, 10);
    CHECK(history.at(0).counts.requests == 7);
    CHECK(history.at(0).counts.retries == 4);
    CHECK(history.at(0).counts.bytes == summary.streams[0].counts.bytes);
  }
}

TEST_SUITE("parallel: when the run is ended") {
  // Answers that take a while: with a hundred pages a stream takes two seconds.
  struct Slow {
    explicit Slow(int pages = 100) : server(pages, 10), folder(server, 4) {
      server.set_hook([](const auto&, auto&) {
        std::this_thread::sleep_for(20ms);
        return false;
      });
    }

    void require_resumed() const {
      CHECK(folder.value("PRAGMA integrity_check") == "ok");
      CHECK(folder.sync().exit_code == ExitCode::ok);
      CHECK(folder.rows_of_all() == "1000 1000 1000 1000");
    }

    ListsServer server;
    Folder folder;
  };

  TEST_CASE("by SIGTERM: all end, what was fetched is committed") {
    Slow slow;
    Child child(slow.folder.dir, {program(), "sync", "-c",
                                  slow.folder.config.string(), "--json"});
    REQUIRE(slow.server.wait_for_pages("/d", 20));
    child.kill(SIGTERM);
    CHECK(child.wait() == 143);
    for (const auto& name : four) {
      CHECK(std::stoi(slow.folder.rows(name)) >= (name == "d" ? 190 : 10));
    }
    CHECK(
        slow.folder.value("SELECT group_concat(outcome) FROM pipeline_runs") ==
        "interrupted,interrupted,interrupted,interrupted");
    slow.require_resumed();
  }

  TEST_CASE("by SIGKILL: the next run goes on") {
    Slow slow;
    Child child(slow.folder.dir, {program(), "sync", "-c",
                                  slow.folder.config.string(), "--json"});
    REQUIRE(slow.server.wait_for_pages("/c", 40));
    child.kill(SIGKILL);
    CHECK(child.wait() == -SIGKILL);
    slow.require_resumed();
    CHECK(slow.folder.value("SELECT group_concat(outcome) FROM pipeline_runs "
                            "WHERE run_id = 1") ==
          "killed,killed,killed,killed");
  }

  TEST_CASE("by --max-time: all end, and none begins") {
    const Slow slow(10'000);
    const Folder folder(slow.server, 2);
    auto options = folder.options();
    options.max_time = 2s;
    SyncSummary summary;
    CHECK(seconds_of([&] { summary = run_sync(options); }) < 20);
    CHECK(summary.exit_code == ExitCode::temporary);
    CHECK(outcomes_of(summary) ==
          Names{"interrupted", "interrupted", "interrupted", "interrupted"});
    CHECK(std::stoi(folder.rows("a")) >= 10);
    CHECK(std::stoi(folder.rows("b")) >= 10);
    CHECK(summary.streams.at(2).counts.requests == 0);
  }

  TEST_CASE("by a signal before the rest began: they are not begun") {
    ListsServer server(2, 10);
    std::atomic<int> stop = 0;
    server.set_hook([&](const auto&, auto&) {
      stop = SIGINT;
      return false;
    });
    const Folder folder(server, 2);
    auto options = folder.options();
    options.stop = &stop;
    const auto summary = run_sync(options);
    CHECK(summary.exit_code == ExitCode::interrupted);
    CHECK(summary.streams.size() <= 2);
  }
}

}  // namespace strandline::test
