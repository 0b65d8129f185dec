// SPDX-License-Identifier: MIT
//
// Tables that users have added to, over many runs: what they added works, and
// what the runs say of themselves is right.
#include <doctest/doctest.h>

#include <map>
#include <random>

#include "batch_builder.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

// What a user may have built on the table of a stream.
constexpr const char* additions = R"sql(
  ALTER TABLE contacts ADD COLUMN stars INTEGER NOT NULL DEFAULT 3;
  ALTER TABLE contacts ADD COLUMN note TEXT;
  ALTER TABLE contacts ADD COLUMN shout TEXT AS (upper(name)) VIRTUAL;
  CREATE INDEX by_shout ON contacts (shout, stars);
  CREATE UNIQUE INDEX one_email ON contacts (email) WHERE email IS NOT NULL;
  CREATE VIEW starred AS SELECT id, shout, stars FROM contacts
    WHERE _deleted_at IS NULL;

  CREATE TABLE audit (event TEXT, id INTEGER, old TEXT, new TEXT);
  CREATE TRIGGER audit_insert AFTER INSERT ON contacts BEGIN
    INSERT INTO audit VALUES ('insert', new.id, NULL, new.name); END;
  CREATE TRIGGER audit_update AFTER UPDATE ON contacts BEGIN
    INSERT INTO audit VALUES ('update', new.id, old.name, new.name); END;

  CREATE TABLE totals (what TEXT PRIMARY KEY, n INTEGER NOT NULL);
  INSERT INTO totals VALUES ('written', 0);
  CREATE TRIGGER total_insert AFTER INSERT ON contacts BEGIN
    UPDATE totals SET n = n + 1; END;
  CREATE TRIGGER total_update AFTER UPDATE ON contacts BEGIN
    UPDATE totals SET n = n + 1; END;

  CREATE VIRTUAL TABLE words USING fts5 (name, content = 'contacts',
                                         content_rowid = 'id');
  INSERT INTO words (words) VALUES ('rebuild');
  CREATE TRIGGER words_insert AFTER INSERT ON contacts BEGIN
    INSERT INTO words (rowid, name) VALUES (new.id, new.name); END;
  CREATE TRIGGER words_delete AFTER DELETE ON contacts BEGIN
    INSERT INTO words (words, rowid, name)
    VALUES ('delete', old.id, old.name); END;
  CREATE TRIGGER words_update AFTER UPDATE ON contacts BEGIN
    INSERT INTO words (words, rowid, name)
    VALUES ('delete', old.id, old.name);
    INSERT INTO words (rowid, name) VALUES (new.id, new.name); END;
)sql";

// "inserted/updated/unchanged/stale/rejected"
std::string told(const store::Counts& counts) {
  return std::to_string(counts.inserted) + "/" +
         std::to_string(counts.updated) + "/" +
         std::to_string(counts.unchanged) + "/" + std::to_string(counts.stale) +
         "/" + std::to_string(counts.rejected);
}

// What a record says, and what the table must make of a sequence of them.
struct Person {
  std::string name;
  int email = 0;
  std::int64_t version = 0;
};

class Expected {
 public:
  void take(int id, const Person& person) {
    const auto row = rows.find(id);
    if (row != rows.end() && person.version < row->second.version) {
      ++counts.stale;
      return;
    }
    for (const auto& [other, is] : rows) {
      if (other != id && is.email == person.email) {
        ++counts.rejected;
        return;
      }
    }
    if (row == rows.end()) {
      ++counts.inserted;
    } else if (row->second.name == person.name &&
               row->second.email == person.email &&
               row->second.version == person.version) {
      ++counts.unchanged;
    } else {
      ++counts.updated;
    }
    rows[id] = person;
  }

  Lines people() const {
    Lines lines;
    for (const auto& [id, person] : rows) {
      lines.push_back(std::to_string(id) + "|" + person.name + "|" +
                      std::to_string(person.email) + "|" +
                      std::to_string(person.version));
    }
    return lines;
  }

  std::map<int, Person> rows;
  store::Counts counts;
};

Members record(int id, const Person& person) {
  return {{"id", id}, {"name", person.name}, {"email", person.email}};
}

model::StreamDefinition versioned() {
  auto stream = contacts();
  stream.version = model::parse_path("revision");
  return stream;
}

}  // namespace

TEST_SUITE_BEGIN("table user");

