// SPDX-License-Identifier: MIT
//
// Whole readings of lists whose records move as they change: when rows that
// they did not bring count as deleted.
#include <doctest/doctest.h>
#include <httplib.h>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "loopback_server.hpp"
#include "sync_fixture.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

/// A list of records by their `at`, newest first, paged behind the last one of
/// a page. A hook may change it before each answer.
class MovingList {
 public:
  MovingList() {
    server_.routes().Get("/people",
                         [this](const auto& request, auto& response) {
                           answer(request, response);
                         });
    server_.routes().Get("/more", [](const auto&, auto& response) {
      response.set_content(R"({"data":[]})", "application/json");
    });
    server_.start();
  }
  MovingList(const MovingList&) = delete;
  MovingList& operator=(const MovingList&) = delete;

  std::string url() const { return server_.url(); }

  std::map<int, int> records;  ///< id and second, while nobody asks
  std::size_t page_size = 2;
  int requests = 0;
  int fail_from = 1 << 30;         ///< requests from this one on fail
  int failure = 500;               ///< with this status
  std::function<void(int)> moves;  ///< with the number of the request, from 1

 private:
  static std::string stamp(int second) {
    return fmt::format("2024-01-01T{:02}:{:02}:{:02}Z", second / 3600,
                       second / 60 % 60, second % 60);
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    ++requests;
    if (moves) {
      moves(requests);
    }
    if (requests >= fail_from) {
      response.status = failure;
      return;
    }
    const auto since = request.get_param_value("since");
    const auto before = request.get_param_value("before");
    std::vector<std::pair<std::string, int>> found;
    for (const auto& [id, second] : records) {
      const auto at = stamp(second);
      if (at >= since && (before.empty() || at < before)) {
        found.emplace_back(at, id);
      }
    }
    std::sort(found.rbegin(), found.rend());
    const bool more = found.size() > page_size;
    found.resize(std::min(found.size(), page_size));
    std::string data;
    for (const auto& [at, id] : found) {
      data += fmt::format(R"({}{{"id":{},"at":"{}"}})", data.empty() ? "" : ",",
                          id, at);
    }
    const auto next =
        more ? fmt::format(R"(,"next":"{}")", found.back().first) : "";
    response.set_header("Date", "Tue, 02 Jan 2024 00:00:00 GMT");
    response.set_content(fmt::format(R"({{"data":[{}]{}}})", data, next),
                         "application/json");
  }

  std::mutex mutex_;
  LoopbackServer server_;
};

struct World {
  explicit World(const std::string& cursor = "order = \"descending\"",
                 const std::string& more = {}) {
    configure(cursor, more);
    // Hours apart, so that the overlap is a page at most.
    for (int id = 1; id <= 6; ++id) {
      list.records[id] = 3600 * id;
    }
    REQUIRE(sync().exit_code == ExitCode::ok);
    list.records.erase(3);
    list.requests = 0;
  }

  void configure(const std::string& cursor, const std::string& more = {},
                 bool looks = true) {
    config = dir.write(
        "strandline.toml",
        "database = \"test.db\"\n[source.s]\nbase_url = \"" + list.url() +
            "\"\n[stream.people]\nget = \"/people\"\nkey = \"id\"\n"
            "records = \"data\"\n"
            "page = { token = \"next\", param = \"before\" }\n"
            "deleted = { limit = \"100%\"" +
            (looks ? "" : ", missing = false") +
            " }\n"
            "cursor = { field = \"at\", " +
            cursor + " }\n" +
            (more.find("query") == std::string::npos
                 ? "query = { since = \"${from}\" }\n"
                 : "") +
            more);
  }

  SyncSummary sync(bool full = false) const {
    SyncOptions options;
    options.config = config;
    options.full = full;
    options.attempts = 1;
    return run_sync(options);
  }

