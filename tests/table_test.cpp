// SPDX-License-Identifier: MIT
#include "store/table.hpp"

#include <SQLiteCpp/Transaction.h>
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <limits>

#include "batch_builder.hpp"
#include "store/connection.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

using model::ColumnType;

constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t exact = std::int64_t{1} << 53U;

model::Instant later(std::int64_t seconds) {
  return model::plus(noon, seconds);
}

// What `column` holds in the rows, in order: "integer 7".
Lines stored(const File& file, const std::string& column) {
  return file.sql().rows("SELECT typeof(" + column + ") || ' ' || " + column +
                         " FROM contacts ORDER BY id");
}

}  // namespace

TEST_SUITE_BEGIN("table");

// Making it //

TEST_CASE("the first record makes the table, strict and with its key") {
  const File file;
  Run run(file.path, contacts());
  run.commit({{{"id", 7},
               {"email", "a@example.com"},
               {"score", Value::real("1.5")},
               {"tags", Value::json("[1, 2]")},
               {"active", true},
               {"big", Value::number("123456789012345678901")},
               {"nothing", nullptr}}});
  CHECK(file.sql().rows("SELECT name, type, \"notnull\", pk FROM "
                        "pragma_table_info('contacts')") ==
        Lines{"id|INTEGER|1|1", "email|TEXT|0|0", "score|REAL|0|0",
              "tags|TEXT|0|0", "active|INTEGER|0|0", "big|TEXT|0|0",
              "_run_id|INTEGER|1|0", "_synced_at|TEXT|1|0",
              "_deleted_at|TEXT|0|0"});
  CHECK(file.sql().value("SELECT strict, wr FROM pragma_table_list WHERE name "
                         "= 'contacts'") == "1|0");
  CHECK(file.sql().dump("contacts") ==
        Lines{"7|'a@example.com'|1.5|'[1, 2]'|1|'123456789012345678901'|1|'" +
              std::string(noon_text) + "'|NULL"});
}

TEST_CASE("no table is made for a stream without records") {
  const File file;
  Run run(file.path, contacts());
  run.commit({});
  CHECK(run.writer.rows() == 0);
  CHECK(file.sql().rows("SELECT * FROM sqlite_schema WHERE name = "
                        "'contacts'") == Lines{});
}

TEST_CASE("declared columns are there from the first record on") {
  const File file;
  auto stream = contacts();
  stream.columns = {column("born", ColumnType::date),
                    column("score", ColumnType::real),
                    column("age", ColumnType::integer),
                    column("vip", ColumnType::boolean),
                    column("price", ColumnType::decimal),
                    column("seen", ColumnType::timestamp),
                    column("as_found")};
  Run run(file.path, stream);
  run.commit({{{"id", "a"}}});
  CHECK(file.sql().rows("SELECT name, type FROM pragma_table_info('contacts')"
                        "LIMIT 7") ==
        Lines{"id|TEXT", "born|TEXT", "score|REAL", "age|INTEGER",
              "vip|INTEGER", "price|TEXT", "seen|TEXT"});
  CHECK(file.sql().rows("SELECT name FROM pragma_table_info('contacts') WHERE "
                        "name = 'as_found'") == Lines{});
  run.commit({{{"id", "a"}, {"as_found", nullptr}}});
  run.commit({{{"id", "a"}, {"as_found", 3}}});
  CHECK(file.sql().rows("SELECT type FROM pragma_table_info('contacts') WHERE "
                        "name = 'as_found'") == Lines{"INTEGER"});
}

TEST_CASE("a column gets its type from its first value that is not null") {
  const File file;
  Run run(file.path, contacts());
  run.commit({{{"id", 1}, {"x", nullptr}}});
  CHECK(file.sql().rows("SELECT name FROM pragma_table_info('contacts') WHERE "
                        "name = 'x'") == Lines{});
  run.commit({{{"id", 2}, {"x", nullptr}}, {{"id", 3}, {"x", "three"}}});
  CHECK(stored(file, "x") == Lines{"NULL", "NULL", "text three"});
}

