// SPDX-License-Identifier: MIT
//
// Columns that get another type because a number does not fit the one they
// have, and what becomes of everything around them.
#include <SQLiteCpp/Transaction.h>
#include <doctest/doctest.h>

#include <limits>
#include <map>

#include "batch_builder.hpp"
#include "fault_vfs.hpp"
#include "store/create_table_sql.hpp"
#include "store/rebuild.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

using model::ColumnType;
using store::StorageType;

constexpr std::int64_t exact = std::int64_t{1} << 53U;
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

Value real(const char* text) {
  return Value::real(text);
}

Value number(const char* text) {
  return Value::number(text);
}

// What `x` holds in the rows, in order: "integer 7".
Lines stored(const File& file) {
  return file.sql().rows(
      "SELECT typeof(x) || ' ' || x FROM contacts ORDER BY _rowid_");
}

std::string type_of(const File& file, const std::string& column) {
  return file.sql().value(
      "SELECT type FROM pragma_table_info('contacts') WHERE name = '" + column +
      "'");
}

std::string entry(const File& file, const std::string& column) {
  return file.sql().value(
      "SELECT value FROM pipeline_meta WHERE key = 'column:contacts:" + column +
      "'");
}

// What a user may have built on `contacts`, whose column `x` is retyped.
constexpr const char* additions = R"sql(
  CREATE TABLE notes (id INTEGER PRIMARY KEY,
                      contact INTEGER REFERENCES contacts (id) ON DELETE CASCADE);
  ALTER TABLE contacts ADD COLUMN stars INTEGER NOT NULL DEFAULT 3
    CHECK (stars BETWEEN 0 AND 5);
  ALTER TABLE contacts ADD COLUMN boss INTEGER REFERENCES contacts (id);
  ALTER TABLE contacts ADD COLUMN shout TEXT
    AS (upper(name) || ', (x INTEGER)') /* generated, x INTEGER */ VIRTUAL;
  ALTER TABLE contacts ADD COLUMN "odd ""name" TEXT COLLATE NOCASE;
  CREATE INDEX by_x ON contacts (x);
  CREATE INDEX by_shout ON contacts (shout, stars DESC);
  CREATE INDEX by_half ON contacts (x / 2, lower(name));
  CREATE UNIQUE INDEX one_name ON contacts (name) WHERE x IS NOT NULL;
  CREATE INDEX dq ON contacts (name) WHERE name <> "a string";
  CREATE VIEW starred AS SELECT id, x, shout FROM contacts;
  CREATE TABLE log (what TEXT);
  CREATE TRIGGER added AFTER INSERT ON contacts BEGIN
    INSERT INTO log VALUES ('added ' || new.x); END;
  CREATE TRIGGER changed AFTER UPDATE OF x ON contacts BEGIN
    INSERT INTO log VALUES (old.x || ' to ' || new.x); END;
  CREATE TRIGGER gone AFTER DELETE ON contacts BEGIN
    INSERT INTO log VALUES ('gone'); END;
  CREATE TRIGGER of_view INSTEAD OF INSERT ON starred BEGIN
    INSERT INTO log VALUES ((SELECT max(x) FROM contacts)); END;
  CREATE TRIGGER of_other AFTER INSERT ON notes BEGIN
    UPDATE contacts SET stars = stars + 0 WHERE id = new.contact; END;
  CREATE VIRTUAL TABLE words USING fts5 (name, content = 'contacts',
                                         content_rowid = 'rowid');
  INSERT INTO words (words) VALUES ('rebuild');
  CREATE TRIGGER words_insert AFTER INSERT ON contacts BEGIN
    INSERT INTO words (rowid, name) VALUES (new.rowid, new.name); END;
  CREATE TRIGGER words_update AFTER UPDATE ON contacts BEGIN
    INSERT INTO words (words, rowid, name)
    VALUES ("delete", old.rowid, old.name);
    INSERT INTO words (rowid, name) VALUES (new.rowid, new.name); END;
  INSERT INTO notes VALUES (1, 1), (2, 2), (3, 77);
  UPDATE contacts SET stars = 5, boss = 1, "odd ""name" = 'mine';
  ANALYZE;
  DELETE FROM log;
)sql";