  /// "1, 2 -": the rows, with a dash where they are marked deleted.
  std::string rows() const {
    std::string text;
    for (const auto& row :
         query(file(), "SELECT id, _deleted_at FROM people ORDER BY id")) {
      text +=
          (text.empty() ? "" : ", ") + row[0] + (row[1] == "NULL" ? "" : " -");
    }
    return text;
  }

  std::string sweep() const {
    return value(file(),
                 "SELECT ifnull(sweep_from, 0) || ' ' || ifnull(sweep_after, "
                 "0) FROM pipeline_checkpoints WHERE pipeline_name = "
                 "'s.people'");
  }

  std::filesystem::path file() const { return dir.path() / "test.db"; }

  TempDir dir;
  MovingList list;
  std::filesystem::path config;
};

bool warns(const StreamSummary& stream, const std::string& text) {
  return std::any_of(stream.warnings.begin(), stream.warnings.end(),
                     [&](const std::string& warning) {
                       return warning.find(text) != std::string::npos;
                     });
}

constexpr const char* not_yet = "rows that are missing are not looked for yet";

}  // namespace

TEST_SUITE_BEGIN("whole readings");

TEST_CASE("a record that moves past a whole reading is not deleted") {
  for (const std::string order : {"descending", "unordered"}) {
    CAPTURE(order);
    World world("order = \"" + order + "\"");
    world.list.moves = [&](int request) {
      if (request == 2) {
        world.list.records[2] = 3600 * 7;
      }
    };
    const auto summary = world.sync(true);
    CHECK(world.rows() == "1, 2, 3 -, 4, 5, 6");
    CHECK(summary.streams[0].mode == "full");
    CHECK(summary.streams[0].counts.deleted == 1);
    CHECK(world.list.requests == 2 + 1);
    CHECK(world.sweep() == "0 0");
    CHECK(value(world.file(), "SELECT count(*) FROM pipeline_seen") == "0");
    CHECK(summary.streams[0].warnings.empty());
  }
}

TEST_CASE("nor one that moves again while the next window is read") {
  World world;
  world.list.moves = [&](int request) {
    if (request == 2) {
      // So many that the next window has two pages, with 2 on the second.
      world.list.records[2] = 3600 * 6 + 1800;
      world.list.records[7] = 3600 * 7;
      world.list.records[8] = 3600 * 7 + 1800;
    } else if (request == 2 + 2) {
      world.list.records[2] = 3600 * 8;
    }
  };
  const auto summary = world.sync(true);
  CHECK(world.rows() == "1, 2, 3 -, 4, 5, 6, 7, 8");
  CHECK(value(world.file(),
              "SELECT count(*) FROM people WHERE id = 2 AND "
              "_deleted_at IS NULL AND _run_id = 2") == "1");
  CHECK(world.list.requests == 2 + 2 + 1);
  CHECK(summary.streams[0].counts.deleted == 1);
}

TEST_CASE("a list that has no room in an answer is not looked through") {
  World world("order = \"unordered\", overlap = \"10h\"");
  auto summary = world.sync(true);
  CHECK(summary.exit_code == ExitCode::ok);
  CHECK(summary.streams[0].mode == "full");
  CHECK(warns(summary.streams[0], not_yet));
  CHECK(world.rows() == "1, 2, 3, 4, 5, 6");
  CHECK(world.sweep() == "2 2");
  CHECK(world.list.requests == 3 * (1 + 2));

  SUBCASE("a later run has room for it") {
    world.list.page_size = 100;
    summary = world.sync();
    CHECK(world.rows() == "1, 2, 3 -, 4, 5, 6");
    CHECK(summary.streams[0].counts.deleted == 1);
    CHECK(world.sweep() == "0 0");
    CHECK(!warns(summary.streams[0], not_yet));
  }
  SUBCASE("another whole reading begins anew") {
    world.list.records.erase(1);
    world.list.page_size = 100;
    world.sync(true);
    CHECK(world.rows() == "1 -, 2, 3 -, 4, 5, 6");
  }
  SUBCASE("one that is cut short waits for nothing yet") {
    world.configure("order = \"unordered\", overlap = \"10h\"",
                    "full_every = \"7d\"\n");
    execute(world.file(),
            "UPDATE pipeline_checkpoints SET full_at = '2024-01-01T00:00:00Z'");
    world.list.fail_from = world.list.requests + 2;
    world.sync();
    CHECK(world.sweep() == "5 0");
  }
  SUBCASE("what came meanwhile without being noted is not missing") {
    world.configure("order = \"unordered\", overlap = \"10h\"", "", false);
    world.list.records[9] = 3600 * 9;
    world.sync();
    CHECK(world.sweep() == "0 0");
    CHECK(value(world.file(), "SELECT count(*) FROM pipeline_seen") == "0");
    world.list.records.erase(9);
    world.list.records[9] = 0;
    world.configure("order = \"unordered\", overlap = \"1h\"");
    world.list.page_size = 100;
    world.sync();
    CHECK(world.rows() == "1, 2, 3, 4, 5, 6, 9");
  }
}