TEST_CASE("a record that is rejected has no say in the columns") {
  const File file;
  auto stream = contacts();
  stream.columns = {column("age", ColumnType::integer)};
  {
    Run run(file.path, stream);
    // Of the first record not even the key's type is taken.
    CHECK(brief(run.commit({{{"id", "x"}, {"age", "old"}, {"code", "a"}},
                            {{"id", 1}, {"age", 30}}})) == "1/0/0/1");
    CHECK(stored(file, "id") == Lines{"integer 1"});
    CHECK(brief(run.commit({{{"id", 2}, {"age", "old"}, {"code", "a"}},
                            {{"id", 2}, {"age", 31}, {"code", 5}}})) ==
          "1/0/0/1");
  }
  CHECK(stored(file, "code") == Lines{"NULL", "integer 5"});
}

TEST_CASE("a record without a part of its key is rejected, not given one") {
  const File file;
  auto stream = contacts();
  SUBCASE("of one part") {
    Run run(file.path, stream);
    CHECK(brief(run.commit({{{"name", "nobody"}},
                            {{"id", nullptr}, {"name", "null"}},
                            {{"id", 1}, {"name", "one"}},
                            {{"name", "nobody"}},
                            {{"id", nullptr}, {"name", "null"}}})) ==
          "1/0/0/4");
  }
  SUBCASE("of two parts") {
    stream.key.push_back(column("part"));
    Run run(file.path, stream);
    CHECK(brief(run.commit({{{"id", 1}, {"name", "half"}},
                            {{"id", 1}, {"part", 2}, {"name", "one"}},
                            {{"part", 2}, {"name", "half"}}})) == "1/0/0/2");
  }
  CHECK(stored(file, "name") == Lines{"text one"});
  CHECK(file.sql().rows("SELECT DISTINCT reason FROM pipeline_rejects") ==
        Lines{"a part of its key is missing"});
}

TEST_CASE("a key with a fraction is kept as the source writes it") {
  const File file;
  auto stream = contacts();
  SUBCASE("as found") {}
  SUBCASE("declared") {
    stream.key[0].type = ColumnType::real;
  }
  for (int run = 0; run < 2; ++run) {
    Run again(file.path, stream);
    again.commit({{{"id", Value::real("1.50")}}, {{"id", Value::real("2.5")}}});
  }
  CHECK(stored(file, "id") == Lines{"text 1.50", "text 2.5"});
}

TEST_CASE("five hundred columns are made and filled") {
  const File file;
  Members wide = {{"id", 1}};
  for (int i = 0; i < 500; ++i) {
    wide.push_back({"c" + std::to_string(i), i});
  }
  SUBCASE("by the first record") {
    Run run(file.path, contacts());
    run.commit({wide});
  }
  SUBCASE("by the second") {
    Run run(file.path, contacts());
    run.commit({{{"id", 1}}, wide});
  }
  CHECK(file.sql().value("SELECT c0 + c250 + c499 FROM contacts") == "749");
  Run run(file.path, contacts());
  CHECK(brief(run.commit({wide})) == "0/0/1/0");
}

// Types //

TEST_CASE("what fits a column is stored as the column's type") {
  struct Case {
    Value first;
    Value value;
    std::string is;
  };
  const std::vector<Case> cases = {
      {"x", "007", "text 007"},
      {"x", "", "text "},
      {"x", 5, "text 5"},
      {"x", Value::real("5.0"), "text 5.0"},
      {"x", Value::real("1E+2"), "text 1E+2"},
      {"x", true, "text true"},
      {"x", Value::number("123456789012345678901"),
       "text 123456789012345678901"},
      {"x", Value::json("{ \"a\": 1 }"), "text { \"a\": 1 }"},
      {1, 5, "integer 5"},
      {1, Value::real("5.0"), "integer 5"},
      {1, Value::real("-1e3"), "integer -1000"},
      {1, Value::real("-0.0"), "integer 0"},
      {1, false, "integer 0"},
      {1, smallest, "integer -9223372036854775808"},
      {1, largest, "integer 9223372036854775807"},
      {true, 5, "integer 5"},
      {Value::real("1.5"), 5, "real 5.0"},
      {Value::real("1.5"), exact, "real 9.00719925474099e+15"},
      {Value::real("1.5"), -exact, "real -9.00719925474099e+15"},
      {Value::real("1.5"), true, "real 1.0"},
      {Value::number("123456789012345678901"), 5, "text 5"},
      {Value::json("[]"), "a", "text a"},
  };
  // A column for each, "x0" and so on.
  Members first = {{"id", 1}};
  Members second = {{"id", 2}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    first.push_back({"x" + std::to_string(i), cases[i].first});
    second.push_back({"x" + std::to_string(i), cases[i].value});
  }
  const File file;
  CHECK(brief(Run(file.path, contacts()).commit({first, second})) == "2/0/0/0");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    CHECK(stored(file, "x" + std::to_string(i)).at(1) == cases[i].is);
  }
  // The same again, in a run that reads the types from the table.
  CHECK(brief(Run(file.path, contacts()).commit({second})) == "0/0/1/0");
}