const std::string schema =
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE "
    "'pipeline%' ORDER BY type, name";

std::string replaced(std::string text, const std::string& from,
                     const std::string& to) {
  const auto at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

}  // namespace

TEST_SUITE_BEGIN("table retype");

TEST_CASE("a number that a column cannot hold gives it a type that can") {
  struct Case {
    Value first;
    Value value;
    Lines are;
    std::string entry;
  };
  const Case cases[] = {
      {1, real("1.5"), {"real 1.0", "real 1.5"}, "REAL"},
      {-exact, real("1.5"), {"real -9.00719925474099e+15", "real 1.5"}, "REAL"},
      {exact, real("0.1"), {"real 9.00719925474099e+15", "real 0.1"}, "REAL"},
      {true, real("0.5"), {"real 1.0", "real 0.5"}, "REAL"},
      {1, real("1e300"), {"real 1.0", "real 1.0e+300"}, "REAL"},
      {1,
       real("9007199254740994.0"),
       {"real 1.0", "real 9.00719925474099e+15"},
       "REAL"},
      {exact + 1,
       real("1.50"),
       {"text 9007199254740993", "text 1.5"},
       "NUMBER"},
      {-exact - 1,
       real("1.5"),
       {"text -9007199254740993", "text 1.5"},
       "NUMBER"},
      {1,
       real("0.1234567890123456789"),
       {"text 1", "text 0.1234567890123456789"},
       "NUMBER"},
      {7,
       real("9007199254740993.0"),
       {"text 7", "text 9007199254740993.0"},
       "NUMBER"},
      {largest,
       number("9223372036854775808"),
       {"text 9223372036854775807", "text 9223372036854775808"},
       "NUMBER"},
      {1, number("1E400"), {"text 1", "text 1E400"}, "NUMBER"},
      {true,
       number("123456789012345678901"),
       {"text 1", "text 123456789012345678901"},
       "NUMBER"},
      {real("1.5"), exact + 1, {"text 1.5", "text 9007199254740993"}, "NUMBER"},
      {real("0.1"),
       -exact - 1,
       {"text 0.1", "text -9007199254740993"},
       "NUMBER"},
      {real("1e22"),
       number("123456789012345678901"),
       {"text 1e+22", "text 123456789012345678901"},
       "NUMBER"},
      {real("0.30000000000000004"),
       real("33.333333333333333333"),
       {"text 0.30000000000000004", "text 33.333333333333333333"},
       "NUMBER"},
      {real("5.0"),
       real("33.333333333333333333"),
       {"text 5", "text 33.333333333333333333"},
       "NUMBER"},
      {real("5e-324"),
       largest,
       {"text 5e-324", "text 9223372036854775807"},
       "NUMBER"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.are);
    const File file;
    const std::vector<Members> records = {{{"id", 1}, {"x", each.first}},
                                          {{"id", 2}, {"x", each.value}},
                                          {{"id", 3}}};
    {
      Run run(file.path, contacts());
      run.commit({records[0]});
      CHECK(brief(run.commit({records[1], records[2]})) == "2/0/0/0");
      const auto notices = run.writer.notices();
      REQUIRE(notices.size() == 1);
      CHECK(notices[0].starts_with(
          "columns changed their type for a value that they could not hold: "
          "'x' to " +
          type_of(file, "x") + " for "));
    }
    auto rows = stored(file);
    CHECK(rows.back() == "NULL");
    rows.pop_back();
    CHECK(rows == each.are);
    CHECK(entry(file, "x") == "found " + each.entry);
    // The same input again changes nothing, in the same run or another.
    const auto before = file.sql().dump("contacts");
    for (int i = 0; i < 2; ++i) {
      Run again(file.path, contacts());
      CHECK(brief(again.commit(records)) == "0/0/3/0");
      CHECK(again.writer.notices() == Lines{});
    }
    CHECK(file.sql().dump("contacts") == before);
  }
}

