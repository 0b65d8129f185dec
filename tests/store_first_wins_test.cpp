// SPDX-License-Identifier: MIT
//
// Windows in which the first record of a key counts, and records that come
// late.
#include <doctest/doctest.h>

#include "batch_builder.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

// What a batch of a window whose first records count is made of.
struct Part {
  std::int64_t window = 1;
  bool last = false;
};

store::Counts commit(Run& run, const Part& part,
                     const std::vector<Members>& records,
                     std::vector<model::Reject> rejects = {}) {
  auto batch = run.batch(records, std::move(rejects));
  batch.first_wins = part.window;
  if (part.last) {
    batch.after.window = std::nullopt;
    batch.after.complete_number = part.window;
  } else {
    model::Window open;
    open.number = part.window;
    batch.after.window = std::move(open);
  }
  return run.writer.commit(batch, run.now);
}

// Commits in a run of its own, as after a kill.
store::Counts commit(const File& file, const Part& part,
                     const std::vector<Members>& records,
                     std::vector<model::Reject> rejects = {}) {
  Run run(file.path, contacts());
  return commit(run, part, records, std::move(rejects));
}

// "inserted/updated/unchanged/rejected stale"
std::string told(const store::Counts& counts) {
  return brief(counts) + " " + std::to_string(counts.stale);
}

Lines names(const File& file) {
  return file.sql().rows("SELECT id, name FROM contacts");
}

Lines seen(const File& file) {
  return file.sql().rows(
      "SELECT pipeline_name, record_key, window_number FROM pipeline_seen");
}

Members person(int id, const char* name) {
  return {{"id", id}, {"name", name}};
}

}  // namespace

TEST_SUITE_BEGIN("first wins");

TEST_CASE("the first record of a key counts within a batch") {
  const File file;
  CHECK(told(commit(file, {},
                    {person(1, "new"), person(2, "b"), person(1, "old"),
                     person(1, "older")})) == "2/0/0/0 2");
  CHECK(names(file) == Lines{"1|new", "2|b"});
  CHECK(file.sql().value("SELECT fetched, inserted, stale FROM "
                         "pipeline_runs") == "4|2|2");
}

TEST_CASE("the first record of a key counts across batches and kills") {
  const File file;
  {
    Run run(file.path, contacts());
    CHECK(told(commit(run, {}, {person(1, "new")})) == "1/0/0/0 0");
    CHECK(told(commit(run, {}, {person(1, "old"), person(2, "new")})) ==
          "1/0/0/0 1");
  }
  CHECK(seen(file) ==
        Lines{"crm.contacts|[\"1\"]|1", "crm.contacts|[\"2\"]|1"});
  CHECK(told(commit(file, {}, {person(2, "old"), person(3, "new")})) ==
        "1/0/0/0 1");
  CHECK(told(commit(file, {.last = true}, {person(1, "older")})) ==
        "0/0/0/0 1");
  CHECK(names(file) == Lines{"1|new", "2|new", "3|new"});
}

TEST_CASE("the next window begins with no key seen") {
  const File file;
  commit(file, {.window = 1}, {person(1, "a")});
  commit(file, {.window = 1, .last = true}, {person(2, "b")});
  CHECK(seen(file) == Lines{});
  CHECK(told(commit(file, {.window = 2}, {person(1, "c")})) == "0/1/0/0 0");
  // What an older window left behind does not count.
  file.sql().exec(
      "UPDATE pipeline_seen SET window_number = 1, missing = 1;"
      "INSERT INTO pipeline_seen VALUES ('crm.deals', '[\"7\"]', 2, 0)");
  CHECK(told(commit(file, {.window = 2},
                    {person(1, "d"), person(1, "e"), person(7, "f")})) ==
        "1/1/0/0 1");
  CHECK(file.sql().rows("SELECT * FROM pipeline_seen ORDER BY 1, 2") ==
        Lines{"crm.contacts|[\"1\"]|2|0", "crm.contacts|[\"7\"]|2|0",
              "crm.deals|[\"7\"]|2|0"});
  commit(file, {.window = 2, .last = true}, {});
  CHECK(seen(file) == Lines{"crm.deals|[\"7\"]|2"});
}

TEST_CASE("a window that is begun again has seen no key") {
  const File file;
  SUBCASE("because its position was refused") {
    commit(file, {}, {person(1, "a")});
    CHECK(told(commit(file, {.window = 2}, {person(1, "b")})) == "0/1/0/0 0");
    CHECK(told(commit(file, {.window = 2}, {person(1, "a")})) == "0/0/0/0 1");
  }
  SUBCASE("because another took its place under the same number") {
    commit(file, {}, {person(1, "a")});
    Run run(file.path, contacts(), {.full = true});
    CHECK(told(commit(run, {}, {person(1, "b")})) == "0/1/0/0 0");
    CHECK(told(commit(run, {}, {person(1, "a")})) == "0/0/0/0 1");
  }
  CHECK(names(file) == Lines{"1|b"});
}

