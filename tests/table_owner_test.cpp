// SPDX-License-Identifier: MIT
//
// Whose a table is, and what of the user's own in it survives.
#include <doctest/doctest.h>

#include "batch_builder.hpp"
#include "store_fixture.hpp"

namespace strandline::test {

TEST_SUITE_BEGIN("table owner");

TEST_CASE("a name that is taken in the file is refused") {
  struct Case {
    std::string sql;
    std::string is;
  };
  const Case cases[] = {
      {"CREATE TABLE contacts (id INTEGER PRIMARY KEY)", "a table"},
      {"CREATE TABLE Contacts (id INTEGER PRIMARY KEY)", "a table"},
      {"CREATE VIEW contacts AS SELECT 1 AS id", "a view"},
      {"CREATE TABLE t (x); CREATE INDEX contacts ON t (x)", "an index"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.sql);
    const File file;
    file.sql().exec(each.sql);
    store::Store store(file.path, model::Journal::wal);
    const auto id = store.begin_run(noon);
    const auto before = file.sql().snapshot();
    const auto stream = contacts();
    for (const bool full : {false, true}) {
      const auto error = refusal([&] {
        const store::StreamWriter writer(store, id, stream, {"f", full, {}},
                                         noon);
      });
      REQUIRE(error);
      CHECK(error->code() == ExitCode::configuration);
      CHECK(error->what() == std::filesystem::canonical(file.path).string() +
                                 " has " + each.is +
                                 " 'contacts' that Strandline did not make");
      CHECK(note(error, "try") ==
            "rename it or the stream, or name another database");
    }
    CHECK(file.sql().snapshot() == before);
  }
}

TEST_CASE("a table of another source's stream is refused until it is dropped") {
  const File file;
  Run(file.path, contacts()).commit({{{"id", 1}}});
  auto stream = contacts();
  stream.source = "shop";
  const auto error = refusal([&] { Run(file.path, stream); });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::configuration);
  CHECK(error->what() == std::string("the table 'contacts' belongs to "
                                     "crm.contacts, not to shop.contacts"));
  CHECK(note(error, "try") ==
        "another name for the stream, or another database");
  CHECK(file.sql().rows("SELECT id FROM contacts") == Lines{"1"});

  file.sql().exec("DROP TABLE contacts");
  Run(file.path, stream).commit({{{"id", 2}}});
  CHECK(file.sql().rows("SELECT id FROM contacts") == Lines{"2"});
  CHECK(message([&] { Run(file.path, contacts()); }) ==
        "the table 'contacts' belongs to shop.contacts, not to crm.contacts");
}

TEST_CASE("a table that was dropped is made again by `full` only") {
  const File file;
  Run(file.path, contacts())
      .commit_to(1, {{{"id", 1}, {"name", "Ann"}, {"phone", "1"}}});
  file.sql().exec("DROP TABLE contacts");
  const auto error = refusal([&] { Run(file.path, contacts()); });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::configuration);
  CHECK(error->what() ==
        std::string("the table 'contacts' of crm.contacts was dropped"));
  CHECK(note(error, "try") ==
        "strandline sync --full contacts, which reads "
        "the whole list into a new table");
  {
    // Begun only: the next run must not go on from the mark.
    const Run run(file.path, contacts(), {.full = true});
    CHECK(run.writer.rows() == 0);
  }
  CHECK(code([&] { Run(file.path, contacts()); }) == ExitCode::configuration);
  Run(file.path, contacts(), {.full = true})
      .commit_to(1, {{{"id", 1}, {"name", "Ann"}}});
  // What the user adds to the new table is not ours because of the old one.
  file.sql().exec("ALTER TABLE contacts ADD COLUMN phone TEXT DEFAULT 'own'");
  Run(file.path, contacts()).commit({{{"id", 1}, {"name", "Eve"}}});
  CHECK(file.sql().rows("SELECT id, name, phone FROM contacts") ==
        Lines{"1|Eve|own"});
}

