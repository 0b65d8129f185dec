// SPDX-License-Identifier: MIT
//
// Records that do not fit, over whole runs: how many may, what is shown of them
// and what becomes of them after a fix.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "child.hpp"
#include "strandline/error.hpp"
#include "sync_fixture.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

// The list of items with pages of 100, and a number that may not be one.
std::string counted(const std::string& more = "",
                    const char* type = "integer") {
  return fmt::format(R"(
[stream.items]
get     = "/items"
query   = {{ since = "${{from}}", limit = 100 }}
records = "data"
key     = "id"
cursor  = {{ field = "updated_at", order = "ascending" }}
page    = {{ token = "meta/next", param = "after" }}
{}
[stream.items.columns]
id = "id"
n = {{ path = "n", type = "{}" }}
)",
                     more, type);
}

nlohmann::json numbered(int id, bool good) {
  auto record = item(id);
  record["n"] = good ? nlohmann::json(id) : nlohmann::json("much");
  return record;
}

// `count` records, of which those for which `is_bad` is true do not fit.
template <typename Test>
std::vector<nlohmann::json> numbered_items(int count, Test is_bad) {
  std::vector<nlohmann::json> records;
  for (int id = 1; id <= count; ++id) {
    records.push_back(numbered(id, !is_bad(id)));
  }
  return records;
}

std::string note(const Failure& failure, const std::string& label) {
  const auto found =
      std::find_if(failure.notes.begin(), failure.notes.end(),
                   [&](const Note& each) { return each.label == label; });
  return found == failure.notes.end() ? "" : found->text;
}

}  // namespace

TEST_SUITE("too many rejects") {
  TEST_CASE("a stream that has changed its shape stops, and goes on after it") {
    SyncFixture fixture(counted());
    fixture.server.set(numbered_items(2500, [](int id) { return id > 1000; }));
    const auto first = fixture.sync();
    CHECK(first.exit_code == ExitCode::data);
    REQUIRE(first.streams.size() == 1);
    const auto& stream = first.streams.front();
    CHECK(stream.outcome == "failed");
    CHECK_FALSE(stream.complete);
    CHECK_FALSE(stream.mark_after);
    REQUIRE(stream.failure);
    CHECK(stream.failure->message ==
          "1000 of 2000 records did not fit, more than max_rejects = \"10%\" "
          "allows");
    CHECK(note(*stream.failure, "reason") ==
          "of 1000: 'n' holds 'much', which is not an integer of 64 bits");
    CHECK(note(*stream.failure, "kept") ==
          "1000 records, and what did not fit with its reason; the next run "
          "reads the last of them again");
    CHECK(has(note(*stream.failure, "try"), "strandline rejects items"));
    CHECK(read_status(fixture.config()).front().freshness ==
          Freshness::failing);

    // It stops at the same place, and keeps each record once.
    const auto rejects =
        "SELECT count(*), min(first_run_id), min(last_run_id), "
        "count(resolved_at) FROM pipeline_rejects";
    CHECK(query(fixture.database(), rejects) == Rows{{"1000", "1", "1", "0"}});
    fixture.server.take_requests();
    const auto second = fixture.sync();
    CHECK(second.exit_code == ExitCode::data);
    CHECK(second.streams.front().resumed);
    CHECK(has(fixture.server.take_requests().front(), "after=1000"));
    CHECK(query(fixture.database(), rejects) == Rows{{"1000", "1", "2", "0"}});
    CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "1000");

    // The source has come to its senses.
    fixture.server.set(numbered_items(2500, [](int) { return false; }));
    const auto third = fixture.sync();
    CHECK(third.exit_code == ExitCode::ok);
    CHECK(third.streams.front().mark_after == "2024-01-01T00:41:40.000Z");
    CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "2500");
    CHECK(query(fixture.database(), rejects) ==
          Rows{{"1000", "1", "2", "1000"}});
  }

  TEST_CASE("a list that ends in the batch leaves the mark as well") {
    SyncFixture fixture(counted("max_rejects = 3"));
    fixture.server.set(numbered_items(20, [](int id) { return id > 16; }));
    const auto stopped = fixture.sync();
    CHECK(stopped.exit_code == ExitCode::data);
    CHECK(stopped.streams.front().failure->message ==
          "4 of 20 records did not fit, more than max_rejects = 3 allows");
    CHECK_FALSE(stopped.streams.front().mark_after);
    fixture.configure(counted("max_rejects = 4"));
    const auto passed = fixture.sync();
    CHECK(passed.exit_code == ExitCode::ok);
    CHECK(passed.streams.front().mark_after == "2024-01-01T00:00:16.000Z");
    CHECK(passed.streams.front().counts.unchanged == 16);
  }

  TEST_CASE("ten of a short list may, without a word in the configuration") {
    SyncFixture fixture(counted());
    fixture.server.set(numbered_items(12, [](int id) { return id > 2; }));
    const auto warned = fixture.sync();
    CHECK(warned.exit_code == ExitCode::ok);
    CHECK(warned.streams.front().warnings ==
          std::vector<std::string>{
              "10 records did not fit; kept in pipeline_rejects with the "
              "reason"});
    fixture.server.set(numbered_items(12, [](int id) { return id > 1; }));
    CHECK(fixture.sync(true).exit_code == ExitCode::data);
  }

  TEST_CASE("a share is judged over the run, not over a page of it") {
    SyncFixture fixture(counted());
    // A whole page of nothing else, of twenty.
    fixture.server.set(
        numbered_items(2000, [](int id) { return id > 100 && id <= 200; }));
    CHECK(fixture.sync().exit_code == ExitCode::ok);
  }

  TEST_CASE("the program says how many, why, and what to do") {
    SyncFixture fixture(counted("max_rejects = \"2.5%\""));
    fixture.server.set(numbered_items(200, [](int id) { return id <= 6; }));
    const auto result =
        run(fixture.dir(), {"sync", "-c", fixture.config().string()});
    CHECK(result.code == 65);
    CHECK(has(result.err,
              "strandline: items: 6 of 200 records did not fit, more than "
              "max_rejects = \"2.5%\" allows\n  reason    of 6: 'n' holds"));
    CHECK(has(result.err, "\n  kept      194 records"));
    CHECK(has(result.err, "\n  try       strandline rejects items"));
  }
}