TEST_CASE("keys are remembered and forgotten in the batch's transaction") {
  const File file;
  commit(file, {}, {person(1, "a")});
  for (const bool last : {false, true}) {
    CAPTURE(last);
    Run run(file.path, contacts());
    const auto before = seen(file);
    CHECK(before.size() == 1);
    file.sql().exec(
        "UPDATE pipeline_checkpoints SET generation = generation + 1");
    CHECK(code([&] { commit(run, {.last = last}, {person(2, "b")}); }) ==
          ExitCode::temporary);
    CHECK(seen(file) == before);
  }
}

TEST_CASE("no older record gets in for a newer one that was rejected") {
  const File file;
  commit(file, {.last = true}, {person(1, "first"), person(2, "first")});
  SUBCASE("by the decoder, in an earlier batch") {
    CHECK(told(commit(file, {.window = 2}, {},
                      {{"odd", R"(["1"])", "{}"},
                       {"odd", "", "{ }"},
                       {"odd", "", "[]"}})) == "0/0/0/3 0");
    CHECK(told(commit(file, {.window = 2, .last = true},
                      {person(1, "older"), person(2, "new")})) == "0/1/0/0 1");
  }
  SUBCASE("by the decoder, in the same page") {
    CHECK(told(commit(file, {.window = 2, .last = true},
                      {person(2, "new"), person(1, "older")},
                      {{"odd", R"(["1"])", "{}", 1}})) == "0/1/0/1 1");
  }
  SUBCASE("by the table") {
    file.sql().exec(
        "UPDATE contacts SET name = 'other' WHERE id = 2;"
        "CREATE UNIQUE INDEX one ON contacts (name)");
    CHECK(told(commit(file, {.window = 2, .last = true},
                      {person(1, "other"), person(1, "older"),
                       person(2, "new")})) == "0/1/0/1 1");
  }
  CHECK(names(file) == Lines{"1|first", "2|new"});
  CHECK(file.sql().value("SELECT count(*) FROM pipeline_rejects WHERE "
                         "record_key = '[\"1\"]' AND resolved_at IS NULL") ==
        "1");
}

TEST_CASE("an older record that does not fit is no reject") {
  const File file;
  CHECK(told(commit(file, {}, {person(1, "new")},
                    {{"odd", R"(["1"])", "{}"}})) == "1/0/0/0 1");
  CHECK(told(commit(file, {}, {}, {{"odd", R"(["1"])", "{}"}})) == "0/0/0/0 1");
  CHECK(file.sql().rows("SELECT * FROM pipeline_rejects") == Lines{});
}

TEST_CASE("without it a reject and a record of one key count in their order") {
  const std::string open =
      "SELECT count(*) FROM pipeline_rejects WHERE resolved_at IS NULL";
  for (const std::size_t before : {std::size_t{0}, std::size_t{1}}) {
    CAPTURE(before);
    const File file;
    Run run(file.path, contacts());
    run.commit({person(1, "a")}, {{"odd", R"(["1"])", "{}", before}});
    CHECK(file.sql().value(open) == (before == 0 ? "0" : "1"));
  }
}

TEST_CASE("a backfill remembers keys of its own") {
  const File file;
  commit(file, {}, {person(1, "a")});
  Run run(file.path, contacts(), {.list = std::string(model::backfill_list)});
  CHECK(told(commit(run, {}, {person(1, "b"), person(1, "c")})) == "0/1/0/0 1");
  CHECK(seen(file) ==
        Lines{"crm.contacts|[\"1\"]|1", "crm.contacts@backfill|[\"1\"]|1"});
  commit(run, {.last = true}, {});
  CHECK(seen(file) == Lines{"crm.contacts|[\"1\"]|1"});
}

TEST_CASE("streams whose last record counts remember no keys") {
  const File file;
  Run run(file.path, contacts());
  run.commit({person(1, "a"), person(1, "b")});
  CHECK(seen(file) == Lines{});
  // Those of a sweep are not theirs to forget.
  file.sql().exec(
      "INSERT INTO pipeline_seen VALUES ('crm.contacts', '[\"7\"]', 2, 1)");
  run.commit({person(1, "a")});
  CHECK(seen(file).size() == 1);
}

// Lateness //

namespace {

model::Instant at(std::int64_t seconds, std::int32_t nanoseconds = 0) {
  return {noon.seconds + seconds, nanoseconds};
}

store::Counts commit_at(Run& run, const std::vector<Members>& records,
                        std::vector<std::optional<model::CursorValue>> cursors,
                        std::optional<model::Instant> below = noon) {
  auto batch = run.batch(records);
  batch.pages[0].cursors = std::move(cursors);
  batch.late_below = below;
  return run.writer.commit(batch, noon);
}

std::string stored_lateness(const File& file) {
  return file.sql().value("SELECT lateness_s FROM pipeline_runs");
}

}  // namespace