TEST_CASE("a column that starts with more digits than a double has is text") {
  const File file;
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 1}, {"x", real("0.1234567890123456789")}},
                          {{"id", 2}, {"x", real("1.50")}}})) == "2/0/0/0");
  CHECK(stored(file) == Lines{"text 0.1234567890123456789", "text 1.50"});
}

TEST_CASE("a column of numbers stays one when it is kept as text") {
  const File file;
  {
    Run run(file.path, contacts());
    run.commit({{{"id", 1}, {"x", real("1.50")}}, {{"id", 2}, {"x", largest}}});
  }
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 3}, {"x", "007"}},
                          {{"id", 4}, {"x", Value::json("[]")}},
                          {{"id", 5}, {"x", real("2.0")}},
                          {{"id", 6}, {"x", false}},
                          {{"id", 7}, {"x", real("-0.0")}},
                          {{"id", 8}, {"x", real("1e2")}},
                          {{"id", 9}, {"x", real("2.50")}}})) == "5/0/0/2");
  CHECK(stored(file) == Lines{"text 1.5", "text 9223372036854775807", "text 2",
                              "text 0", "text 0", "text 100", "text 2.5"});
  CHECK(file.sql().rows("SELECT reason FROM pipeline_rejects ORDER BY 1") ==
        Lines{"'x' holds '007', but the column holds numbers as its first "
              "value was: declare it under `columns` with type = \"text\"",
              "'x' holds [], but the column holds numbers as its first value "
              "was: declare it under `columns` with type = \"text\""});
}

TEST_CASE("a record that does not fit changes no type") {
  const File file;
  Run run(file.path, contacts());
  run.commit({{{"id", 1}, {"x", 1}, {"y", 1}}});
  CHECK(brief(run.commit({{{"id", 2}, {"x", real("1.5")}, {"y", "odd"}}})) ==
        "0/0/0/1");
  CHECK(type_of(file, "x") == "INTEGER");
}

TEST_CASE("several columns change at once, and columns are added with them") {
  const File file;
  Run run(file.path, contacts());
  run.commit({{{"id", 1}, {"x", 1}, {"y", 2}, {"z", real("0.5")}}});
  CHECK(brief(run.commit({{{"id", 2},
                           {"new", "n"},
                           {"x", real("1.5")},
                           {"y", number("9223372036854775808")},
                           {"z", largest}}})) == "1/0/0/0");
  CHECK(
      file.sql().rows("SELECT x, y, z, new FROM contacts") ==
      Lines{"1.0|2|0.5|NULL", "1.5|9223372036854775808|9223372036854775807|n"});
  CHECK(run.writer.notices() ==
        Lines{"columns changed their type for a value that they could not "
              "hold: 'x' to REAL for 1.5, 'y' to TEXT for "
              "9223372036854775808, 'z' to TEXT for 9223372036854775807"});
}

TEST_CASE("a declared column keeps the type that is declared") {
  const File file;
  auto stream = contacts();
  stream.columns = {column("x", ColumnType::integer)};
  Run run(file.path, stream);
  run.commit({{{"id", 1}, {"x", 1}}});
  CHECK(brief(run.commit(
            {{{"id", 2}, {"x", number("9223372036854775808")}}})) == "0/0/0/1");
  CHECK(type_of(file, "x") == "INTEGER");
}

TEST_CASE("a declared real takes what reads as one, whatever its digits") {
  const File file;
  auto stream = contacts();
  stream.columns = {column("x", ColumnType::real)};
  Run run(file.path, stream);
  CHECK(brief(run.commit(
            {{{"id", 1}, {"x", real("0.1234567890123456789")}}})) == "1/0/0/0");
  CHECK(stored(file) == Lines{"real 0.123456789012346"});
}

