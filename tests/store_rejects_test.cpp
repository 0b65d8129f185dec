// SPDX-License-Identifier: MIT
//
// Batches of which too much does not fit.
#include <doctest/doctest.h>

#include "batch_builder.hpp"
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

}  // namespace strandline::test