TEST_CASE("what does not fit a column is rejected and says what to declare") {
  struct Case {
    Value first;
    Value value;
    std::string reason;
  };
  const std::vector<Case> cases = {
      {1, "007",
       "'007', but the column is INTEGER as its first value was: "
       "declare it under `columns` with type = \"text\""},
      {1, "", "'', but the column is INTEGER"},
      {1, Value::json("[1]"), "[1], but the column is INTEGER"},
      {true, "true", "'true', but the column is INTEGER"},
      {Value::real("1.5"), "2.5", "'2.5', but the column is REAL"},
      {Value::real("1.5"), Value::json("{}"), "{}, but the column"},
      {1, "a\tb", "'a\\x09b', but the column is INTEGER"},
  };
  Members first = {{"id", -1}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    first.push_back({"x" + std::to_string(i), cases[i].first});
  }
  const File file;
  Run run(file.path, contacts());
  run.commit({first});
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    const auto id = static_cast<int>(i);
    const auto name = "x" + std::to_string(i);
    CHECK(brief(run.commit({{{"id", id}, {name, cases[i].value}}})) ==
          "0/0/0/1");
    const auto reason = file.sql().value(
        "SELECT reason FROM pipeline_rejects WHERE record_key = '[\"" +
        std::to_string(id) + "\"]'");
    const auto wanted = "'" + name + "' holds " + cases[i].reason;
    CHECK(reason.substr(0, wanted.size()) == wanted);
  }
  CHECK(stored(file, "id") == Lines{"integer -1"});
}

TEST_CASE("a rejected record leaves the row that it was for as it is") {
  const File file;
  Run run(file.path, contacts());
  run.commit({{{"id", 1}, {"age", 30}, {"name", "Ann"}}});
  const auto before = file.sql().dump("contacts");
  CHECK(brief(run.commit({{{"id", 1}, {"name", "Bob"}, {"age", "old"}}})) ==
        "0/0/0/1");
  CHECK(file.sql().dump("contacts") == before);
}

TEST_CASE("text is stored byte for byte") {
  const File file;
  Run run(file.path, contacts());
  const std::string odd("quote \" ' \\ \n \0 \xF0\x9F\xA6\x80 end", 25);
  run.commit({{{"id", 1}, {"x", odd}}});
  SQLite::Database database(file.path.string());
  SQLite::Statement query(database, "SELECT x FROM contacts");
  query.executeStep();
  CHECK(query.getColumn(0).getString() == odd);
  CHECK(brief(run.commit({{{"id", 1}, {"x", odd}}})) == "0/0/1/0");
}

TEST_CASE("the same input again changes no byte and no row") {
  const File file;
  const std::vector<Members> records = {
      {{"id", 1}, {"name", "Ann"}, {"score", Value::real("0.1")}},
      {{"id", 2}, {"name", nullptr}, {"tags", Value::json("[ ]")}},
      {{"id", 3}, {"name", ""}, {"active", false}, {"score", 2}}};
  CHECK(brief(Run(file.path, contacts()).commit(records)) == "3/0/0/0");
  const auto before = file.sql().dump("contacts");

  auto database = store::open_for_writing(file.path, model::Journal::wal,
                                          store::default_patience);
  const auto stream = contacts();
  store::Table table(database, stream);
  const auto batch = Pages(stream).page(records);
  SQLite::Transaction transaction(database);
  const auto changes = sqlite3_total_changes(database.getHandle());
  table.begin(99, "2024-01-01T00:00:00.000Z");
  table.add_fields(batch);
  for (const auto& record : batch.records) {
    std::string misfit;
    CHECK(table.upsert(batch, record, {}, misfit) == store::Change::unchanged);
  }
  CHECK(sqlite3_total_changes(database.getHandle()) == changes);
  transaction.commit();
  CHECK(file.sql().dump("contacts") == before);
}