TEST_CASE("a column that is listed without a type changes it as one found") {
  const File file;
  auto stream = contacts();
  stream.all_columns = false;
  stream.columns = {column("x")};
  Run(file.path, stream).commit({{{"id", 1}, {"x", 1}}});
  Run(file.path, stream).commit({{{"id", 2}, {"x", real("1.5")}}});
  Run(file.path, stream).commit({{{"id", 3}, {"x", largest}}});
  CHECK(stored(file) ==
        Lines{"text 1", "text 1.5", "text 9223372036854775807"});
  CHECK(entry(file, "x") == "declared NUMBER");
}

// Keys //

TEST_CASE("an integer key that meets a number it cannot hold becomes text") {
  for (const std::string second : {"2.50", "123456789012345678901"}) {
    CAPTURE(second);
    const File file;
    const auto odd = second == "2.50" ? real("2.50") : number(second.c_str());
    const std::vector<Members> records = {{{"id", 10}, {"x", 1}},
                                          {{"id", -3}, {"x", 2}},
                                          {{"id", odd}, {"x", 3}},
                                          {{"id", real("7.0")}, {"x", 4}}};
    {
      Run run(file.path, contacts());
      CHECK(brief(run.commit(records)) == "4/0/0/0");
      CHECK(run.writer.notices() ==
            Lines{"columns changed their type for a value that they could not "
                  "hold: 'id' to TEXT for " +
                  second});
    }
    // Where they were, whether the source writes 10 or 10.0.
    CHECK(file.sql().rows("SELECT rowid, id, x FROM contacts WHERE x < 3 ORDER "
                          "BY 1") == Lines{"-3|-3|2", "10|10|1"});
    CHECK(file.sql().rows("SELECT typeof(id) || ' ' || id FROM contacts WHERE "
                          "x > 2 ORDER BY x") ==
          Lines{"text " + second, "text 7"});
    Run run(file.path, contacts());
    CHECK(brief(run.commit(records)) == "0/0/4/0");
    CHECK(brief(run.commit({{{"id", real("10.0")}, {"x", 1}}})) == "0/0/1/0");
    CHECK(file.sql().value("SELECT type || pk || \"notnull\" FROM "
                           "pragma_table_info('contacts') WHERE name = 'id'") ==
          "TEXT11");
    CHECK(entry(file, "id") == "declared NUMBER");
  }
}

TEST_CASE("a string where the key is an integer is rejected") {
  const File file;
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 1}}, {{"id", "2"}}})) == "1/0/0/1");
  CHECK(type_of(file, "id") == "INTEGER");
  CHECK(file.sql()
            .value("SELECT reason FROM pipeline_rejects")
            .starts_with("'id' holds '2', but the column is INTEGER"));
}

TEST_CASE("a part of a key changes its type without the others") {
  const File file;
  auto stream = contacts();
  stream.key.push_back(column("part"));
  Run run(file.path, stream);
  CHECK(brief(run.commit({{{"id", 1}, {"part", 1}, {"x", 1}},
                          {{"id", 1}, {"part", real("1.5")}, {"x", 2}},
                          {{"id", 1}, {"part", 1}, {"x", 1}}})) == "2/0/1/0");
  CHECK(file.sql().rows("SELECT id, typeof(id), part, typeof(part) FROM "
                        "contacts") ==
        Lines{"1|integer|1|text", "1|integer|1.5|text"});
}

// What a declaration changes //

TEST_CASE("a type declared for numbers that were found is given to them") {
  struct Case {
    ColumnType type;
    Value value;
    Lines are;
  };
  const Case cases[] = {
      {ColumnType::text, "007", {"text 1", "text 007"}},
      {ColumnType::decimal, "1.50", {"text 1", "text 1.50"}},
      {ColumnType::real, real("2.5"), {"real 1.0", "real 2.5"}},
  };
  for (const auto& each : cases) {
    const File file;
    Run(file.path, contacts()).commit({{{"id", 1}, {"x", 1}}});
    auto stream = contacts();
    stream.columns = {column("x", each.type)};
    Run(file.path, stream).commit({});
    CHECK(type_of(file, "x") == "INTEGER");
    CHECK(brief(Run(file.path, stream)
                    .commit({{{"id", 2}, {"x", each.value}}})) == "1/0/0/0");
    CHECK(stored(file) == each.are);
    CHECK(brief(Run(file.path, stream)
                    .commit({{{"id", 2}, {"x", each.value}}})) == "0/0/1/0");
  }
}

