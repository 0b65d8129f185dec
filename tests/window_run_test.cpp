// SPDX-License-Identifier: MIT
//
// Whole runs over windows one behind the other, tokens, clocks set back and
// retention: the real loop and a real file, against a source that is scripted.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "sync/run.hpp"
#include "sync_fixture.hpp"
#include "temp_dir.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

constexpr std::int64_t noon = 1'704'110'400;  // 2024-01-01T12:00:00Z
constexpr std::int64_t day = 86'400;

model::Instant at(std::int64_t seconds_after_noon) {
  return {noon + seconds_after_noon, 0};
}

/// Answers by what it is asked for; its clock is the test's.
struct Source {
  using Answer = std::function<void(const std::string&, http::Response&)>;
  Answer answer;
  std::optional<model::Instant> date;
  std::int64_t seconds_a_request = 1;
  std::vector<std::string> asked;
};

class SourceTransport : public http::Transport {
 public:
  explicit SourceTransport(Source& source) : source_(source) {}

  void send(const http::Request& request, http::Response& response) override {
    response = {};
    response.status = 200;
    source_.asked.push_back(request.url.path_and_query());
    if (source_.date) {
      source_.date = model::plus(*source_.date, source_.seconds_a_request);
      response.date = source_.date;
    }
    source_.answer(source_.asked.back(), response);
    response.body.reserve(response.body.size() + http::body_padding);
  }

 private:
  Source& source_;
};

const std::string none = R"({"data":[]})";

struct Fixture {
  explicit Fixture(const std::string& stream) {
    config = dir.write("strandline.toml",
                       "database = \"test.db\"\n[source.s]\nbase_url = "
                       "\"https://h.example\"\n[stream.items]\nget = "
                       "\"/items\"\nrecords = \"data\"\nkey = \"id\"\n" +
                           stream);
    source.answer = [](const std::string&, http::Response& response) {
      response.body = none;
    };
    source.date = at(0);
  }

  StreamSummary sync(const sync::RunOptions& options = {}) {
    source.asked.clear();
    sync::Environment environment;
    // The thread that fetches asks, too.
    environment.now = [this] {
      const std::lock_guard lock(mutex);
      return now = model::plus(now, 0, 1'000'000);
    };
    environment.client = [this](const model::SourceDefinition& definition) {
      return std::make_unique<http::Client>(
          definition, http::Credentials(),
          std::make_unique<SourceTransport>(source));
    };
    environment.batch.rows = 1;
    const auto summary = sync::run(config::load(config), options, environment);
    if (summary.failure) {
      FAIL(summary.failure->message);
    }
    return summary.streams.at(0);
  }

  std::string checkpoint(const std::string& column,
                         const std::string& list = "s.items") const {
    return value(dir.path() / "test.db",
                 "SELECT " + column +
                     " FROM pipeline_checkpoints WHERE pipeline_name = '" +
                     list + "'");
  }
  std::string mark() const { return checkpoint("last_processed_at"); }

  TempDir dir;
  std::filesystem::path config;
  Source source;
  std::mutex mutex;
  model::Instant now = at(0);
};

const std::string stepped =
    "query = { since = \"${from}\", till = \"${until}\" }\n"
    "cursor = { field = \"at\", start = 2023-12-01, step = \"1d\" }\n";

const std::string followed =
    "query = { since = \"${from}\" }\n"
    "cursor = { field = \"at\", order = \"ascending\" }\n"
    "page = { token = \"next\", param = \"after\" }\n";

std::string record(int id, std::int64_t seconds_after_noon) {
  return fmt::format(R"({{"id":{},"at":"{}"}})", id,
                     model::to_rfc3339(at(seconds_after_noon), 0));
}

bool warns(const StreamSummary& summary, const std::string& of) {
  return std::any_of(summary.warnings.begin(), summary.warnings.end(),
                     [&](const std::string& each) {
                       return each.find(of) != std::string::npos;
                     });
}

}  // namespace