TEST_CASE("the longest lateness of new and changed records is kept") {
  const File file;
  Run run(file.path, contacts());
  const auto first =
      commit_at(run, {person(1, "a"), person(2, "b"), person(3, "c")},
                {at(-3), at(-6, 500'000'000), at(7)});
  CHECK(first.lateness_s == 5.5);
  CHECK(stored_lateness(file) == "5.5");
  CHECK(commit_at(run, {person(4, "d")}, {at(-2)}).lateness_s == 2.0);
  CHECK(stored_lateness(file) == "5.5");
  CHECK(commit_at(run, {person(5, "e")}, {at(9)}).lateness_s == std::nullopt);
  CHECK(stored_lateness(file) == "5.5");
  CHECK(commit_at(run, {person(1, "A")}, {at(-60)}).lateness_s == 60.0);
  CHECK(stored_lateness(file) == "60.0");
}

TEST_CASE("a record at the mark itself came late by nothing") {
  const File file;
  Run run(file.path, contacts());
  CHECK(commit_at(run, {person(1, "a")}, {at(0)}).lateness_s == 0.0);
  CHECK(stored_lateness(file) == "0.0");
  CHECK(commit_at(run, {person(2, "a")}, {at(0, 1)}).lateness_s ==
        std::nullopt);
}

TEST_CASE("what is read again and not new came no later than before") {
  const File file;
  Run run(file.path, contacts());
  commit_at(run, {person(1, "a")}, {at(9)});
  CHECK(commit_at(run, {person(1, "a")}, {at(-60)}).lateness_s == std::nullopt);
  // Nor is a record that does not fit, or one without a time.
  CHECK(commit_at(run, {{{"id", "x"}}, person(2, "b"), person(3, "c")},
                  {at(-60), std::nullopt, std::int64_t{-60}})
            .lateness_s == std::nullopt);
  CHECK(commit_at(run, {person(4, "d")}, {at(-60)}, std::nullopt).lateness_s ==
        std::nullopt);
  CHECK(stored_lateness(file) == "NULL");
}

TEST_CASE("a stale record came no later than before") {
  const File file;
  Run run(file.path, contacts());
  auto batch = run.batch({person(1, "a"), person(1, "b")});
  batch.pages[0].cursors = {at(-1), at(-60)};
  batch.late_below = noon;
  batch.first_wins = 1;
  CHECK(run.writer.commit(batch, noon).lateness_s == 1.0);
}

TEST_CASE("a record of an older version came no later than before") {
  const File file;
  auto stream = contacts();
  stream.version = model::parse_path("revision");
  Run run(file.path, stream);
  const auto commit = [&](std::int64_t version, const char* name,
                          std::int64_t seconds) {
    auto batch = run.batch({person(1, name)});
    batch.pages[0].cursors = {at(seconds)};
    batch.pages[0].versions = {version};
    batch.late_below = noon;
    return run.writer.commit(batch, noon);
  };
  CHECK(commit(5, "a", -1).lateness_s == 1.0);
  const auto older = commit(4, "b", -60);
  CHECK(older.stale == 1);
  CHECK(older.lateness_s == std::nullopt);
}

TEST_CASE("where no record has a cursor none came late") {
  const File file;
  Run run(file.path, contacts());
  CHECK(commit_at(run, {person(1, "a")}, {}).lateness_s == std::nullopt);
}

TEST_CASE("counts of batches add up, and lateness does not") {
  store::Counts more;
  more.fetched = 1;
  more.inserted = 2;
  more.updated = 3;
  more.unchanged = 4;
  more.stale = 5;
  more.rejected = 6;
  more.requests = 7;
  more.bytes = 8;
  more.cursors = {9, 10, 11, 12};
  store::Counts sum;
  sum += more;
  CHECK_FALSE(sum.lateness_s);
  more.lateness_s = 3.0;
  sum += more;
  more.lateness_s = 2.0;
  sum += more;
  CHECK(sum.fetched == 3);
  CHECK(sum.inserted == 6);
  CHECK(sum.updated == 9);
  CHECK(sum.unchanged == 12);
  CHECK(sum.stale == 15);
  CHECK(sum.rejected == 18);
  CHECK(sum.requests == 21);
  CHECK(sum.bytes == 24);
  CHECK(sum.cursors.missing == 27);
  CHECK(sum.cursors.future == 30);
  CHECK(sum.cursors.outside == 33);
  CHECK(sum.cursors.inversions == 36);
  CHECK(sum.lateness_s == 3.0);
}

TEST_SUITE_END();

}  // namespace strandline::test