TEST_CASE(
    "what is no number, and what a double cannot hold, is not given one") {
  const File file;
  Run(file.path, contacts()).commit({{{"id", 1}, {"x", exact + 1}}});
  for (const auto type : {ColumnType::real, ColumnType::timestamp}) {
    auto stream = contacts();
    stream.columns = {column("x", type)};
    CHECK(code([&] { Run(file.path, stream); }) == ExitCode::configuration);
  }
}

// What stands around it //

TEST_CASE("what the user built on the table is there after it is made anew") {
  for (const bool to_text : {false, true}) {
    CAPTURE(to_text);
    const File file;
    Run(file.path, contacts())
        .commit({{{"id", 2}, {"name", "Bob"}, {"x", 20}},
                 {{"id", 1}, {"name", "Ann"}, {"x", 10}},
                 {{"id", 9}, {"name", "Cy"}}});
    file.sql().exec(additions);
    auto before = file.sql().rows(schema);
    const auto rows = file.sql().rows(
        "SELECT rowid, id, name, stars, boss, shout, \"odd \"\"name\", "
        "_run_id, "
        "_synced_at, _deleted_at FROM contacts ORDER BY 1");
    const auto others = file.sql().rows("SELECT * FROM notes");
    const auto known = file.sql().rows("SELECT * FROM sqlite_stat1 ORDER BY 2");
    {
      Run run(file.path, contacts());
      CHECK(brief(run.commit({{{"id", 4},
                               {"name", "Di"},
                               {"x", to_text ? Value(number("1e999"))
                                             : real("0.5")}}})) == "1/0/0/0");
    }
    auto sql = file.sql();
    for (auto& line : before) {
      if (line.starts_with("table|contacts|")) {
        line = replaced(line, "\"x\" INTEGER",
                        to_text ? "\"x\" TEXT" : "\"x\" REAL");
      }
    }
    CHECK(sql.rows(schema) == before);
    CHECK(sql.rows("SELECT rowid, id, name, stars, boss, shout, "
                   "\"odd \"\"name\", _run_id, _synced_at, _deleted_at FROM "
                   "contacts WHERE id <> 4 ORDER BY 1") == rows);
    CHECK(sql.rows("SELECT x FROM contacts ORDER BY id") ==
          (to_text ? Lines{"10", "20", "1e999", "NULL"}
                   : Lines{"10.0", "20.0", "0.5", "NULL"}));
    CHECK(sql.rows("SELECT * FROM notes") == others);
    CHECK(sql.rows("SELECT * FROM sqlite_stat1 ORDER BY 2") == known);
    CHECK(sql.rows("SELECT what FROM log") ==
          Lines{to_text ? "added 1e999" : "added 0.5"});
    CHECK_NOTHROW(sql.exec(
        "INSERT INTO words (words, rank) VALUES ('integrity-check', 1)"));
    CHECK(sql.rows("SELECT rowid FROM words('ann')") == Lines{"1"});
    CHECK(sql.rows("SELECT stars, boss FROM contacts WHERE id = 4") ==
          Lines{"3|NULL"});
    CHECK(sql.value("PRAGMA integrity_check") == "ok");
    CHECK(sql.rows("PRAGMA foreign_key_check") == Lines{"notes|3|contacts|0"});
    // All of it still works.
    CHECK_THROWS(sql.exec("UPDATE contacts SET stars = 6"));
    CHECK_THROWS(sql.exec("UPDATE contacts SET name = 'Ann' WHERE id = 2"));
    sql.exec("INSERT INTO starred (id) VALUES (5)");
    sql.exec("PRAGMA foreign_keys = ON; DELETE FROM contacts WHERE id = 2");
    CHECK(sql.rows("SELECT id FROM notes") == Lines{"1", "3"});
    CHECK(sql.rows("SELECT DISTINCT x FROM starred WHERE id = 4").size() == 1);
  }
}