TEST_CASE("a first page beyond the window's begin holds all of it") {
  // Without ${from} the list is read on to a whole page that is older.
  World world("order = \"descending\"", "query = { all = 1 }\n");
  world.list.page_size = 3;
  world.list.moves = [&](int request) {
    if (request == 2) {
      world.list.records[2] = 3600 * 7;
    }
  };
  world.sync(true);
  CHECK(world.rows() == "1, 2, 3 -, 4, 5, 6");
  CHECK(world.list.requests == 2 + 2);
}

TEST_CASE("a whole reading whose next window fails is looked through later") {
  World world;
  world.list.fail_from = 4;
  auto summary = world.sync(true);
  CHECK(summary.exit_code != ExitCode::ok);
  CHECK(world.rows() == "1, 2, 3, 4, 5, 6");
  CHECK(world.sweep() == "2 2");
  world.list.fail_from = 1 << 30;
  world.list.records[7] = 3600 * 7;
  summary = world.sync();
  CHECK(world.rows() == "1, 2, 3 -, 4, 5, 6, 7");
  CHECK(world.sweep() == "0 0");
}

TEST_CASE("a window that an earlier run began proves nothing") {
  World world;
  world.list.moves = [&](int request) {
    if (request == 2) {
      world.list.records[2] = 3600 * 7;
      world.list.records[7] = 3600 * 7 + 1;
      world.list.records[8] = 3600 * 7 + 2;
    }
  };
  world.list.fail_from = 4;
  world.sync(true);
  CHECK(world.sweep() == "2 2");
  CHECK(value(world.file(), "SELECT window_number FROM pipeline_checkpoints") ==
        "3");
  // Its second page is all that is left of the window, and no longer has 2.
  world.list.records[2] = 3600 * 8;
  world.list.fail_from = 1 << 30;
  world.list.requests = 3;
  world.list.moves = [&](int request) {
    if (request == 5) {
      CHECK(world.rows() == "1, 2, 3, 4, 5, 6, 7, 8");
    }
  };
  world.sync();
  CHECK(world.list.requests > 5);
  CHECK(world.rows() == "1, 2, 3 -, 4, 5, 6, 7, 8");
}

TEST_CASE("a window that is begun anew has its first page again") {
  World world;
  world.list.moves = [&](int request) {
    if (request == 2) {
      world.list.records[7] = 3600 * 7;
      world.list.records[8] = 3600 * 8;
    }
  };
  world.list.fail_from = 5;
  world.sync(true);
  CHECK(world.sweep() == "2 2");
  world.list.page_size = 100;
  world.list.failure = 410;
  world.list.requests = 4;
  world.list.moves = [&](int request) {
    world.list.fail_from = request == 5 ? 5 : 1 << 30;
    if (request == 7) {
      CHECK(world.rows() == "1, 2, 3 -, 4, 5, 6, 7, 8");
    }
  };
  world.sync();
  CHECK(world.list.requests == 7);
  CHECK(world.rows() == "1, 2, 3 -, 4, 5, 6, 7, 8");
}

