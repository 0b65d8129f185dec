// SPDX-License-Identifier: MIT
//
// Batches of which too much does not fit, and what becomes of it later.
#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "batch_builder.hpp"
#include "store/reject_list.hpp"
#include "store/reject_retry.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

model::StreamDefinition strict(std::int64_t max_rejects) {
  auto stream = contacts();
  stream.max_rejects.count = max_rejects;
  return stream;
}

model::Reject odd(int id, const std::string& reason = "odd") {
  const auto number = std::to_string(id);
  return {reason, "[\"" + number + "\"]", "{\"id\": " + number + "}"};
}

// A page and the mark after it, in a run that committed `before`.
store::Counts commit(Run& run, std::int64_t mark,
                     const std::vector<Members>& records,
                     std::vector<model::Reject> rejects,
                     std::optional<store::RejectShare> before) {
  auto batch = run.batch(records, std::move(rejects));
  batch.after.mark = mark;
  batch.before = before;
  return run.writer.commit(batch, run.now);
}

const std::string marks =
    "SELECT last_processed_at, mark_after FROM pipeline_checkpoints JOIN "
    "pipeline_runs USING (pipeline_name)";

}  // namespace

TEST_SUITE_BEGIN("too many rejects");

TEST_CASE("a batch with too many keeps what it brought, but not the mark") {
  const File file;
  Run run(file.path, strict(1));
  commit(run, 5, {{{"id", 1}}}, {odd(2)}, store::RejectShare{});
  CHECK(file.sql().value(marks) == "5|5");
  CHECK(brief(commit(run, 9, {{{"id", 3}}}, {odd(4)},
                     store::RejectShare{1, 2})) == "1/0/0/1");
  CHECK(file.sql().value(marks) == "5|5");
  CHECK(run.writer.checkpoint().mark == model::CursorValue{std::int64_t{5}});
  CHECK(file.sql().rows("SELECT id FROM contacts") == Lines{"1", "3"});
  CHECK(file.sql().rows("SELECT record_key FROM pipeline_rejects") ==
        Lines{"[\"2\"]", "[\"4\"]"});
  CHECK(file.sql().value("SELECT fetched, rejected FROM pipeline_runs") ==
        "4|2");
}

TEST_CASE("what the run rejected before counts, and other runs do not") {
  const File file;
  {
    Run run(file.path, strict(1));
    commit(run, 5, {}, {odd(1), odd(2)}, store::RejectShare{});
    CHECK_FALSE(run.writer.checkpoint().mark);
  }
  Run run(file.path, strict(1));
  commit(run, 6, {}, {odd(3)}, store::RejectShare{});
  CHECK(file.sql().value("SELECT last_processed_at FROM "
                         "pipeline_checkpoints") == "6");
  commit(run, 7, {}, {odd(4)}, store::RejectShare{1, 1});
  CHECK(file.sql().value("SELECT last_processed_at FROM "
                         "pipeline_checkpoints") == "6");
}

TEST_CASE("records that the database refuses count as well") {
  const File file;
  Run run(file.path, strict(0));
  commit(run, 5, {{{"id", 1}, {"age", 3}}}, {}, store::RejectShare{});
  commit(run, 6, {{{"id", 2}, {"age", "old"}}}, {}, store::RejectShare{});
  CHECK(file.sql().value(marks) == "5|5");
}

TEST_CASE("without what came before there is no limit") {
  const File file;
  Run run(file.path, strict(0));
  commit(run, 5, {}, {odd(1), odd(2)}, {});
  CHECK(file.sql().value(marks) == "5|5");
}

TEST_CASE("a batch that is held is no first sight of its keys") {
  const File file;
  const auto commit_open = [&](Run& run, const std::vector<Members>& records,
                               std::vector<model::Reject> rejects) {
    auto batch = run.batch(records, std::move(rejects));
    model::Window window;
    window.number = 1;
    batch.after.window = window;
    batch.first_wins = 1;
    batch.before = store::RejectShare{};
    return brief(run.writer.commit(batch, run.now));
  };
  {
    Run run(file.path, strict(0));
    CHECK(commit_open(run, {{{"id", 1}, {"a", 1}}}, {}) == "1/0/0/0");
    CHECK(commit_open(run, {{{"id", 1}, {"a", 0}}, {{"id", 2}, {"a", 1}}},
                      {odd(3)}) == "1/0/0/1");
  }
  CHECK(file.sql().rows("SELECT record_key FROM pipeline_seen") ==
        Lines{"[\"1\"]"});
  // It comes again, and what did not fit does now.
  Run run(file.path, strict(0));
  CHECK(
      commit_open(
          run,
          {{{"id", 1}, {"a", 0}}, {{"id", 2}, {"a", 1}}, {{"id", 3}, {"a", 1}}},
          {}) == "1/0/1/0");
  CHECK(file.sql().rows("SELECT id, a FROM contacts") ==
        Lines{"1|1", "2|1", "3|1"});
  CHECK(file.sql().value("SELECT count(*) FROM pipeline_rejects WHERE "
                         "resolved_at IS NULL") == "0");
}

