// SPDX-License-Identifier: MIT
//
// Records with a version: a lower one than the row's is not written.
#include <doctest/doctest.h>

#include <limits>

#include "batch_builder.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

using Version = std::optional<std::int64_t>;

model::StreamDefinition versioned() {
  auto stream = contacts();
  stream.version = model::parse_path("revision");
  return stream;
}

// Commits one record, and returns what became of it as
// "inserted/updated/unchanged/stale".
std::string commit(Run& run, const Members& record, const Version& version) {
  auto batch = run.batch({record});
  batch.pages[0].versions = {version};
  const auto counts = run.writer.commit(batch, run.now);
  CHECK(counts.rejected == 0);
  return std::to_string(counts.inserted) + "/" +
         std::to_string(counts.updated) + "/" +
         std::to_string(counts.unchanged) + "/" + std::to_string(counts.stale);
}

std::string commit(const File& file, const Members& record,
                   const Version& version) {
  Run run(file.path, versioned());
  return commit(run, record, version);
}

constexpr const char* inserted = "1/0/0/0";
constexpr const char* updated = "0/1/0/0";
constexpr const char* unchanged = "0/0/1/0";
constexpr const char* stale = "0/0/0/1";

}  // namespace

TEST_SUITE_BEGIN("table version");

TEST_CASE("an older version changes nothing and is counted as stale") {
  const File file;
  CHECK(commit(file, {{"id", 1}, {"name", "Ann"}}, 5) == inserted);
  const auto before = file.sql().dump("contacts");
  CHECK(commit(file, {{"id", 1}, {"name", "An"}}, 4) == stale);
  // Stale also where it says the same.
  CHECK(commit(file, {{"id", 1}, {"name", "Ann"}}, 4) == stale);
  CHECK(file.sql().dump("contacts") == before);
  CHECK(file.sql().rows("SELECT inserted, updated, unchanged, stale FROM "
                        "pipeline_runs ORDER BY run_id") ==
        Lines{"1|0|0|0", "0|0|0|1", "0|0|0|1"});
}

TEST_CASE("the same version is written if it says something else") {
  const File file;
  commit(file, {{"id", 1}, {"name", "Ann"}}, 5);
  const auto before = file.sql().dump("contacts");
  CHECK(commit(file, {{"id", 1}, {"name", "Ann"}}, 5) == unchanged);
  CHECK(file.sql().dump("contacts") == before);
  CHECK(commit(file, {{"id", 1}, {"name", "Anne"}}, 5) == updated);
  CHECK(file.sql().value("SELECT name, _version FROM contacts") == "Anne|5");
}

TEST_CASE("a version that rises alone is a change, and counts from then on") {
  const File file;
  commit(file, {{"id", 1}, {"name", "Ann"}}, 5);
  CHECK(commit(file, {{"id", 1}, {"name", "Ann"}}, 8) == updated);
  CHECK(file.sql().value("SELECT name, _version, _run_id FROM contacts") ==
        "Ann|8|2");
  CHECK(commit(file, {{"id", 1}, {"name", "Eve"}}, 7) == stale);
}

TEST_CASE("a record without a version is written and leaves the row's") {
  const File file;
  CHECK(commit(file, {{"id", 1}, {"name", "Ann"}}, {}) == inserted);
  CHECK(file.sql().value("SELECT name, _version FROM contacts") == "Ann|NULL");
  CHECK(commit(file, {{"id", 1}, {"name", "Ann"}}, {}) == unchanged);
  CHECK(commit(file, {{"id", 1}, {"name", "Ann"}}, 5) == updated);
  CHECK(commit(file, {{"id", 1}, {"name", "Eve"}}, {}) == updated);
  CHECK(commit(file, {{"id", 1}, {"name", "Eve"}}, {}) == unchanged);
  CHECK(file.sql().value("SELECT name, _version FROM contacts") == "Eve|5");
  CHECK(commit(file, {{"id", 1}, {"name", "Old"}}, 4) == stale);
}

TEST_CASE("versions compare as numbers of 64 bits") {
  const auto highest = std::numeric_limits<std::int64_t>::max();
  const auto lowest = std::numeric_limits<std::int64_t>::min();
  const File file;
  CHECK(commit(file, {{"id", 1}, {"name", "a"}}, lowest) == inserted);
  CHECK(commit(file, {{"id", 1}, {"name", "b"}}, -1) == updated);
  CHECK(commit(file, {{"id", 1}, {"name", "c"}}, -2) == stale);
  CHECK(commit(file, {{"id", 1}, {"name", "d"}}, 0) == updated);
  CHECK(commit(file, {{"id", 1}, {"name", "e"}}, 10) == updated);
  CHECK(commit(file, {{"id", 1}, {"name", "f"}}, 9) == stale);
  CHECK(commit(file, {{"id", 1}, {"name", "g"}}, highest) == updated);
  CHECK(commit(file, {{"id", 1}, {"name", "h"}}, highest - 1) == stale);
  CHECK(file.sql().value("SELECT name FROM contacts") == "g");
}

TEST_CASE("an older version does not bring a deleted row back") {
  const File file;
  commit(file, {{"id", 1}, {"name", "Ann"}}, 5);
  file.sql().exec("UPDATE contacts SET _deleted_at = '2024-01-01T00:00:00Z'");
  CHECK(commit(file, {{"id", 1}, {"name", "Ann"}}, 4) == stale);
  CHECK(file.sql().value("SELECT _deleted_at FROM contacts") ==
        "2024-01-01T00:00:00Z");
  CHECK(commit(file, {{"id", 1}, {"name", "Ann"}}, 5) == updated);
  CHECK(file.sql().value("SELECT _deleted_at FROM contacts") == "NULL");
}

