// SPDX-License-Identifier: MIT
//
// Tables of ours whose columns someone has changed.
#include <doctest/doctest.h>

#include "batch_builder.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

using model::ColumnType;

const Members ann = {{"id", 1}, {"name", "Ann"}, {"age", 30}};

const Members ageless = {{"id", 1}, {"name", "Ann"}};

model::StreamDefinition listed(std::vector<model::ColumnRule> columns) {
  auto stream = contacts();
  stream.all_columns = false;
  stream.columns = std::move(columns);
  return stream;
}

// A table of one record, to which `sql` is done.
void make(const File& file, const model::StreamDefinition& stream,
          const std::string& sql) {
  Run(file.path, stream).commit_to(1, {ann});
  file.sql().exec(sql);
}

// The ways out that are named where the column `age` is gone.
void check_ways(const File& file, const model::StreamDefinition& stream) {
  auto sql = file.sql();
  const bool renamed =
      sql.value(
          "SELECT count(*) FROM pragma_table_info('contacts') WHERE name "
          "= 'years'") == "1";
  if (renamed) {
    sql.exec("ALTER TABLE contacts RENAME years TO age");
    CHECK(brief(Run(file.path, stream).commit({ann})) == "0/0/1/0");
    sql.exec("ALTER TABLE contacts RENAME age TO years");
  }
  CHECK(brief(Run(file.path, listed({column("name")})).commit({ageless})) ==
        "0/0/1/0");
  {
    Run run(file.path, stream, {.full = true});
    auto batch = run.batch({{{"id", 2}, {"name", "Bob"}}});
    batch.after.window.emplace();
    run.writer.commit(batch, noon);
  }
  // Ended before a record brought the column.
  CHECK(code([&] { Run(file.path, stream); }) == ExitCode::configuration);
  CHECK(brief(Run(file.path, stream, {.full = true}).commit({ann})) ==
        "0/1/0/0");
  CHECK(sql.value("SELECT age FROM contacts WHERE id = 1") == "30");
  CHECK(brief(Run(file.path, stream).commit({ann})) == "0/0/1/0");
}

}  // namespace

TEST_SUITE_BEGIN("table altered");

TEST_CASE("a column that is gone is not made again unasked") {
  const auto declared =
      listed({column("name"), column("age", ColumnType::integer)});
  for (const auto& stream : {contacts(), declared}) {
    for (const std::string sql : {"ALTER TABLE contacts DROP COLUMN age",
                                  "ALTER TABLE contacts RENAME age TO years"}) {
      CAPTURE(sql);
      const File file;
      make(file, stream, sql);
      const auto before = file.sql().dump("contacts");
      const auto error = refusal([&] { Run(file.path, stream); });
      REQUIRE(error);
      CHECK(error->code() == ExitCode::configuration);
      CHECK(error->what() ==
            std::string("the column 'age' of the table 'contacts' is gone: it "
                        "was dropped or renamed"));
      CHECK(note(error, "try") ==
            "give it its name again; or list the `columns` without it; or "
            "strandline sync --full contacts, which makes it anew and reads "
            "the whole list");
      CHECK(code([&] { Run(file.path, stream, {.list = "@backfill"}); }) ==
            ExitCode::configuration);
      CHECK(file.sql().dump("contacts") == before);
      check_ways(file, stream);
    }
  }
}

TEST_CASE("a column that the whole list does not bring any more is forgotten") {
  const File file;
  make(file, contacts(), "ALTER TABLE contacts DROP COLUMN age");
  Run(file.path, contacts(), {.full = true})
      .commit({{{"id", 1}, {"name", "Ann"}}});
  CHECK(brief(Run(file.path, contacts())
                  .commit({{{"id", 1}, {"name", "Ann"}}})) == "0/0/1/0");
  CHECK(file.sql().value("SELECT count(*) FROM pipeline_meta WHERE key = "
                         "'column:contacts:age'") == "0");
}