TEST_CASE("what the user built on a table works over many runs") {
  const unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto below = [&](int end) {
    return static_cast<int>(random() % static_cast<unsigned>(end));
  };
  const File file;
  Expected expected;
  {
    Run run(file.path, versioned());
    auto batch = run.batch({record(1000, {"seed", 1000})});
    batch.pages[0].versions = {0};
    run.writer.commit(batch, noon);
    expected.rows[1000] = {"seed", 1000, 0};
  }
  file.sql().exec(additions);
  file.sql().exec("UPDATE contacts SET stars = 5, note = 'mine'");
  file.sql().exec("DELETE FROM audit; UPDATE totals SET n = 0");
  const std::string schema =
      "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE "
      "'pipeline%' ORDER BY 1, 2";
  const auto before = file.sql().rows(schema);
  std::int64_t written = 0;
  for (int round = 0; round < 25; ++round) {
    Run run(file.path, versioned());
    for (int part = 0; part < 2; ++part) {
      CAPTURE(round);
      expected.counts = {};
      std::vector<Members> records;
      std::vector<std::optional<std::int64_t>> versions;
      for (int i = 0; i < 20; ++i) {
        const int id = below(30);
        const Person person{"name" + std::to_string(below(3)),
                            below(10) == 0 ? below(30) : id, below(3)};
        records.push_back(record(id, person));
        versions.emplace_back(person.version);
        expected.take(id, person);
      }
      auto batch = run.batch(records);
      batch.pages[0].versions = std::move(versions);
      const auto counts = run.writer.commit(batch, noon);
      CHECK(told(counts) == told(expected.counts));
      written += counts.inserted + counts.updated;
      CHECK(file.sql().value("SELECT n FROM totals") ==
            std::to_string(written));
    }
  }
  auto sql = file.sql();
  CHECK(sql.rows(schema) == before);
  CHECK(sql.rows("SELECT id, name, email, _version FROM contacts ORDER BY "
                 "id") == expected.people());
  CHECK(sql.value("SELECT count(*) FROM audit") == std::to_string(written));
  // An update that is one: also a version that rises alone.
  CHECK(sql.value("SELECT count(*) > 0 FROM audit WHERE event = 'update' AND "
                  "old <> new") == "1");
  CHECK(sql.value("SELECT stars, note FROM contacts WHERE id = 1000") ==
        "5|mine");
  CHECK(sql.value("SELECT count(*) FROM contacts WHERE id < 1000 AND (stars "
                  "<> 3 OR note IS NOT NULL)") == "0");
  CHECK(sql.value("SELECT count(*) FROM contacts WHERE shout <> upper(name)") ==
        "0");
  CHECK(sql.value("SELECT count(*) FROM starred") ==
        std::to_string(expected.rows.size()));
  CHECK_NOTHROW(sql.exec(
      "INSERT INTO words (words, rank) VALUES ('integrity-check', 1)"));
  CHECK(sql.value("SELECT count(*) FROM words WHERE words MATCH 'name1'") ==
        sql.value("SELECT count(*) FROM contacts WHERE name = 'name1'"));
  CHECK(sql.value("PRAGMA integrity_check") == "ok");
}

TEST_CASE("unchanged and stale records fire no trigger but BEFORE INSERT") {
  const File file;
  {
    Run run(file.path, versioned());
    auto batch = run.batch({{{"id", 1}, {"name", "Ann"}}});
    batch.pages[0].versions = {5};
    run.writer.commit(batch, noon);
  }
  file.sql().exec("CREATE TABLE log (event TEXT)");
  for (const std::string when : {"BEFORE", "AFTER"}) {
    for (const std::string what : {"INSERT", "UPDATE", "DELETE"}) {
      file.sql().exec("CREATE TRIGGER " + when + what + " " + when + " " +
                      what + " ON contacts BEGIN INSERT INTO log VALUES ('" +
                      when + " " + what + "'); END");
    }
  }
  const auto before = file.sql().dump("contacts");
  const auto commit = [&](const char* name, std::int64_t version) {
    file.sql().exec("DELETE FROM log");
    Run run(file.path, versioned());
    auto batch = run.batch({{{"id", 1}, {"name", name}}});
    batch.pages[0].versions = {version};
    return told(run.writer.commit(batch, noon));
  };
  // SQLite's upsert calls it before it looks for the row.
  CHECK(commit("Ann", 5) == "0/0/1/0/0");
  CHECK(file.sql().rows("SELECT * FROM log") == Lines{"BEFORE INSERT"});
  CHECK(commit("Eve", 4) == "0/0/0/1/0");
  CHECK(file.sql().rows("SELECT * FROM log") == Lines{"BEFORE INSERT"});
  CHECK(file.sql().dump("contacts") == before);
  CHECK(commit("Eve", 5) == "0/1/0/0/0");
  CHECK(file.sql().rows("SELECT * FROM log") ==
        Lines{"BEFORE INSERT", "BEFORE UPDATE", "AFTER UPDATE"});
}