TEST_CASE(
    "rows keep their rowids where the key is none, if they can be named") {
  for (const bool hidden : {false, true}) {
    const File file;
    Run(file.path, contacts())
        .commit({{{"id", "a"}, {"x", 1}},
                 {{"id", "b"}, {"x", 2}},
                 {{"id", "c"}, {"x", 3}}});
    file.sql().exec("DELETE FROM contacts WHERE id = 'b'");
    file.sql().exec(
        "ALTER TABLE contacts ADD COLUMN rowid TEXT;"
        "ALTER TABLE contacts ADD COLUMN OID TEXT");
    if (hidden) {
      file.sql().exec("ALTER TABLE contacts ADD COLUMN _rowid_ TEXT");
    }
    Run(file.path, contacts()).commit({{{"id", "d"}, {"x", real("0.5")}}});
    CHECK(file.sql().rows("SELECT id, x FROM contacts ORDER BY id") ==
          Lines{"a|1.0", "c|3.0", "d|0.5"});
    if (!hidden) {
      CHECK(file.sql().rows("SELECT _rowid_ FROM contacts") ==
            Lines{"1", "3", "4"});
    }
  }
}

TEST_CASE("a constraint that forbids the new type makes the record a reject") {
  const File file;
  Run(file.path, contacts()).commit({{{"id", 1}, {"x", 1}}});
  file.sql().exec(
      "ALTER TABLE contacts ADD COLUMN mine TEXT CHECK (typeof(x) <> 'real')");
  const auto before = file.sql().rows(schema);
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 2}, {"x", real("1.5")}},
                          {{"id", 3}, {"x", 3}},
                          {{"id", 4}, {"x", real("2.5")}}})) == "1/0/0/2");
  CHECK(file.sql().rows(schema) == before);
  CHECK(stored(file) == Lines{"integer 1", "integer 3"});
  CHECK(run.writer.notices() == Lines{});
  CHECK(file.sql().rows("SELECT reason FROM pipeline_rejects ORDER BY 1") ==
        Lines{"'x' holds 1.5, but the column is INTEGER and cannot change: "
              "CHECK constraint failed: typeof(x) <> 'real'",
              "'x' holds 2.5, but the column is INTEGER and cannot change: "
              "CHECK constraint failed: typeof(x) <> 'real'"});
}

TEST_CASE("a table that cannot be made anew to the end is as it was") {
  for (const std::string sql :
       // Refused where the rows are copied, and where the indexes are made.
       {"ALTER TABLE contacts ADD COLUMN mine CHECK (typeof(x) <> 'real')",
        "CREATE UNIQUE INDEX odd ON contacts (iif(typeof(x) = 'real', 0, "
        "x))"}) {
    CAPTURE(sql);
    const File file;
    Run(file.path, contacts())
        .commit({{{"id", 1}, {"x", 1}}, {{"id", 2}, {"x", 2}}});
    file.sql().exec(replaced(sql, "mine CHECK", "mine TEXT CHECK"));
    const auto before = file.sql().rows(
        "SELECT type, name, sql FROM "
        "sqlite_schema ORDER BY type, name");
    const auto rows = file.sql().dump("contacts");
    CHECK(brief(Run(file.path, contacts())
                    .commit({{{"id", 3}, {"x", real("1.5")}}})) == "0/0/0/1");
    CHECK(file.sql().rows("SELECT type, name, sql FROM sqlite_schema ORDER BY "
                          "type, name") == before);
    CHECK(file.sql().dump("contacts") == rows);
  }
}