TEST_SUITE("windows of a step") {
  TEST_CASE(
      "history is read up to the source's own time, and then what is new") {
    Fixture fixture(stepped);
    auto summary = fixture.sync();
    CHECK(summary.complete);
    CHECK_FALSE(summary.failure);
    CHECK(fixture.source.asked.size() > 30);
    CHECK(
        fixture.source.asked.front() ==
        "/items?since=2023-12-01T00%3A00%3A00Z&till=2023-12-02T00%3A00%3A00Z");
    // The first answer's Date, less a second.
    CHECK(fixture.mark() == "2024-01-01T12:00:00.000000000Z");

    fixture.source.date = at(3600);
    fixture.now = at(3600);
    fixture.sync();
    // Our clock less five minutes, and then what the answer told.
    CHECK(fixture.source.asked ==
          std::vector<std::string>{
              "/items?since=2024-01-01T11%3A55%3A00Z&till=2024-01-01T12%3A55%"
              "3A00Z",
              "/items?since=2024-01-01T12%3A50%3A00Z&till=2024-01-01T13%3A00%"
              "3A00Z"});
    CHECK(fixture.mark() == "2024-01-01T13:00:00.000000000Z");
  }

  TEST_CASE("a run ends, however long each window takes") {
    Fixture fixture(stepped);
    fixture.source.seconds_a_request = 30 * day;
    const auto summary = fixture.sync();
    CHECK(summary.complete);
    CHECK(fixture.source.asked.size() < 100);
  }

  TEST_CASE("our own clock may be years behind or ahead") {
    for (const std::int64_t years : {-20, 20}) {
      CAPTURE(years);
      Fixture fixture(stepped);
      fixture.now = at(years * 365 * day);
      // Ahead it would ask for twenty years of windows: T0 ends them.
      const auto summary = fixture.sync();
      CHECK(summary.complete);
      CHECK(fixture.mark() == "2024-01-01T12:00:00.000000000Z");
    }
  }

  TEST_CASE("behind a resumed window reading goes on to the time of this run") {
    Fixture fixture(stepped +
                    "page = { token = \"next\", param = \"after\" }\n");
    int answers = 0;
    fixture.source.answer = [&](const std::string&, http::Response& response) {
      response.body = R"({"data":[],"next":"p"})";
      response.status = ++answers == 1 ? 200 : 503;
    };
    CHECK(fixture.sync().failure);
    fixture.source.answer = [&](const std::string&, http::Response& response) {
      response.body = none;
    };
    fixture.source.date = at(10 * day);
    fixture.now = at(10 * day);
    CHECK(fixture.sync().complete);
    CHECK(fixture.mark() >= "2024-01-11T11:59:00");
  }

  TEST_CASE("without a Date an empty window is an error that says so") {
    Fixture fixture(stepped);
    fixture.source.date.reset();
    const auto summary = fixture.sync();
    REQUIRE(summary.failure);
    CHECK(summary.failure->code == ExitCode::protocol);
    CHECK(
        summary.failure->message ==
        "the window from 2023-12-01T00:00:00.000Z to "
        "2023-12-02T00:00:00.000Z brings nothing new, and the source does not "
        "tell the time by which it could be passed");
    CHECK(fixture.source.asked.size() < 5);
  }

  TEST_CASE("without a Date a run ends where it knows nothing more") {
    Fixture fixture(
        "query = { since = \"${from}\", till = \"${until}\" }\n"
        "cursor = { field = \"at\", start = 2023-12-01 }\n");
    fixture.source.date.reset();
    fixture.now = at(1000);
    fixture.source.answer = [](const std::string&, http::Response& response) {
      response.body = R"({"data":[)" + record(1, 10) + "]}";
    };
    for (int run = 0; run < 3; ++run) {
      CAPTURE(run);
      const auto summary = fixture.sync();
      CHECK(summary.complete);
      CHECK_FALSE(summary.failure);
      CHECK(fixture.source.asked.size() == 1);
    }
    CHECK(fixture.mark() == "2024-01-01T12:00:10.000000000Z");
  }

  TEST_CASE("--full begins them at the start again") {
    Fixture fixture(stepped);
    fixture.sync();
    const auto windows = fixture.source.asked.size();
    fixture.source.date = at(0);
    const auto summary = fixture.sync({{}, true, {}, {}});
    CHECK(summary.complete);
    CHECK(fixture.source.asked.size() == windows);
    CHECK(fixture.source.asked.front().find("since=2023-12-01") !=
          std::string::npos);
    CHECK(fixture.mark() == "2024-01-01T12:00:00.000000000Z");
  }
}