TEST_CASE("only the rows that change get the run's number and time") {
  const File file;
  Run(file.path, contacts())
      .commit({{{"id", 1}, {"name", "Ann"}}, {{"id", 2}, {"name", "Bob"}}});
  Run(file.path, contacts(), {.now = later(60)})
      .commit({{{"id", 1}, {"name", "Ann"}}, {{"id", 2}, {"name", "Rob"}}});
  CHECK(file.sql().rows("SELECT * FROM contacts") ==
        Lines{"1|Ann|1|2023-11-14T22:13:20.000Z|NULL",
              "2|Rob|2|2023-11-14T22:14:20.000Z|NULL"});
}

TEST_CASE("a record that comes again is no longer marked deleted") {
  const File file;
  const Members record = {{"id", 1}, {"name", "Ann"}};
  Run(file.path, contacts()).commit({record, {{"id", 2}}});
  file.sql().exec("UPDATE contacts SET _deleted_at = 'then'");
  Run run(file.path, contacts(), {.now = later(60)});
  CHECK(run.writer.rows() == 0);
  CHECK(brief(run.commit({record})) == "0/1/0/0");
  CHECK(brief(run.commit({record})) == "0/0/1/0");
  CHECK(run.writer.rows() == 1);
  CHECK(file.sql().rows("SELECT id, _deleted_at, _run_id FROM contacts") ==
        Lines{"1|NULL|2", "2|then|1"});
}

TEST_CASE("of a key that comes twice in a batch the last record counts") {
  const File file;
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 1}, {"name", "first"}},
                          {{"id", 1}, {"name", "last"}}})) == "1/1/0/0");
  CHECK(stored(file, "name") == Lines{"text last"});
}

// Counting //

TEST_CASE("inserted, updated and unchanged are told apart for every key") {
  struct Case {
    std::vector<std::string> key;
    std::vector<Members> keys;
  };
  const std::vector<Case> cases = {
      {{"id"},
       {{{"id", 1}},
        {{"id", 0}},
        {{"id", -1}},
        {{"id", smallest}},
        {{"id", smallest + 1}},
        {{"id", largest}}}},
      {{"id"}, {{{"id", "a"}}, {{"id", ""}}, {{"id", "A"}}, {{"id", "1"}}}},
      {{"id"}, {{{"id", "a"}}, {{"id", 1}}, {{"id", smallest}}}},
      {{"id", "part"},
       {{{"id", 1}, {"part", "a"}},
        {{"id", 1}, {"part", "b"}},
        {{"id", smallest}, {"part", "a"}}}},
      {{"id", "part"},
       {{{"id", 1}, {"part", smallest}}, {{"id", 2}, {"part", smallest}}}},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const File file;
    auto stream = contacts();
    stream.key.clear();
    for (const auto& name : cases[i].key) {
      stream.key.push_back(column(name));
    }
    Run run(file.path, stream);
    run.commit({cases[i].keys.front()});  // so that the last id is of a row
    const auto with = [](Members key, int value) {
      key.push_back({"value", value});
      return key;
    };
    for (std::size_t j = 1; j < cases[i].keys.size(); ++j) {
      CAPTURE(i);
      CAPTURE(j);
      const auto& key = cases[i].keys[j];
      CHECK(brief(run.commit({with(key, 1)})) == "1/0/0/0");
      CHECK(brief(run.commit({with(key, 1)})) == "0/0/1/0");
      CHECK(brief(run.commit({with(key, 2)})) == "0/1/0/0");
      CHECK(brief(run.commit({with(key, 2), with(key, 3), with(key, 3)})) ==
            "0/1/2/0");
    }
    CHECK(run.writer.rows() == static_cast<std::int64_t>(cases[i].keys.size()));
  }
}

TEST_CASE("a table of nothing but its key counts too") {
  const File file;
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 1}}, {{"id", 1}}})) == "1/0/1/0");
}

