// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "batch_builder.hpp"
#include "model/digest.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

using model::Instant;
using store::Ending;
using store::Outcome;

Instant later(std::int64_t seconds) {
  return model::plus(noon, seconds);
}

}  // namespace

TEST_SUITE_BEGIN("history");

// Runs //

TEST_CASE("run ids rise, also over a reopened file") {
  const File file;
  for (std::int64_t i = 0; i < 3; ++i) {
    store::Store store(file.path, model::Journal::wal);
    CHECK(store.begin_run(noon) == 2 * i + 1);
    CHECK(store.begin_run(noon) == 2 * i + 2);
  }
}

TEST_CASE("runs that did not end are closed as killed by the next") {
  const File file;
  const auto other = [] {
    auto stream = contacts();
    stream.name = "deals";
    return stream;
  };
  const std::string history =
      "SELECT run_id, pipeline_name, outcome, finished_at, exit_code FROM "
      "pipeline_runs ORDER BY 1, 2";
  {
    Run run(file.path, contacts());
    run.commit({{{"id", 1}}});
  }
  CHECK(file.sql().rows(history) == Lines{"1|crm.contacts|running|NULL|NULL"});
  {
    Run run(file.path, other(), {.now = later(60)});
    CHECK(file.sql().rows(history) ==
          Lines{"1|crm.contacts|killed|2023-11-14T22:14:20.000Z|NULL",
                "2|crm.deals|running|NULL|NULL"});
    run.writer.finish({}, later(61));
  }
  const Run run(file.path, contacts(), {.now = later(120)});
  CHECK(file.sql().rows(history) ==
        Lines{"1|crm.contacts|killed|2023-11-14T22:14:20.000Z|NULL",
              "2|crm.deals|ok|2023-11-14T22:14:21.000Z|0",
              "3|crm.contacts|running|NULL|NULL"});
}

TEST_CASE("the end of a run is stored with its reason and warnings") {
  struct Case {
    Ending ending;
    std::string row;
  };
  store::Counts uncommitted;
  uncommitted.requests = 3;
  uncommitted.bytes = 1000;
  const Case cases[] = {
      {{}, "ok|0|NULL|NULL|2|100"},
      {{Outcome::failed, 76, "it's not JSON", {}, {}},
       "failed|76|it's not JSON|NULL|2|100"},
      {{Outcome::stuck, 76, "refused again", {}, {}},
       "stuck|76|refused again|NULL|2|100"},
      {{Outcome::interrupted, 130, "stopped", {"one", "two"}, uncommitted},
       "interrupted|130|stopped|one\ntwo|5|1100"},
  };
  for (const auto& [ending, row] : cases) {
    const File file;
    Run run(file.path, contacts());
    auto batch = run.batch({});
    batch.counts.requests = 2;
    batch.counts.bytes = 100;
    run.writer.commit(batch, noon);
    run.writer.finish(ending, later(1));
    CHECK(file.sql().value("SELECT outcome, exit_code, error, warnings, "
                           "requests, bytes FROM pipeline_runs") == row);
  }
}

TEST_CASE("a stream that fails before it begins has its row in the history") {
  const File file;
  store::Store store(file.path, model::Journal::wal);
  const auto id = store.begin_run(noon);
  store.enter_failure(id, "crm.contacts",
                      {Outcome::failed, 66, "no token", {}, {}}, later(1));
  CHECK(file.sql().rows("SELECT run_id, pipeline_name, started_at, "
                        "finished_at, outcome, exit_code, error FROM "
                        "pipeline_runs") ==
        Lines{"1|crm.contacts|2023-11-14T22:13:21.000Z|"
              "2023-11-14T22:13:21.000Z|failed|66|no token"});
  CHECK(file.sql().rows("SELECT * FROM pipeline_checkpoints") == Lines{});
}

TEST_CASE("a failure before the beginning leaves the mark where it was") {
  const File file;
  Run(file.path, contacts()).commit_to(7, {});
  store::Store store(file.path, model::Journal::wal);
  const auto id = store.begin_run(noon);
  store.enter_failure(id, "crm.contacts", {Outcome::failed, 66, "", {}, {}},
                      noon);
  CHECK(file.sql().value("SELECT mark_before, mark_after FROM pipeline_runs "
                         "WHERE run_id = 2") == "7|7");
}

TEST_CASE("a failure of a stream that has begun is the end of its row") {
  const File file;
  Run run(file.path, contacts(), {.mode = "incremental"});
  run.store.enter_failure(run.id, "crm.contacts",
                          {Outcome::failed, 74, "disk", {}, {}}, noon);
  CHECK(file.sql().rows("SELECT mode, outcome, error FROM pipeline_runs") ==
        Lines{"incremental|failed|disk"});
}