TEST_CASE("the commonest reason is that of the run's open rejects") {
  const File file;
  Run(file.path, contacts())
      .commit({}, {odd(7, "of before"), odd(8, "of before"),
                   odd(9, "of before"), odd(10, "of before")});
  Run run(file.path, contacts());
  CHECK(run.writer.commonest_reason().rejects == 0);
  CHECK(run.writer.commonest_reason().example.empty());
  run.commit(
      {}, {odd(1, "twice"), odd(2, "twice"),
           odd(3, "'age' holds 'b', which is not a number"),
           odd(4, "'age' holds 'a', which is not a number"),
           odd(5, "'age' holds 'c', which is not a number"), odd(6, "once")});
  CHECK(run.writer.commonest_reason().rejects == 3);
  CHECK(run.writer.commonest_reason().example ==
        "'age' holds 'a', which is not a number");
  run.commit({{{"id", 3}}, {{"id", 4}}});
  CHECK(run.writer.commonest_reason().rejects == 2);
  CHECK(run.writer.commonest_reason().example == "twice");
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("retry of rejects");

namespace {

// The records that what was kept reads as now.
using Readings = std::map<std::string, Members>;

// A retry of all open rejects, with what `readings` says of each text; those it
// does not have still do not fit, with this key.
store::Retried retry(const File& file, const Readings& readings,
                     const std::string& key = "",
                     const model::StreamDefinition& stream = contacts()) {
  store::Store store(file.path, model::Journal::wal);
  store::RejectRetry retry(store, store.begin_run(noon), stream, noon);
  for (bool more = true; more;) {
    Pages pages(stream);
    more = retry.step(
        [&](const auto& /*list*/, const std::string& raw) {
          const auto reading = readings.find(raw);
          return reading != readings.end()
                     ? pages.page({reading->second})
                     : pages.page({}, {{"odd as ever", key, raw, 0}});
        },
        noon);
  }
  retry.finish({}, noon);
  return retry.retried();
}

// "loaded/outdated/rejected"
std::string told(const store::Retried& retried) {
  return std::to_string(retried.loaded()) + "/" +
         std::to_string(retried.outdated) + "/" +
         std::to_string(retried.rejected);
}

model::Reject without_key(const std::string& raw) {
  return {"no key", "", raw};
}

const std::string rows = "SELECT id, a, _run_id FROM contacts ORDER BY id";
const std::string open_keys =
    "SELECT record_key, reason, last_run_id FROM pipeline_rejects WHERE "
    "resolved_at IS NULL ORDER BY 1";

}  // namespace

TEST_CASE("what fits now is loaded and done with, the rest stays") {
  const File file;
  {
    Run run(file.path, contacts());
    auto batch = run.batch({}, {odd(1), odd(2), odd(3)});
    model::Window window;
    window.number = 7;
    batch.after.window = window;
    batch.after.mark = std::int64_t{5};
    run.writer.commit(batch, noon);
    run.writer.finish({}, noon);
  }
  auto sql = file.sql();
  const auto checkpoints = sql.dump("pipeline_checkpoints");
  CHECK(told(retry(file,
                   {{R"({"id": 1})", {{"id", 1}, {"a", 1}}},
                    {R"({"id": 3})", {{"id", 3}, {"a", 3}}}},
                   "[\"2\"]")) == "2/0/1");
  CHECK(sql.rows(rows) == Lines{"1|1|2", "3|3|2"});
  // The run is that which last brought it.
  CHECK(sql.rows(open_keys) == Lines{"[\"2\"]|odd as ever|1"});
  CHECK(sql.dump("pipeline_checkpoints") == checkpoints);
  CHECK(sql.rows("SELECT run_id, mode, outcome, fetched, inserted, rejected, "
                 "mark_before, mark_after FROM pipeline_runs WHERE run_id = "
                 "2") == Lines{"2|retry|ok|3|2|1|5|5"});
  // What is done with is not tried again.
  CHECK(told(retry(file, {})) == "0/0/1");
}

TEST_CASE("a row that a later run wrote stays") {
  const File file;
  Run(file.path, contacts()).commit({{{"id", 1}, {"a", 1}}});
  Run(file.path, contacts()).commit({}, {without_key("x")});
  const Readings readings = {{"x", {{"id", 1}, {"a", 2}}}};
  SUBCASE("of the run before it does not") {
    CHECK(told(retry(file, readings)) == "1/0/0");
    CHECK(file.sql().rows(rows) == Lines{"1|2|3"});
  }
  SUBCASE("of the run itself it does not") {
    file.sql().exec("UPDATE contacts SET _run_id = 2");
    CHECK(told(retry(file, readings)) == "1/0/0");
    CHECK(file.sql().rows(rows) == Lines{"1|2|3"});
  }
  SUBCASE("and the reject is done with") {
    Run(file.path, contacts()).commit({{{"id", 1}, {"a", 3}}});
    CHECK(told(retry(file, readings)) == "0/1/0");
    CHECK(file.sql().rows(rows) == Lines{"1|3|3"});
    CHECK(file.sql().rows(open_keys) == Lines{});
    CHECK(file.sql().value("SELECT stale, inserted FROM pipeline_runs WHERE "
                           "mode = 'retry'") == "1|0");
  }
  SUBCASE("be it marked deleted") {
    file.sql().exec("UPDATE contacts SET _run_id = 3, _deleted_at = 'x'");
    CHECK(told(retry(file, readings)) == "0/1/0");
    CHECK(file.sql().value("SELECT _deleted_at FROM contacts") == "x");
  }
}

TEST_CASE("of several rejects of one record the newest counts") {
  const File file;
  Run(file.path, contacts()).commit({}, {without_key("old")});
  Run(file.path, contacts()).commit({}, {without_key("new")});
  const Members old = {{"id", 1}, {"a", 1}};
  SUBCASE("where both fit") {
    CHECK(told(retry(file, {{"old", old}, {"new", {{"id", 1}, {"a", 2}}}})) ==
          "1/1/0");
    CHECK(file.sql().rows(rows) == Lines{"1|2|3"});
  }
  SUBCASE("where it does not fit yet") {
    CHECK(told(retry(file, {{"old", old}}, "[\"1\"]")) == "0/1/1");
    CHECK(file.sql().rows(open_keys) == Lines{"[\"1\"]|odd as ever|2"});
    CHECK(told(retry(file, {{"new", {{"id", 1}, {"a", 2}}}})) == "1/0/0");
    CHECK(file.sql().rows(rows) == Lines{"1|2|4"});
  }
  SUBCASE("where its row was so already") {
    Run(file.path, contacts()).commit({{{"id", 1}, {"a", 2}}});
    file.sql().exec("UPDATE contacts SET _run_id = 0");
    CHECK(told(retry(file, {{"old", old}, {"new", {{"id", 1}, {"a", 2}}}})) ==
          "1/1/0");
    CHECK(file.sql().rows(rows) == Lines{"1|2|0"});
  }
  SUBCASE("where it is known by its key") {
    Run(file.path, contacts()).commit({}, {odd(1)});
    CHECK(told(retry(file, {{"old", old}, {"new", old}}, "[\"1\"]")) ==
          "0/2/1");
  }
}

TEST_CASE("an older version than the row's is not loaded") {
  const File file;
  auto stream = contacts();
  stream.version = model::parse_path("v");
  Run(file.path, stream).commit({}, {odd(1), odd(2)});
  Run(file.path, stream).commit({{{"id", 1}, {"a", 5}}, {{"id", 2}, {"a", 5}}});
  file.sql().exec(
      "UPDATE contacts SET _run_id = 1, _version = 7;"
      "UPDATE pipeline_rejects SET resolved_at = NULL");
  store::Store store(file.path, model::Journal::wal);
  store::RejectRetry retry(store, store.begin_run(noon), stream, noon);
  Pages pages(stream);
  CHECK(retry.step(
      [&](const auto& /*list*/, const std::string& raw) {
        auto page =
            pages.page({{{"id", raw == R"({"id": 1})" ? 1 : 2}, {"a", 6}}});
        page.versions = {raw == R"({"id": 1})" ? 6 : 8};
        return page;
      },
      noon));
  CHECK(told(retry.retried()) == "1/1/0");
  CHECK(file.sql().rows("SELECT id, a, _version FROM contacts") ==
        Lines{"1|5|7", "2|6|8"});
  CHECK(file.sql().rows(open_keys) == Lines{});
}

TEST_CASE("many rejects are tried in several transactions") {
  const File file;
  Readings readings;
  {
    Run run(file.path, contacts());
    std::vector<model::Reject> rejects;
    for (int id = 1; id <= 1200; ++id) {
      rejects.push_back(odd(id));
      readings[rejects.back().raw] = {{"id", id},
                                      {"m" + std::to_string(id % 7), id}};
    }
    run.commit({}, std::move(rejects));
  }
  CHECK(told(retry(file, readings)) == "1200/0/0");
  CHECK(file.sql().value("SELECT count(*), sum(m0), sum(m6) FROM contacts") ==
        "1200|102942|102771");
}

TEST_CASE("the rejects of other streams are not touched") {
  const File file;
  auto deals = contacts();
  deals.name = "deals";
  Run(file.path, deals).commit({}, {odd(1)});
  Run(file.path, contacts()).commit({}, {odd(1)});
  CHECK(told(retry(file, {{R"({"id": 1})", {{"id", 1}}}})) == "1/0/0");
  CHECK(file.sql().rows("SELECT pipeline_name FROM pipeline_rejects WHERE "
                        "resolved_at IS NULL") == Lines{"crm.deals"});
}

TEST_CASE("a table that is not the stream's or was dropped takes nothing") {
  const File file;
  Run(file.path, contacts()).commit({{{"id", 2}}}, {odd(1)});
  file.sql().exec("DROP TABLE contacts");
  const Readings readings = {{R"({"id": 1})", {{"id", 1}}}};
  CHECK(message([&] { retry(file, readings); }) ==
        "the table 'contacts' of crm.contacts was dropped");
  file.sql().exec("CREATE TABLE contacts (id INTEGER PRIMARY KEY)");
  file.sql().exec(
      "UPDATE pipeline_meta SET value = 'crm.others' WHERE key = "
      "'table:contacts'");
  CHECK(code([&] { retry(file, readings); }) == ExitCode::configuration);
  CHECK(file.sql().value("SELECT count(*) FROM contacts") == "0");
  CHECK(file.sql().rows(open_keys) == Lines{"[\"1\"]|odd|1"});
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("list of rejects");

TEST_CASE("rejects are listed by run, the newest first") {
  const File file;
  auto deals = contacts();
  deals.name = "deals";
  Run(file.path, deals, {.now = model::plus(noon, -60)})
      .commit({}, {odd(1), odd(2)});
  Run(file.path, contacts()).commit({}, {odd(3), odd(4)});
  Run(file.path, contacts()).commit({{{"id", 4}}});
  const auto keys = [&](const store::RejectQuery& query) {
    const auto list = store::read_rejects(file.path, query);
    std::string text = std::to_string(list.total) + ":";
    for (const auto& record : list.records) {
      text += " " + record.owner + record.record_key +
              (record.resolved_at ? "!" : "") + record.raw.value_or("");
    }
    return text;
  };
  CHECK(keys({}) == "3: crm.contacts[\"3\"] crm.deals[\"1\"] crm.deals[\"2\"]");
  CHECK(keys({.owners = {"crm.contacts"}, .resolved = true}) ==
        "2: crm.contacts[\"3\"] crm.contacts[\"4\"]!");
  CHECK(keys({.raw = true, .limit = 1}) == R"(3: crm.contacts["3"]{"id": 3})");
  CHECK(keys({.owners = {"crm.contacts", "crm.deals"}, .limit = 2}) ==
        "3: crm.contacts[\"3\"] crm.deals[\"1\"]");
  const auto first = store::read_rejects(file.path, {}).records.at(1);
  CHECK(first.reason == "odd");
  CHECK(first.first_run_id == 1);
  CHECK(first.last_run_id == 1);
  CHECK(first.first_seen_at == model::plus(noon, -60));
  CHECK(first.last_seen_at == model::plus(noon, -60));
}

TEST_CASE("where there is no file, or nothing of ours in it, there are none") {
  const File file;
  CHECK(store::read_rejects(file.path, {}).total == 0);
  CHECK_FALSE(std::filesystem::exists(file.path));
  file.sql().exec("CREATE TABLE t (a)");
  CHECK(store::read_rejects(file.path, {}).total == 0);
}

TEST_SUITE_END();

}  // namespace strandline::test