TEST_SUITE("a backfill") {
  TEST_CASE("without a Date goes on behind the step that a kill cut short") {
    Fixture fixture(stepped +
                    "page = { token = \"next\", param = \"after\" }\n");
    fixture.source.date.reset();
    int id = 0;
    fixture.source.answer = [&](const std::string& url,
                                http::Response& response) {
      // Each window has a record at its end.
      auto till = url.substr(url.find("till=") + 5, 24);
      for (auto colon = till.find("%3A"); colon != std::string::npos;
           colon = till.find("%3A")) {
        till.replace(colon, 3, ":");
      }
      const auto last = url.find("after") != std::string::npos;
      response.status = last && id == 1 ? 503 : 200;
      response.body =
          fmt::format(R"({{"data":[{{"id":{},"at":"{}"}}])", ++id, till) +
          (last ? "}" : R"(,"next":"p"})");
    };
    const sync::RunOptions options{{}, false, "2023-12-01", "2023-12-05"};
    CHECK(fixture.sync(options).failure);
    const auto summary = fixture.sync(options);
    CHECK_FALSE(summary.failure);
    CHECK(summary.complete);
    CHECK(fixture.source.asked.back().find("till=2023-12-05") !=
          std::string::npos);
    CHECK(fixture.checkpoint("last_processed_at", "s.items@backfill") ==
          "NULL");
  }

  TEST_CASE("takes local times where the cursor has a zone") {
    Fixture fixture(
        "query = { since = \"${from}\" }\n"
        "cursor = { field = \"at\", zone = \"+02:00\" }\n");
    CHECK_FALSE(fixture.sync({{}, false, "2024-01-01T10:00:00", {}}).failure);
    CHECK(fixture.source.asked.back() ==
          "/items?since=2024-01-01T08%3A00%3A00Z");
  }
}