TEST_CASE("a run's history begins with the mark that it found") {
  const File file;
  Run(file.path, contacts()).commit_to(5, {});
  Run run(file.path, contacts());
  const std::string marks =
      "SELECT mark_before, mark_after FROM pipeline_runs WHERE run_id = 2";
  CHECK(file.sql().value(marks) == "5|5");
  run.commit_to(8, {});
  CHECK(file.sql().value(marks) == "5|8");
}

// Rejects //

TEST_CASE("a record that is rejected again keeps its one row") {
  const File file;
  const std::string raw = R"({"id": 1, "x"})";
  const std::string keys[] = {R"(["1"])", ""};
  for (const auto& key : keys) {
    Run(file.path, contacts(), {.now = later(1)})
        .commit({}, {{"first reason", key, raw}});
    Run(file.path, contacts(), {.now = later(2)})
        .commit({}, {{"second reason", key, raw}, {"third", key, raw}});
  }
  const std::string hash = "sha256:" + model::sha256_hex(raw);
  CHECK(file.sql().rows("SELECT record_key, reason, raw, first_run_id, "
                        "last_run_id, first_seen_at, last_seen_at, "
                        "resolved_at FROM pipeline_rejects ORDER BY 1") ==
        Lines{R"(["1"]|third|{"id": 1, "x"}|1|2|2023-11-14T22:13:21.000Z|)"
              "2023-11-14T22:13:22.000Z|NULL",
              hash + R"(|third|{"id": 1, "x"}|3|4|2023-11-14T22:13:21.000Z|)"
                     "2023-11-14T22:13:22.000Z|NULL"});
}

TEST_CASE("records without a key are told apart by what was sent") {
  const File file;
  Run run(file.path, contacts());
  run.commit({}, {{"odd", "", "{}"}, {"odd", "", "{ }"}, {"odd", "", "{}"}});
  CHECK(file.sql().value("SELECT count(*) FROM pipeline_rejects") == "2");
}

TEST_CASE("a rejected record that is loaded later is done with") {
  const File file;
  const std::string open =
      "SELECT record_key, resolved_at FROM pipeline_rejects ORDER BY 1";
  Run(file.path, contacts())
      .commit({}, {{"odd", R"(["1"])", "a"}, {"odd", R"(["2"])", "b"}});
  {
    Run run(file.path, contacts());
    run.commit({{{"id", 1}}});
    run.commit({{{"id", 3}}});
    CHECK(file.sql().rows(open) ==
          Lines{"[\"1\"]|" + std::string(noon_text), "[\"2\"]|NULL"});
  }
  {
    // The first time that it was done with stays.
    Run run(file.path, contacts(), {.now = later(60)});
    run.commit({{{"id", 1}}});
    CHECK(file.sql().rows(open) ==
          Lines{"[\"1\"]|" + std::string(noon_text), "[\"2\"]|NULL"});
    run.commit({}, {{"odd again", R"(["1"])", "c"}});
    CHECK(file.sql().rows(open) == Lines{"[\"1\"]|NULL", "[\"2\"]|NULL"});
    CHECK(file.sql().value("SELECT reason, raw, first_run_id, last_run_id FROM "
                           "pipeline_rejects WHERE record_key = '[\"1\"]'") ==
          "odd again|c|1|3");
    run.commit({{{"id", 1}}});
  }
  CHECK(file.sql().rows(open) ==
        Lines{"[\"1\"]|2023-11-14T22:14:20.000Z", "[\"2\"]|NULL"});
}

TEST_CASE("a reject within a run is done with when the record comes good") {
  const File file;
  Run run(file.path, contacts());
  run.commit({{{"id", 1}, {"age", 30}}});
  run.commit({{{"id", 1}, {"age", "old"}}, {{"id", 2}, {"age", "old"}}});
  run.commit({{{"id", 1}, {"age", 31}}});
  CHECK(file.sql().rows("SELECT record_key, resolved_at FROM "
                        "pipeline_rejects ORDER BY 1") ==
        Lines{"[\"1\"]|" + std::string(noon_text), "[\"2\"]|NULL"});
}

TEST_CASE("the rejects of two streams do not mix") {
  const File file;
  auto deals = contacts();
  deals.name = "deals";
  Run(file.path, contacts()).commit({}, {{"odd", R"(["1"])", "a"}});
  Run(file.path, deals).commit({{{"id", 1}}}, {{"odd", R"(["2"])", "b"}});
  CHECK(file.sql().rows("SELECT pipeline_name, record_key, resolved_at FROM "
                        "pipeline_rejects ORDER BY 1") ==
        Lines{"crm.contacts|[\"1\"]|NULL", "crm.deals|[\"2\"]|NULL"});
}

TEST_SUITE_END();

}  // namespace strandline::test