TEST_CASE("the user's triggers that write other tables do not disturb counts") {
  for (const bool integer : {true, false}) {
    CAPTURE(integer);
    const File file;
    const Value one = integer ? Value(1) : Value("one");
    const Value two = integer ? Value(2) : Value("two");
    Run(file.path, contacts()).commit({{{"id", one}, {"name", "Ann"}}});
    file.sql().exec(
        "CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT);"
        "CREATE TRIGGER added AFTER INSERT ON Contacts BEGIN "
        "  INSERT INTO log (what) VALUES ('added ' || new.name), ('really');"
        "END;"
        "CREATE TRIGGER changed AFTER UPDATE ON contacts BEGIN "
        "  INSERT INTO log (what) VALUES (old.name || ' now ' || new.name); "
        "  UPDATE log SET what = what || '!'; "
        "END;"
        "CREATE TRIGGER tried BEFORE INSERT ON contacts BEGIN "
        "  INSERT INTO log (what) VALUES ('tried'); "
        "END");
    Run run(file.path, contacts());
    CHECK(brief(run.commit({{{"id", one}, {"name", "Ann"}}})) == "0/0/1/0");
    CHECK(brief(run.commit({{{"id", two}, {"name", "Bob"}}})) == "1/0/0/0");
    CHECK(brief(run.commit({{{"id", one}, {"name", "Eve"}}})) == "0/1/0/0");
    CHECK(brief(run.commit({{{"id", one}, {"name", "Eve"}},
                            {{"id", two}, {"name", "Bob"}}})) == "0/0/2/0");
    CHECK(file.sql().rows("SELECT what FROM log") ==
          Lines{"tried!", "tried!", "added Bob!", "really!", "tried!",
                "Ann now Eve!", "tried", "tried"});
  }
}

TEST_CASE(
    "a full-text index that triggers keep is kept, and counts are right") {
  const File file;
  if (file.sql().value("SELECT sqlite_compileoption_used('ENABLE_FTS5')") !=
      "1") {
    return;
  }
  Run(file.path, contacts()).commit({{{"id", 1}, {"name", "Ann Lee"}}});
  file.sql().exec(
      "CREATE VIRTUAL TABLE names USING fts5(name, content='contacts', "
      "  content_rowid='id');"
      "INSERT INTO names (names) VALUES ('rebuild');"
      "CREATE TRIGGER a AFTER INSERT ON contacts BEGIN "
      "  INSERT INTO names (rowid, name) VALUES (new.id, new.name); END;"
      "CREATE TRIGGER b AFTER DELETE ON contacts BEGIN "
      "  INSERT INTO names (names, rowid, name) "
      "  VALUES (\"delete\", old.id, old.name); END;"
      "CREATE TRIGGER c AFTER UPDATE ON contacts BEGIN "
      "  INSERT INTO names (names, rowid, name) "
      "  VALUES (\"delete\", old.id, old.name); "
      "  INSERT INTO names (rowid, name) VALUES (new.id, new.name); END");
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 1}, {"name", "Ann Lee"}},
                          {{"id", 2}, {"name", "Bob Ray"}},
                          {{"id", 1}, {"name", "Ann Ray"}},
                          {{"id", -5}, {"name", "Eve Ray"}},
                          {{"id", 2}, {"name", "Bob Ray"}}})) == "2/1/2/0");
  auto sql = file.sql();
  CHECK(sql.rows("SELECT rowid FROM names('ray') ORDER BY rowid") ==
        Lines{"-5", "1", "2"});
  CHECK(sql.rows("SELECT rowid FROM names('lee')") == Lines{});
  CHECK_NOTHROW(sql.exec(
      "INSERT INTO names (names, rank) VALUES ('integrity-check', 1)"));
}

// Null and columns of others //

TEST_CASE("a member that is no longer sent becomes null") {
  const File file;
  const Members whole = {{"id", 1}, {"name", "Ann"}, {"phone", "123"}};
  Run run(file.path, contacts());
  run.commit({whole});
  SUBCASE("missing in the same run") {
    CHECK(brief(run.commit({{{"id", 1}, {"name", "Ann"}}})) == "0/1/0/0");
    CHECK(brief(run.commit({{{"id", 1}, {"name", "Ann"}}})) == "0/0/1/0");
  }
  SUBCASE("null in the same run") {
    CHECK(
        brief(run.commit({{{"id", 1}, {"name", "Ann"}, {"phone", nullptr}}})) ==
        "0/1/0/0");
  }
  CHECK(stored(file, "phone") == Lines{"NULL"});
  CHECK(stored(file, "name") == Lines{"text Ann"});
}

TEST_CASE("a member that is no longer sent becomes null in a later run too") {
  const File file;
  Run(file.path, contacts())
      .commit({{{"id", 1}, {"name", "Ann"}, {"phone", "123"}},
               {{"id", 2}, {"name", "Bob"}, {"phone", "456"}}});
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 1}, {"name", "Ann"}}})) == "0/1/0/0");
  CHECK(stored(file, "phone") == Lines{"NULL", "text 456"});
  // A member that comes back has its column still.
  CHECK(brief(run.commit({{{"id", 1}, {"name", "Ann"}, {"phone", "789"}}})) ==
        "0/1/0/0");
  CHECK(stored(file, "phone") == Lines{"text 789", "text 456"});
}