TEST_CASE("the connection's settings are as they were, and foreign keys rest") {
  const File file;
  Run(file.path, contacts()).commit({{{"id", 1}, {"x", 1}}});
  file.sql().exec(
      "CREATE TABLE notes (contact REFERENCES contacts ON DELETE CASCADE);"
      "INSERT INTO notes VALUES (1)");
  for (const int value : {0, 1}) {
    SQLite::Database database(file.path.string(), SQLite::OPEN_READWRITE);
    const auto set = std::to_string(value);
    database.exec("PRAGMA foreign_keys = " + set);
    database.exec("PRAGMA legacy_alter_table = " + set);
    const auto to = value == 0 ? StorageType::real : StorageType::text;
    {
      SQLite::Transaction transaction(database);
      store::change_types(database, "contacts", {{"x", to}});
      CHECK_THROWS(
          store::change_types(database, "contacts", {{"nothing", to}}));
      transaction.commit();
    }
    CHECK(database.execAndGet("PRAGMA foreign_keys").getInt() == value);
    CHECK(database.execAndGet("PRAGMA legacy_alter_table").getInt() == value);
    CHECK_THROWS(database.exec("SELECT strandline_shortest(1)"));
  }
  CHECK(file.sql().rows("SELECT contact FROM notes") == Lines{"1"});
  CHECK(stored(file) == Lines{"text 1"});
}

// The definition //

TEST_CASE("a definition is changed in its types alone") {
  const std::pair<std::string, std::string> cases[] = {
      {"CREATE TABLE t (x INTEGER)", "CREATE TABLE \"new\" (x REAL)"},
      {"CREATE TABLE \"x\"(\"x\" INTEGER,y TEXT) STRICT",
       "CREATE TABLE \"new\"(\"x\" REAL,y TEXT) STRICT"},
      {"create table [x] ( -- x INTEGER, (\n a TEXT DEFAULT 'x INTEGER, x', "
       "/* , x INTEGER ) */ `X` /* , */ integer CHECK (X > 0), PRIMARY KEY (a, "
       "x)) STRICT",
       "create table \"new\" ( -- x INTEGER, (\n a TEXT DEFAULT 'x INTEGER, "
       "x', /* , x INTEGER ) */ `X` /* , */ REAL CHECK (X > 0), PRIMARY KEY "
       "(a, x)) STRICT"},
      {"CREATE TABLE t (a TEXT AS (f(a, x, ')')), 'x' \"INTEGER\" -- end\n)",
       "CREATE TABLE \"new\" (a TEXT AS (f(a, x, ')')), 'x' REAL -- end\n)"},
      {"CREATE TABLE t (\"a\"\"b\" TEXT DEFAULT 'it''s, x', x INTEGER, UNIQUE "
       "(x))",
       "CREATE TABLE \"new\" (\"a\"\"b\" TEXT DEFAULT 'it''s, x', x REAL, "
       "UNIQUE (x))"},
  };
  for (const auto& [sql, wanted] : cases) {
    CHECK(store::retyped(sql, "new", {{"x", StorageType::real}}) == wanted);
  }
  for (const std::string sql :
       {"", "CREATE VIEW t AS SELECT 1", "CREATE TABLE t AS SELECT 1 AS x",
        "CREATE TABLE t (y INTEGER)", "CREATE TABLE t (x BLOB)",
        "CREATE TABLE t (x, y INTEGER)", "CREATE TABLE t (y INTEGER, x",
        "CREATE TABLE t (CHECK (x INTEGER))"}) {
    CAPTURE(sql);
    CHECK(code([&] {
            store::retyped(sql, "new", {{"x", StorageType::real}});
          }) == ExitCode::data);
  }
  CHECK(store::retyped("CREATE TABLE t (\"unique\" INTEGER, UNIQUE (y))", "new",
                       {{"unique", StorageType::text}}) ==
        "CREATE TABLE \"new\" (\"unique\" TEXT, UNIQUE (y))");
}

// Crashes //