TEST_SUITE("a clock set back") {
  TEST_CASE("goes back to the mark of an earlier run, and says so") {
    Fixture fixture(followed);
    const auto run = [&](std::int64_t date, int id, std::int64_t cursor) {
      fixture.source.date = at(date);
      fixture.source.answer = [=](const std::string&,
                                  http::Response& response) {
        response.body = R"({"data":[)" + record(id, cursor) + "]}";
      };
      return fixture.sync();
    };
    run(1000, 1, 500);
    run(90'000, 2, 80'000);
    CHECK(fixture.mark() == "2024-01-02T10:13:20.000000000Z");
    // A day back: what changes now lies before the mark.
    const auto summary = run(2000, 3, 1900);
    CHECK_FALSE(summary.failure);
    CHECK(warns(summary,
                "which was set back: read again from "
                "2024-01-01T12:08:20.000Z, the mark of an earlier run"));
    CHECK(fixture.source.asked.back() ==
          "/items?since=2024-01-01T12%3A03%3A20Z");
    CHECK(fixture.mark() == "2024-01-01T12:31:40.000000000Z");
    CHECK(value(fixture.dir.path() / "test.db", "SELECT count(*) FROM items") ==
          "3");
  }

  TEST_CASE("is refused where no mark is old enough, and nothing is changed") {
    Fixture fixture(followed);
    fixture.source.date = at(90'000);
    fixture.source.answer = [](const std::string&, http::Response& response) {
      response.body = R"({"data":[)" + record(1, 80'000) + "]}";
    };
    fixture.sync();
    const auto mark = fixture.mark();
    fixture.source.date = at(0);
    const auto summary = fixture.sync();
    REQUIRE(summary.failure);
    CHECK(summary.failure->code == ExitCode::protocol);
    REQUIRE(!summary.failure->notes.empty());
    CHECK(summary.failure->notes.back().text.find("strandline rewind items") !=
          std::string::npos);
    CHECK(fixture.mark() == mark);
  }
}

TEST_SUITE("without a Date") {
  TEST_CASE("what was dated ahead when it was asked for is not in the mark") {
    Fixture fixture(
        "cursor = { field = \"at\", order = \"descending\", immutable = true "
        "}\n");
    fixture.source.date.reset();
    fixture.source.answer = [&](const std::string&, http::Response& response) {
      response.body =
          R"({"data":[)" + record(2, 2) + "," + record(1, -100) + "]}";
      // The answer was made before one that is stamped 1 came to be.
      fixture.now = at(5);
    };
    CHECK(fixture.sync().complete);
    CHECK(fixture.mark() == "2024-01-01T11:58:20.000000000Z");
    CHECK(fixture.sync().complete);
    CHECK(fixture.mark() == "2024-01-01T12:00:02.000000000Z");
  }
}

TEST_SUITE("what a source forgets") {
  TEST_CASE("a last run before the retention means a full read, said loudly") {
    Fixture fixture(
        "query = { since = \"${from}\" }\n"
        "cursor = { field = \"at\", start = 2020-01-01, retention = \"30d\" "
        "}\n");
    fixture.source.answer = [](const std::string&, http::Response& response) {
      response.body = R"({"data":[)" + record(1, -100) + "]}";
    };
    const auto run_at = [&](std::int64_t days) {
      fixture.now = at(days * day);
      fixture.source.date = fixture.now;
      return fixture.sync();
    };
    CHECK(run_at(0).warnings.empty());
    CHECK(run_at(29).mode == "incremental");
    // The stream is quiet, but nothing was missed.
    CHECK(run_at(58).mode == "incremental");
    const auto summary = run_at(89);
    CHECK(summary.mode == "full");
    CHECK(warns(summary, "older than the source remembers"));
    CHECK(fixture.source.asked.back() ==
          "/items?since=2020-01-01T00%3A00%3A00Z");
    CHECK(run_at(90).mode == "incremental");
  }

  TEST_CASE(
      "a window that was left open before it is read in full, as another") {
    Fixture fixture(
        "query = { since = \"${from}\" }\ndeleted = { missing = false }\n"
        "cursor = { field = \"at\", order = \"descending\", retention = "
        "\"30d\" }\n"
        "page = { token = \"next\", param = \"after\" }\n");
    fixture.source.answer = [](const std::string& url,
                               http::Response& response) {
      const bool first = url.find("after") == std::string::npos;
      response.body =
          first ? R"({"data":[)" + record(1, 10 * day) + R"(],"next":"p"})"
                : R"({"data":[)" + record(2, -100) + "]}";
    };
    const auto run_at = [&](std::int64_t days) {
      fixture.now = at(days * day);
      fixture.source.date = fixture.now;
      return fixture.sync();
    };
    CHECK(run_at(11).complete);
    const auto answer = fixture.source.answer;
    fixture.source.answer = [&](const std::string& url,
                                http::Response& response) {
      answer(url, response);
      if (url.find("after") != std::string::npos) {
        response.status = 503;
      }
    };
    CHECK(run_at(40).failure);
    fixture.source.answer = answer;
    // What came after day 11 and is on the second page is partly forgotten.
    const auto summary = run_at(60);
    CHECK(warns(summary, "older than the source remembers"));
    CHECK(fixture.source.asked ==
          std::vector<std::string>{"/items", "/items?after=p"});
    CHECK(summary.mode == "full");
    CHECK_FALSE(summary.resumed);
    CHECK(summary.counts.stale == 0);
    CHECK(run_at(61).mode == "incremental");
  }

  TEST_CASE("history in steps that takes more than a run is not begun again") {
    Fixture fixture(
        "query = { since = \"${from}\", till = \"${until}\" }\n"
        "cursor = { field = \"at\", start = 2020-01-01, step = \"30d\", "
        "retention = \"90d\" }\n");
    int answers = 0;
    fixture.source.answer = [&](const std::string&, http::Response& response) {
      response.body = none;
      response.status = ++answers == 5 ? 503 : 200;
    };
    CHECK(fixture.sync().failure);
    const auto mark = fixture.mark();
    CHECK(mark > "2020-03");
    const auto summary = fixture.sync();
    CHECK(summary.complete);
    CHECK(summary.warnings.empty());
    CHECK(fixture.source.asked.front().find("since=2020-01-01") ==
          std::string::npos);
  }

  TEST_CASE(
      "a refused token begins anew, and its complete window leaves another") {
    Fixture fixture("cursor = { token = \"delta\", param = \"since\" }\n");
    const auto answer = [&](const std::string& body, int refusal = 0) {
      fixture.source.answer = [=](const std::string& url,
                                  http::Response& response) {
        const bool refused =
            refusal != 0 && url.find("since") != std::string::npos;
        response.status = refused ? refusal : 200;
        response.body = refused ? "{}" : body;
      };
    };
    answer(R"({"data":[{"id":1}],"delta":"a"})");
    fixture.sync();
    CHECK(fixture.checkpoint("state") == "a");
    answer(R"({"data":[{"id":2}],"delta":"b"})");
    CHECK(fixture.sync().warnings.empty());
    CHECK(fixture.source.asked == std::vector<std::string>{"/items?since=a"});
    CHECK(fixture.checkpoint("state") == "b");
    answer(R"({"data":[{"id":1},{"id":2}],"delta":"c"})", 410);
    const auto summary = fixture.sync();
    CHECK_FALSE(summary.failure);
    CHECK(warns(summary, "no longer knows where the last run ended"));
    CHECK(fixture.source.asked ==
          std::vector<std::string>{"/items?since=b", "/items"});
    CHECK(fixture.checkpoint("state") == "c");
  }

  TEST_CASE(
      "a refused token is not asked with again, though the run is cut short") {
    Fixture fixture(
        "cursor = { token = \"delta\", param = \"since\" }\n"
        "page = { token = \"next\", param = \"after\" }\n");
    fixture.source.answer = [](const std::string&, http::Response& response) {
      response.body = R"({"data":[{"id":1}],"delta":"a"})";
    };
    fixture.sync();
    fixture.source.answer = [](const std::string& url,
                               http::Response& response) {
      const bool first = url.find("after") == std::string::npos;
      response.status = url.find("since") != std::string::npos ? 410
                        : first                                ? 200
                                                               : 503;
      response.body = R"({"data":[{"id":2}],"next":"p"})";
    };
    CHECK(fixture.sync().failure);
    CHECK(fixture.checkpoint("state") == "NULL");
  }

  TEST_CASE(
      "a window of a token stream that is cut short keeps the old token") {
    Fixture fixture(
        "cursor = { token = \"delta\", param = \"since\" }\n"
        "page = { token = \"next\", param = \"after\" }\n");
    fixture.source.answer = [](const std::string& url,
                               http::Response& response) {
      response.body = R"({"data":[{"id":1}],"next":"p","delta":"x"})";
      response.status = url.find("after") == std::string::npos ? 200 : 503;
    };
    CHECK(fixture.sync().failure);
    CHECK(fixture.checkpoint("state") == "NULL");
    CHECK(fixture.checkpoint("window_state") == "x");
    fixture.source.answer = [](const std::string& url,
                               http::Response& response) {
      response.body = url.find("since") == std::string::npos
                          ? R"({"data":[{"id":2}]})"
                          : R"({"data":[],"delta":"y"})";
    };
    CHECK(fixture.sync().complete);
    CHECK(fixture.source.asked ==
          std::vector<std::string>{"/items?after=p", "/items?since=x"});
    CHECK(fixture.checkpoint("state") == "y");
  }
}

TEST_SUITE("versions and newest first") {
  TEST_CASE("a lower version is stale, though it came last") {
    Fixture fixture("version = \"rev\"\n");
    const auto read = [&](const std::string& body) {
      fixture.source.answer = [=](const std::string&,
                                  http::Response& response) {
        response.body = body;
      };
      return fixture.sync().counts;
    };
    CHECK(read(R"({"data":[{"id":1,"rev":5,"name":"new"}]})").inserted == 1);
    const auto counts = read(R"({"data":[{"id":1,"rev":4,"name":"old"}]})");
    CHECK(counts.stale == 1);
    CHECK(counts.updated == 0);
    CHECK(value(fixture.dir.path() / "test.db", "SELECT name FROM items") ==
          "new");
  }

  TEST_CASE("newest first the first record of a key wins, across batches") {
    Fixture fixture(
        "cursor = { field = \"at\", order = \"descending\" }\n"
        "page = { token = \"next\", param = \"after\" }\n");
    fixture.source.answer = [](const std::string& url,
                               http::Response& response) {
      response.body =
          url.find("after") == std::string::npos
              ? R"({"data":[{"id":1,"at":"2024-01-01T11:00:00Z","v":"new"}],)"
                R"("next":"p"})"
              : R"({"data":[{"id":1,"at":"2024-01-01T10:00:00Z","v":"old"}]})";
    };
    const auto counts = fixture.sync().counts;
    CHECK(counts.inserted == 1);
    CHECK(counts.stale == 1);
    CHECK(value(fixture.dir.path() / "test.db", "SELECT v FROM items") ==
          "new");
    CHECK(value(fixture.dir.path() / "test.db",
                "SELECT count(*) FROM pipeline_seen") == "0");
  }
}