TEST_CASE("a dropped table of which nothing is left to load is done with") {
  const File file;
  Run(file.path, contacts()).commit_to(1, {{{"id", 1}}});
  file.sql().exec("DROP TABLE contacts");
  {
    Run run(file.path, contacts(), {.full = true});
    auto batch = run.batch({});
    batch.after.window.emplace();
    run.writer.commit(batch, noon);
  }
  CHECK(code([&] { Run(file.path, contacts()); }) == ExitCode::configuration);
  {
    Run run(file.path, contacts(), {.full = true});
    run.commit({});
  }
  CHECK(code([&] {
          Run(file.path, contacts()).commit({{{"id", 2}}});
        }) == ExitCode::ok);
}

TEST_CASE("a table with another key is refused") {
  const File file;
  Run(file.path, contacts()).commit({{{"id", 1}, {"uuid", "a"}}});
  auto stream = contacts();
  SUBCASE("another column") {
    stream.key = {column("uuid")};
  }
  SUBCASE("one more") {
    stream.key.push_back(column("uuid"));
  }
  const auto wanted = stream.key.size() == 2 ? "id, uuid" : "uuid";
  const auto error = refusal([&] { Run(file.path, stream, {.full = true}); });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::configuration);
  CHECK(error->what() == std::string("the table 'contacts' has the key (id), "
                                     "and the definition of crm.contacts the "
                                     "key (") +
                             wanted + ")");
  CHECK(note(error, "try") ==
        "drop the table and run strandline sync --full contacts, or give the "
        "stream another name");
  file.sql().exec("DROP TABLE contacts");
  Run(file.path, stream, {.full = true}).commit({{{"id", 1}, {"uuid", "a"}}});
  CHECK(Run(file.path, stream).writer.rows() == 1);
}

TEST_CASE("a table that the user made in the place of ours is refused") {
  const File file;
  Run(file.path, contacts()).commit({{{"id", 1}}});
  file.sql().exec(
      "DROP TABLE contacts;"
      "CREATE TABLE contacts (name TEXT PRIMARY KEY)");
  CHECK(code([&] { Run(file.path, contacts(), {.full = true}); }) ==
        ExitCode::configuration);
}

TEST_CASE("indexes, triggers, views, columns and tables of the user survive") {
  const File file;
  Run(file.path, contacts())
      .commit({{{"id", 1}, {"name", "Ann"}}, {{"id", 2}, {"name", "Bob"}}});
  file.sql().exec(
      "CREATE TABLE notes (contact INTEGER REFERENCES contacts (id), x TEXT);"
      "INSERT INTO notes VALUES (1, 'hers'), (77, 'nobody''s');"
      "CREATE INDEX by_name ON contacts (name);"
      "CREATE VIEW people AS SELECT id, name, note FROM contacts;"
      "CREATE TRIGGER stamp AFTER INSERT ON contacts BEGIN "
      "  INSERT INTO notes VALUES (999, new.name); END;"
      "ALTER TABLE contacts ADD COLUMN note TEXT;"
      "UPDATE contacts SET note = 'own ' || name");
  const auto theirs = [&] {
    return file.sql().rows(
        "SELECT type, name, sql FROM sqlite_schema WHERE name IN ('notes', "
        "'by_name', 'people', 'stamp')");
  };
  const auto before = theirs();
  CHECK(before.size() == 4);
  Run(file.path, contacts())
      .commit({{{"id", 1}, {"name", "Eve"}, {"phone", "123"}},
               {{"id", 3}, {"name", "Cy"}}});
  CHECK(theirs() == before);
  CHECK(file.sql().rows("SELECT * FROM people") ==
        Lines{"1|Eve|own Ann", "2|Bob|own Bob", "3|Cy|NULL"});
  // With foreign keys enforced, which they are not for us, this would fail.
  CHECK(file.sql().rows("SELECT * FROM notes") ==
        Lines{"1|hers", "77|nobody's", "999|Cy"});
}

TEST_SUITE_END();

}  // namespace strandline::test