namespace {

void prepare(const File& file) {
  Run run(file.path, contacts());
  run.commit_to(1, {{{"id", 2}, {"name", "Bob"}, {"x", 20}},
                    {{"id", 1}, {"name", "Ann"}, {"x", 10}}});
  run.writer.finish({}, noon);
  file.sql().exec(additions);
}

std::vector<Members> widening() {
  std::vector<Members> records;
  for (int i = 10; i < 30; ++i) {
    records.push_back({{"id", i},
                       {"name", std::string(300, 'n') + std::to_string(i)},
                       {"x", real("0.5")}});
  }
  return records;
}

// The tables that a batch changes.
Lines content(const File& file) {
  auto sql = file.sql();
  auto all = sql.rows(schema);
  for (const auto* table : {"contacts", "notes", "log", "pipeline_meta"}) {
    const auto lines = sql.dump(table);
    all.insert(all.end(), lines.begin(), lines.end());
  }
  CHECK(sql.value("PRAGMA integrity_check") == "ok");
  CHECK_NOTHROW(sql.exec(
      "INSERT INTO words (words, rank) VALUES ('integrity-check', 1)"));
  return all;
}

}  // namespace

TEST_CASE("a run killed before its commit leaves the table as it was") {
  const File file;
  prepare(file);
  const auto before = content(file);
  const int ended = in_child([&] {
    store::Store store(file.path, model::Journal::wal, store::default_patience,
                       [](store::CommitMoment moment) {
                         if (moment == store::CommitMoment::before) {
                           _exit(9);
                         }
                       });
    return 0;
  });
  CHECK(ended == 0);
  const auto stream = contacts();
  const int killed = in_child([&] {
    int commits = 0;
    store::Store store(file.path, model::Journal::wal, store::default_patience,
                       [&](store::CommitMoment moment) {
                         commits += moment == store::CommitMoment::before;
                         if (commits == 3) {
                           _exit(9);  // begin_run, the writer, the batch
                         }
                       });
    const auto id = store.begin_run(noon);
    store::StreamWriter writer(store, id, stream, {"as ever", false, {}}, noon);
    store::Batch batch;
    batch.pages.push_back(Pages(stream).page(widening()));
    batch.after = writer.checkpoint();
    writer.commit(batch, noon);
    return 0;
  });
  CHECK(killed == 9);
  auto after = content(file);
  std::erase_if(after, [](const std::string& line) {
    return line.starts_with("'last_run_id'");
  });
  auto wanted = before;
  std::erase_if(wanted, [](const std::string& line) {
    return line.starts_with("'last_run_id'");
  });
  CHECK(after == wanted);
  // The next run does it.
  CHECK(brief(Run(file.path, contacts()).commit(widening())) == "20/0/0/0");
  CHECK(type_of(file, "x") == "REAL");
}

TEST_CASE("a disk that fails while the table is made anew loses nothing") {
  const File prepared;
  prepare(prepared);
  const auto records = widening();
  for (const auto journal : {model::Journal::wal, model::Journal::rollback}) {
    for (const auto when : {FaultVfs::When::before, FaultVfs::When::halfway,
                            FaultVfs::When::after}) {
      bool failed = true;
      for (std::size_t call = 0; failed; ++call) {
        CAPTURE(call);
        const File file;
        std::filesystem::copy(prepared.path, file.path);
        FaultVfs vfs;  // to the end: it waits for no disk
        bool refused = false;
        {
          Run run(file.path, contacts(), {.journal = journal});
          vfs.fail(call, 0, FaultVfs::Times::once, when);
          refused = refusal([&] { run.commit_to(2, records); }).has_value();
          failed = vfs.failures() > 0;
          vfs.stop();
        }
        const auto is = type_of(file, "x");
        CHECK((is == "INTEGER" || is == "REAL"));
        const bool committed = is == "REAL";
        CHECK((committed || refused));
        CHECK(file.sql().value("SELECT last_processed_at FROM "
                               "pipeline_checkpoints") ==
              (committed ? "2" : "1"));
        CHECK(file.sql().value("SELECT count(*) FROM contacts") ==
              (committed ? "22" : "2"));
        content(file);
        CHECK(brief(Run(file.path, contacts(), {.journal = journal})
                        .commit(records)) ==
              (committed ? "0/0/20/0" : "20/0/0/0"));
      }
    }
  }
}

TEST_SUITE_END();

}  // namespace strandline::test