TEST_CASE("columns that are not ours are never written") {
  const File file;
  Run(file.path, contacts()).commit({{{"id", 1}, {"name", "Ann"}}});
  file.sql().exec(
      "ALTER TABLE contacts ADD COLUMN note TEXT DEFAULT 'mine';"
      "ALTER TABLE contacts ADD COLUMN upper_name TEXT AS (upper(name))");
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 1}, {"name", "Eve"}},
                          {{"id", 2}, {"name", "Bob"}}})) == "1/1/0/0");
  CHECK(file.sql().rows("SELECT id, note, upper_name FROM contacts") ==
        Lines{"1|mine|EVE", "2|mine|BOB"});
}

TEST_CASE("a member that meets a column of the user's own gets another") {
  for (const std::string sql :
       {"ALTER TABLE contacts ADD COLUMN Note TEXT DEFAULT 'mine'",
        "ALTER TABLE contacts ADD COLUMN note TEXT AS ('mine')"}) {
    CAPTURE(sql);
    const File file;
    Run(file.path, contacts()).commit({{{"id", 1}}});
    file.sql().exec(sql);
    for (int i = 0; i < 2; ++i) {
      Run run(file.path, contacts());
      CHECK(brief(run.commit({{{"id", 1}, {"note", "theirs"}}})) ==
            (i == 0 ? "0/1/0/0" : "0/0/1/0"));
      CHECK(run.writer.notices() ==
            (i == 0 ? Lines{"members whose name no column can have were given "
                            "another: 'note' in 'note_2'"}
                    : Lines{}));
    }
    CHECK(file.sql().rows("SELECT note, note_2 FROM contacts") ==
          Lines{"mine|theirs"});
  }
}

TEST_CASE("a column that is no longer declared is not touched") {
  const File file;
  auto stream = contacts();
  stream.all_columns = false;
  stream.columns = {column("name"), column("phone", ColumnType::text)};
  Run(file.path, stream)
      .commit({{{"id", 1}, {"name", "Ann"}, {"phone", "123"}}});
  stream.columns.pop_back();
  SUBCASE("and nothing else is found") {}
  SUBCASE("and every other member is found") {
    stream.all_columns = true;
  }
  Run run(file.path, stream);
  CHECK(brief(run.commit({{{"id", 1}, {"name", "Eve"}}})) == "0/1/0/0");
  CHECK(stored(file, "phone") == Lines{"text 123"});
}

TEST_CASE("a column that was declared is found again by `*`") {
  const File file;
  auto stream = contacts();
  stream.columns = {column("phone", ColumnType::text)};
  Run(file.path, stream).commit({{{"id", 1}, {"phone", "123"}}});
  stream.columns.clear();
  Run(file.path, stream).commit({{{"id", 1}, {"phone", "456"}}});
  CHECK(stored(file, "phone") == Lines{"text 456"});
  // From then on it is as any that was found.
  Run(file.path, stream).commit({{{"id", 1}}});
  CHECK(stored(file, "phone") == Lines{"NULL"});
}

TEST_CASE("a column that was declared takes no value that it cannot hold") {
  const File file;
  auto stream = contacts();
  stream.columns = {column("phone", ColumnType::integer)};
  Run(file.path, stream).commit({{{"id", 1}, {"phone", 123}}});
  stream.columns.clear();
  Run run(file.path, stream);
  CHECK(brief(run.commit({{{"id", 1}, {"phone", "0123"}}})) == "0/0/0/1");
  CHECK(stored(file, "phone") == Lines{"integer 123"});
}

TEST_CASE("a column that `*` found is not touched without `*`") {
  const File file;
  auto stream = contacts();
  Run(file.path, stream)
      .commit({{{"id", 1}, {"name", "Ann"}, {"phone", "123"}}});
  stream.all_columns = false;
  stream.columns = {column("name")};
  Run(file.path, stream).commit({{{"id", 1}, {"name", "Eve"}}});
  CHECK(file.sql().rows("SELECT name, phone FROM contacts") ==
        Lines{"Eve|123"});
}