TEST_CASE("a table of nothing but its key has versions too") {
  const File file;
  CHECK(commit(file, {{"id", 1}}, 5) == inserted);
  CHECK(commit(file, {{"id", 1}}, 4) == stale);
  CHECK(commit(file, {{"id", 1}}, 5) == unchanged);
  CHECK(commit(file, {{"id", 1}}, 6) == updated);
}

TEST_CASE("each record of a batch is held against the version before it") {
  const File file;
  Run run(file.path, versioned());
  auto batch = run.batch({{{"id", 1}, {"name", "a"}},
                          {{"id", 1}, {"name", "b"}},
                          {{"id", 1}, {"name", "c"}},
                          {{"id", 2}, {"name", "d"}}});
  batch.pages[0].versions = {2, 1, 3, {}};
  const auto counts = run.writer.commit(batch, noon);
  CHECK(brief(counts) == "2/1/0/0");
  CHECK(counts.stale == 1);
  CHECK(file.sql().rows("SELECT name, _version FROM contacts") ==
        Lines{"c|3", "d|NULL"});
}

TEST_CASE("a key of several columns has its versions by the whole of it") {
  const File file;
  auto stream = versioned();
  stream.key = {column("team"), column("number", model::ColumnType::text)};
  Run run(file.path, stream);
  const auto write = [&](const char* team, int number, std::int64_t version) {
    return commit(run, {{"team", team}, {"number", number}, {"v", version}},
                  version);
  };
  CHECK(write("a", 1, 5) == inserted);
  CHECK(write("a", 2, 3) == inserted);
  CHECK(write("b", 1, 1) == inserted);
  CHECK(write("a", 2, 4) == updated);
  CHECK(write("b", 1, 1) == unchanged);
  CHECK(write("a", 1, 4) == stale);
}

TEST_CASE("a table from before gets the column, and any version is newer") {
  const File file;
  Run(file.path, contacts())
      .commit({{{"id", 1}, {"name", "Ann"}}, {{"id", 2}, {"name", "Bob"}}});
  CHECK(commit(file, {{"id", 1}, {"name", "Ann"}}, -3) == updated);
  CHECK(file.sql().rows("SELECT id, name, _version, _run_id FROM contacts") ==
        Lines{"1|Ann|-3|2", "2|Bob|NULL|1"});
  CHECK(commit(file, {{"id", 1}, {"name", "Eve"}}, -4) == stale);
  // Without `version` the last that is fetched wins again.
  CHECK(brief(Run(file.path, contacts())
                  .commit({{{"id", 1}, {"name", "Eve"}}})) == "0/1/0/0");
}

TEST_CASE("the record as sent stands beside its version") {
  const File file;
  auto stream = versioned();
  stream.raw = true;
  Run run(file.path, stream);
  CHECK(commit(run, {{"id", 1}}, 2) == inserted);
  CHECK(commit(run, {{"id", 1}, {"x", 1}}, 1) == stale);
  CHECK(file.sql().value("SELECT _version, _raw FROM contacts") ==
        "2|{\"id\":1}");
}

TEST_CASE("a column `_version` that was made for something else is refused") {
  const File file;
  SUBCASE("by the source") {
    Run(file.path, contacts()).commit({{{"id", 1}, {"_version", 3}}});
  }
  SUBCASE("by the user") {
    Run(file.path, contacts()).commit({{{"id", 1}}});
    file.sql().exec("ALTER TABLE contacts ADD COLUMN _VERSION INTEGER");
  }
  SUBCASE("by the user, in the place of ours") {
    commit(file, {{"id", 1}}, 1);
    file.sql().exec(
        "ALTER TABLE contacts DROP COLUMN _version;"
        "ALTER TABLE contacts ADD COLUMN _version TEXT");
  }
  const auto error = refusal([&] { Run(file.path, versioned()); });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::configuration);
  CHECK(error->what() ==
        std::string("the table 'contacts' has a column '_version' that was "
                    "not made for the stream's `version`"));
  CHECK(note(error, "try") == "rename the column");
  file.sql().exec("ALTER TABLE contacts RENAME COLUMN _version TO revision");
  CHECK(commit(file, {{"id", 1}}, 4) == updated);
  CHECK(commit(file, {{"id", 1}}, 3) == stale);
}

TEST_CASE("a member that is called as the version's column gets another") {
  const File file;
  commit(file, {{"id", 1}, {"_Version", 3}}, 4);
  CHECK(file.sql().value("SELECT _version, x_Version FROM contacts") == "4|3");
  commit(file, {{"id", 1}, {"_Version", 5}}, 6);
  CHECK(file.sql().value("SELECT _version, x_Version FROM contacts") == "6|5");
}

TEST_CASE("a stale record leaves a reject of its key open") {
  const File file;
  commit(file, {{"id", 1}, {"age", 3}}, 5);
  Run run(file.path, versioned());
  run.commit({}, {{"odd", R"(["1"])", "{}"}});
  CHECK(commit(run, {{"id", 1}, {"age", 2}}, 4) == stale);
  const std::string open =
      "SELECT count(*) FROM pipeline_rejects WHERE resolved_at IS NULL";
  CHECK(file.sql().value(open) == "1");
  CHECK(commit(run, {{"id", 1}, {"age", 2}}, 6) == updated);
  CHECK(file.sql().value(open) == "0");
}

TEST_SUITE_END();

}  // namespace strandline::test