TEST_CASE("a second list does not end what the first one waits for") {
  World world;
  const std::string cursor = "order = \"descending\", overlap = \"10h\"";
  world.configure(cursor, "[stream.people.also]\nget = \"/more\"\n");
  world.sync(true);
  CHECK(world.sweep() == "2 2");
  CHECK(world.rows() == "1, 2, 3, 4, 5, 6");
  world.list.page_size = 100;
  const auto summary = world.sync();
  CHECK(world.rows() == "1, 2, 3 -, 4, 5, 6");
  CHECK(summary.streams.at(1).counts.deleted == 1);
  CHECK(world.sweep() == "0 0");
}

TEST_CASE("records that never leave their place are looked through at once") {
  World world("order = \"descending\", immutable = true");
  world.sync(true);
  CHECK(world.rows() == "1, 2, 3 -, 4, 5, 6");
  CHECK(world.list.requests == 3);
}

TEST_CASE("a list with an upper bound is not looked through, and says so") {
  World world("order = \"ascending\"",
              "query = { since = \"${from}\", until = \"${until}\" }\n");
  const auto summary = world.sync(true);
  CHECK(world.rows() == "1, 2, 3, 4, 5, 6");
  CHECK(warns(summary.streams[0], "rows that are missing were not looked for"));
  CHECK(world.sweep() == "0 0");
  CHECK(world.sync().streams[0].warnings.empty());
}

TEST_CASE("a column that is declared later is said once") {
  const std::string cursor = "order = \"descending\"";
  World world(cursor);
  const auto with = [&](const std::string& columns) {
    world.configure(cursor,
                    "[stream.people.columns]\n\"*\" = \"*\"\n" + columns);
  };
  using Warnings = std::vector<std::string>;
  const Warnings said = {
      "declared since rows were loaded, and empty in those that do not change: "
      "'name', 'more'; strandline sync people --full fills them"};
  // Not one that `*` has found, nor one that is only empty so far.
  with("at = \"at\"\n");
  CHECK(world.sync().streams[0].warnings.empty());
  with("at = \"at\"\nempty = \"empty\"\n");
  execute(world.file(), "DELETE FROM pipeline_meta WHERE key LIKE 'declared%'");
  CHECK(world.sync().streams[0].warnings.empty());
  with("at = \"at\"\nempty = \"empty\"\nname = \"name\"\nmore = \"more\"\n");
  CHECK(world.sync().streams[0].warnings == said);
  CHECK(value(world.file(),
              "SELECT warnings FROM pipeline_runs ORDER BY "
              "run_id DESC LIMIT 1")
            .find(said[0]) != std::string::npos);
  CHECK(world.sync().streams[0].warnings.empty());

  with("empty = \"empty\"\n");
  world.sync();
  with("empty = \"empty\"\nname = \"name\"\n");
  SUBCASE("not by the run that fills it") {
    CHECK(world.sync(true).streams[0].warnings.empty());
    CHECK(world.sync().streams[0].warnings.empty());
  }
  SUBCASE("but after one that could not") {
    world.list.fail_from = world.list.requests + 2;
    world.sync(true);
    world.list.fail_from = 1 << 30;
    CHECK(world.sync().streams[0].warnings.size() == 1);
  }
}

TEST_CASE("raw that is set later is said, but not of a table without rows") {
  const std::string cursor = "order = \"descending\"";
  World world(cursor);
  world.configure(cursor, "raw = true\n");
  SUBCASE("with rows") {
    const auto summary = world.sync();
    CHECK(warns(summary.streams[0], "do not change: '_raw'; strandline sync"));
  }
  SUBCASE("without") {
    execute(world.file(), "DELETE FROM people");
    CHECK(world.sync().streams[0].warnings.empty());
  }
}

TEST_SUITE_END();