TEST_CASE("what a BEFORE trigger ignores counts as unchanged") {
  struct Case {
    const char* trigger;
    const char* counts;
    Lines rows;
  };
  const Case cases[] = {
      {"BEFORE INSERT ON contacts WHEN new.id = 2",
       "1/1/1/0/0",
       {"1|Eve|5", "3|Cy|5"}},
      {"BEFORE UPDATE ON contacts",
       "2/0/1/0/0",
       {"1|Ann|5", "2|Bob|5", "3|Cy|5"}},
      {"BEFORE INSERT ON contacts", "0/0/3/0/0", {"1|Ann|5"}},
  };
  for (const auto& each : cases) {
    CAPTURE(each.trigger);
    const File file;
    const auto commit = [&](const std::vector<Members>& records) {
      Run run(file.path, versioned());
      auto batch = run.batch(records);
      batch.pages[0].versions.resize(records.size(), 5);
      return told(run.writer.commit(batch, noon));
    };
    commit({{{"id", 1}, {"name", "Ann"}}});
    file.sql().exec("CREATE TRIGGER t " + std::string(each.trigger) +
                    " BEGIN SELECT RAISE(IGNORE); END");
    CHECK(commit({{{"id", 1}, {"name", "Eve"}},
                  {{"id", 2}, {"name", "Bob"}},
                  {{"id", 3}, {"name", "Cy"}}}) == each.counts);
    CHECK(file.sql().rows("SELECT id, name, _version FROM contacts") ==
          each.rows);
  }
}

TEST_CASE("a trigger that changes the row itself is the user's business") {
  const File file;
  Run(file.path, contacts()).commit({{{"id", 1}, {"name", "Ann"}}});
  file.sql().exec(
      "CREATE TRIGGER trim_it AFTER UPDATE OF name ON contacts WHEN new.name "
      "<> trim(new.name) BEGIN UPDATE contacts SET name = trim(new.name) WHERE "
      "id = new.id; END");
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 1}, {"name", " Eve "}}})) == "0/1/0/0");
  CHECK(file.sql().value("SELECT name FROM contacts") == "Eve");
  CHECK(brief(run.commit({{{"id", 1}, {"name", "Eve"}}})) == "0/0/1/0");
}

TEST_CASE("a trigger that refuses is a reject and leaves an index in step") {
  const File file;
  Run(file.path, contacts())
      .commit({{{"id", 1}, {"name", "Ann"}, {"email", 1}}});
  file.sql().exec(additions);
  file.sql().exec(
      "CREATE TRIGGER no_bob AFTER INSERT ON contacts WHEN new.name = 'Bob' "
      "BEGIN SELECT RAISE(FAIL, 'no Bob'); END");
  Run run(file.path, contacts());
  CHECK(told(run.writer.commit(
            run.batch({{{"id", 2}, {"name", "Bob"}, {"email", 2}},
                       {{"id", 3}, {"name", "Cy"}, {"email", 1}},
                       {{"id", 4}, {"name", "Di"}, {"email", 4}}}),
            noon)) == "1/0/0/0/2");
  auto sql = file.sql();
  CHECK(sql.rows("SELECT id FROM contacts") == Lines{"1", "4"});
  CHECK(sql.rows("SELECT event, id FROM audit") == Lines{"insert|4"});
  CHECK_NOTHROW(sql.exec(
      "INSERT INTO words (words, rank) VALUES ('integrity-check', 1)"));
  CHECK(sql.rows("SELECT record_key, reason FROM pipeline_rejects ORDER BY "
                 "1") ==
        Lines{"[\"2\"]|the database refuses it: no Bob",
              "[\"3\"]|the database refuses it: UNIQUE constraint failed: "
              "contacts.email"});
}

TEST_SUITE_END();

}  // namespace strandline::test