TEST_CASE("a column that is not wanted may be gone") {
  const File file;
  make(file, contacts(), "ALTER TABLE contacts DROP COLUMN age");
  CHECK(brief(Run(file.path, listed({column("name")})).commit({ageless})) ==
        "0/0/1/0");
}

TEST_CASE("a column of another type than it was made with is refused") {
  struct Case {
    std::string type;
    std::string strict;
    std::string is;
  };
  const Case cases[] = {
      {"TEXT", "STRICT", "TEXT"},       {"REAL", "STRICT", "REAL"},
      {"ANY", "STRICT", "ANY"},         {"BLOB", "STRICT", "BLOB"},
      {"VARCHAR(9)", "", "VARCHAR(9)"}, {"", "", "of no type"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.type);
    const File file;
    make(
        file, contacts(),
        "CREATE TABLE other (id INTEGER PRIMARY KEY NOT NULL, name TEXT, age " +
            each.type +
            ", _run_id INTEGER NOT NULL, _synced_at TEXT NOT NULL, "
            "_deleted_at TEXT) " +
            each.strict +
            "; INSERT INTO other SELECT id, name, NULL, _run_id, _synced_at, "
            "_deleted_at FROM contacts; DROP TABLE contacts; ALTER TABLE "
            "other RENAME TO contacts");
    for (const bool full : {false, true}) {
      const auto error =
          refusal([&] { Run(file.path, contacts(), {.full = full}); });
      REQUIRE(error);
      CHECK(error->code() == ExitCode::configuration);
      CHECK(error->what() == "the column 'age' of the table 'contacts' is " +
                                 each.is + ", and was made as INTEGER");
      CHECK(note(error, "try") ==
            "give it its type again, or drop the column and run strandline "
            "sync --full contacts");
    }
    // What is declared as what it is now was meant to be so.
    auto stream = contacts();
    stream.columns = {column("age", ColumnType::text)};
    CHECK(code([&] { Run(file.path, stream).commit({}); }) ==
          (each.type == "TEXT" ? ExitCode::ok : ExitCode::configuration));
    file.sql().exec("ALTER TABLE contacts DROP COLUMN age");
    CHECK(brief(Run(file.path, contacts(), {.full = true}).commit({ann})) ==
          "0/1/0/0");
    CHECK(file.sql().value("SELECT type FROM pragma_table_info('contacts') "
                           "WHERE name = 'age'") == "INTEGER");
  }
}

TEST_CASE("a table without a column of Strandline's own is refused") {
  for (const std::string name : {"_run_id", "_synced_at", "_deleted_at"}) {
    const File file;
    make(file, contacts(), "ALTER TABLE contacts RENAME " + name + " TO other");
    for (const bool full : {false, true}) {
      const auto error =
          refusal([&] { Run(file.path, contacts(), {.full = full}); });
      REQUIRE(error);
      CHECK(error->code() == ExitCode::configuration);
      CHECK(error->what() ==
            "the table 'contacts' has lost its column '" + name + "'");
      CHECK(note(error, "try") ==
            "give the column its name again, or drop the table and run "
            "strandline sync --full contacts");
    }
  }
}

TEST_CASE("a file whose entries do not tell types yet is taken as it is") {
  const File file;
  make(file, contacts(),
       "UPDATE pipeline_meta SET value = substr(value, 1, instr(value, ' ') - "
       "1) WHERE key LIKE 'column:%'");
  CHECK(file.sql().rows("SELECT DISTINCT value FROM pipeline_meta WHERE key "
                        "LIKE 'column:%' ORDER BY 1") ==
        Lines{"declared", "found"});
  Run run(file.path, contacts());
  CHECK(brief(run.commit({ann})) == "0/0/1/0");
  CHECK(brief(run.commit({{{"id", 1}, {"name", "Ann"}}})) == "0/1/0/0");
}

TEST_SUITE_END();

}  // namespace strandline::test