TEST_CASE("a column whose type is not the declared one is refused") {
  const File file;
  auto stream = contacts();
  Run(file.path, stream).commit({{{"id", 1}, {"age", "thirty"}}});
  stream.columns = {column("age", ColumnType::integer)};
  const auto error = refusal([&] { Run(file.path, stream); });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::configuration);
  CHECK(error->what() ==
        std::string("the column 'age' of the table 'contacts' is TEXT, and its "
                    "declared type needs INTEGER"));
  CHECK(note(error, "try") ==
        "the type that the column has, or another column name; or drop the "
        "column and run strandline sync --full contacts");
}

TEST_CASE("fields are numbered anew in each window") {
  const File file;
  Run run(file.path, contacts());
  run.commit({{{"id", 1}, {"a", 1}, {"b", "x"}}});
  run.pages = Pages(run.stream);  // of the next window
  CHECK(brief(run.commit({{{"id", 1}, {"b", "x"}, {"c", 3}, {"a", 1}}})) ==
        "0/1/0/0");
  CHECK(file.sql().value("SELECT a, b, c FROM contacts") == "1|x|3");
}

TEST_CASE("the record as sent is kept in `_raw` when asked for") {
  const File file;
  auto stream = contacts();
  stream.raw = true;
  const Members record = {{"id", 1}, {"tags", Value::json("[1,  2]")}};
  SUBCASE("from the beginning") {
    Run run(file.path, stream);
    CHECK(brief(run.commit({record, record})) == "1/0/1/0");
  }
  SUBCASE("since later") {
    Run(file.path, contacts()).commit({record});
    Run run(file.path, stream);
    CHECK(brief(run.commit({record, record})) == "0/1/1/0");
  }
  CHECK(file.sql().value("SELECT _raw FROM contacts") ==
        R"({"id":1,"tags":[1,  2]})");
  // No longer: it is as a column that is no longer declared.
  Run run(file.path, contacts());
  CHECK(brief(run.commit({record, {{"id", 1}, {"tags", "none"}}})) ==
        "0/1/1/0");
  CHECK(file.sql().value("SELECT tags, _raw FROM contacts") ==
        R"(none|{"id":1,"tags":[1,  2]})");
}

// Names //

TEST_CASE("a member may be called what it will") {
  const std::vector<std::string> names = {
      "a\"b", "a'b",     "select",   "with space",       "a.b",
      "[x]",  "`x`",     "a;--",     "\xF0\x9F\xA6\x80", "rowid",
      "oid",  "_rowid_", "excluded", "stored",           "_id",
      "*",    "?1",      "a:b",      "\xC3\x84",         "\xC3\xA4",
      "\x7F"};
  const File file;
  Members record = {{"id", 1}};
  for (const auto& name : names) {
    record.push_back({name, "in " + name});
  }
  {
    Run run(file.path, contacts());
    CHECK(brief(run.commit({{{"id", 1}}, record})) == "1/1/0/0");
  }
  Run run(file.path, contacts());
  CHECK(brief(run.commit({record})) == "0/0/1/0");
  const auto row = file.sql().value(
      "SELECT \"a\"\"b\", \"select\", \"a;--\", \"rowid\", \"excluded\", "
      "\"\xF0\x9F\xA6\x80\", \"\xC3\x84\", \"\xC3\xA4\" FROM contacts");
  CHECK(row ==
        "in a\"b|in select|in a;--|in rowid|in excluded|in \xF0\x9F\xA6\x80|"
        "in \xC3\x84|in \xC3\xA4");
  CHECK(brief(run.commit({{{"id", 1}}})) == "0/1/0/0");
}

TEST_CASE("a stream may be called what its table must be quoted for") {
  for (const char* name :
       {"order", "select", "excluded", "stored", "main", "sqlite", "values"}) {
    CAPTURE(name);
    const File file;
    auto stream = contacts();
    stream.name = name;
    for (int i = 0; i < 2; ++i) {
      Run run(file.path, stream);
      CHECK(brief(run.commit({{{"id", 1}, {"x", i}}, {{"id", 2}}})) ==
            (i == 0 ? "2/0/0/0" : "0/1/1/0"));
      CHECK(run.writer.rows() == 2);
    }
  }
}

TEST_CASE("names that only Unicode folds are two columns") {
  const File file;
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 1},
                           {"stra\xC3\x9F"
                            "e",
                            1},
                           {"STRA\xC3\x9F"
                            "E2",
                            2},
                           {"\xC3\x84", 3},
                           {"\xC3\xA4", 4}}})) == "1/0/0/0");
}

TEST_SUITE_END();

}  // namespace strandline::test
