// SPDX-License-Identifier: MIT
//
// Tables whose key is a hash of content, or of several columns.
#include <doctest/doctest.h>

#include <string>

#include "batch_builder.hpp"
#include "store/content.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

model::StreamDefinition hashed(const std::vector<std::string>& paths = {}) {
  auto stream = contacts();
  stream.key = {model::hash_column()};
  stream.hash.emplace();
  for (const auto& path : paths) {
    stream.hash->paths.push_back(model::parse_path(path));
  }
  return stream;
}

Members person(const char* key, const char* name) {
  return {{"name", name}, {"_key", key}};
}

// A page of one record with the key `k` and, besides, a member `name`.
store::Batch with_member(Run& run, const std::string& name) {
  auto batch = run.batch({{{"_key", "k"}, {"x", "theirs"}}});
  batch.pages.at(0).new_fields.at(0) = name;
  return batch;
}

}  // namespace

TEST_SUITE_BEGIN("hash key");

TEST_CASE("its column is the primary key") {
  const File file;
  {
    Run run(file.path, hashed());
    CHECK(brief(run.commit({person("k1", "Ann"), person("k2", "Bob")})) ==
          "2/0/0/0");
  }
  CHECK(file.sql().rows("SELECT name, type, \"notnull\", pk FROM "
                        "pragma_table_info('contacts')") ==
        Lines{"_key|TEXT|1|1", "name|TEXT|0|0", "_run_id|INTEGER|1|0",
              "_synced_at|TEXT|1|0", "_deleted_at|TEXT|0|0"});
  CHECK(file.sql().value("SELECT value FROM pipeline_meta WHERE key = "
                         "'column:contacts:_key'") == "hash *");
  Run run(file.path, hashed());
  CHECK(brief(run.commit({person("k1", "Ann"), person("k2", "Eve"),
                          person("k3", "Bob")})) == "1/1/1/0");
  CHECK(file.sql().rows("SELECT _key, name, _run_id FROM contacts") ==
        Lines{"k1|Ann|1", "k2|Eve|2", "k3|Bob|2"});
}

TEST_CASE("a member of its name does not take its place") {
  for (const std::string name : {"_key", "_KEY"}) {
    CAPTURE(name);
    const File file;
    for (int time = 0; time < 2; ++time) {
      Run run(file.path, hashed());
      run.writer.commit(with_member(run, name), run.now);
      CHECK(file.sql().value("SELECT count(*) FROM contacts") == "1");
      CHECK(file.sql().value("SELECT _key FROM contacts") == "k");
      CAPTURE(time);
      CHECK(file.sql().value("SELECT x" + name + " FROM contacts") == "theirs");
    }
  }
}

TEST_CASE("without it the name stays Strandline's own") {
  const File file;
  Run run(file.path, contacts());
  run.commit({{{"id", 1}, {"_key", "x"}}});
  CHECK(file.sql().value("SELECT x_key FROM contacts") == "x");
}

TEST_CASE("a table whose keys are made of something else is refused") {
  const File file;
  {
    Run run(file.path, hashed({"a", "b/c"}));
    run.commit({person("k", "Ann")});
  }
  {
    Run run(file.path, hashed({"b/c", "a"}));
    CHECK(brief(run.commit({person("k", "Ann")})) == "0/0/1/0");
  }
  const auto before = file.sql().snapshot();
  const auto error = refusal([&] { Run(file.path, hashed({"a"})); });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::configuration);
  CHECK(std::string(error->what()) ==
        "the key of the table 'contacts' is made as \"hash a, b/c\", and that "
        "of the definition of crm.contacts as \"hash a\"");
  CHECK(note(error, "try") ==
        "drop the table and run strandline sync --full contacts, or give the "
        "stream another name");
  Begin full;
  full.full = true;
  CHECK(code([&] { Run(file.path, hashed(), full); }) ==
        ExitCode::configuration);
  CHECK(message([&] { Run(file.path, contacts()); }) ==
        "the table 'contacts' has the key (_key), and the definition of "
        "crm.contacts the key (id)");
  // Each of them takes a run's number, and nothing else.
  CHECK(file.sql().rows("SELECT _key, name, _run_id FROM contacts") ==
        Lines{"k|Ann|1"});
  file.sql().exec("DROP TABLE contacts");
  Run run(file.path, hashed({"a"}), full);
  CHECK(brief(run.commit({person("k", "Ann")})) == "1/0/0/0");
  CHECK(file.sql().value("SELECT value FROM pipeline_meta WHERE key = "
                         "'column:contacts:_key'") == "hash a");
}

TEST_CASE("a table with another key is not taken for one with a hash") {
  const File file;
  {
    Run run(file.path, contacts());
    run.commit({{{"id", 1}}});
  }
  file.sql().exec("ALTER TABLE contacts ADD COLUMN _key TEXT");
  CHECK(message([&] { Run(file.path, hashed()); }) ==
        "the table 'contacts' has the key (id), and the definition of "
        "crm.contacts the key (_key)");
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 1}}})) == "0/0/1/0");
}

TEST_CASE("rejects are named by it, and resolved") {
  const File file;
  auto stream = hashed();
  stream.columns = {column("age", model::ColumnType::integer)};
  Run run(file.path, stream);
  CHECK(brief(run.commit({{{"_key", "k"}, {"age", "x"}}})) == "0/0/0/1");
  CHECK(file.sql().rows("SELECT record_key, resolved_at FROM "
                        "pipeline_rejects") == Lines{"[\"k\"]|NULL"});
  CHECK(brief(run.commit({{{"_key", "k"}, {"age", 5}}})) == "1/0/0/0");
  CHECK(file.sql().value("SELECT resolved_at IS NOT NULL FROM "
                         "pipeline_rejects") == "1");
}

TEST_CASE("keys seen in a window whose first records count are named by it") {
  const File file;
  Run run(file.path, hashed());
  auto batch = run.batch({person("k", "new"), person("k", "old")});
  batch.first_wins = 1;
  model::Window open;
  open.number = 1;
  batch.after.window = open;
  const auto counts = run.writer.commit(batch, run.now);
  CHECK(counts.inserted == 1);
  CHECK(counts.stale == 1);
  CHECK(file.sql().rows("SELECT record_key FROM pipeline_seen") ==
        Lines{"[\"k\"]"});
  CHECK(file.sql().value("SELECT name FROM contacts") == "new");
}

TEST_CASE("versions and raw text go with it") {
  const File file;
  auto stream = hashed();
  stream.raw = true;
  stream.version = model::parse_path("v");
  Run run(file.path, stream);
  const auto commit = [&](const char* name, std::int64_t version) {
    auto batch = run.batch({person("k", name)});
    batch.pages.at(0).versions = {version};
    return run.writer.commit(batch, run.now);
  };
  CHECK(commit("Ann", 5).inserted == 1);
  CHECK(commit("Old", 4).stale == 1);
  CHECK(commit("Bob", 6).updated == 1);
  CHECK(file.sql().value("SELECT _key || name || _version || _raw FROM "
                         "contacts") == R"(kBob6{"name":"Bob","_key":"k"})");
}

TEST_CASE("the digest of a table has it, and its order") {
  const auto digest = [](const std::vector<Members>& records) {
    const File file;
    {
      Run run(file.path, hashed());
      run.commit(records);
    }
    return store::read_content(file.path, hashed()).table;
  };
  const auto ab = digest({person("a", "x"), person("b", "x")});
  CHECK(ab.rows == 2);
  CHECK(ab.sha256 == digest({person("b", "x"), person("a", "x")}).sha256);
  CHECK(ab.sha256 != digest({person("a", "x"), person("c", "x")}).sha256);
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("composite key");

namespace {

model::StreamDefinition lines() {
  auto stream = contacts();
  stream.key = {column("order"), column("line")};
  return stream;
}

Members line(const Value& order, const Value& line, const char* name) {
  return {{"order", order}, {"line", line}, {"name", name}};
}

}  // namespace

TEST_CASE("its columns are the primary key, in the order of the key") {
  const File file;
  Run run(file.path, lines());
  // The record has them the other way round.
  CHECK(brief(run.commit({{{"name", "a"}, {"line", 1}, {"order", "x"}}})) ==
        "1/0/0/0");
  CHECK(file.sql().rows("SELECT name, type, \"notnull\", pk FROM "
                        "pragma_table_info('contacts') WHERE pk > 0 ORDER BY "
                        "pk") == Lines{"order|TEXT|1|1", "line|INTEGER|1|2"});
  CHECK(brief(run.commit({line("x", 2, "b"), line("y", 1, "c"),
                          line("x", 1, "d")})) == "2/1/0/0");
  CHECK(file.sql().rows("SELECT \"order\", line, name FROM contacts ORDER BY "
                        "1, 2") == Lines{"x|1|d", "x|2|b", "y|1|c"});
}

TEST_CASE("no two parts run into one another") {
  const File file;
  auto stream = lines();
  stream.columns = {column("age", model::ColumnType::integer)};
  Run run(file.path, stream);
  const auto reject = [&](const char* order, const char* number) {
    run.commit({{{"order", order}, {"line", number}, {"age", "x"}}});
  };
  reject("a", "bc");
  reject("ab", "c");
  reject("a\",\"b", "c");
  CHECK(file.sql().rows("SELECT record_key FROM pipeline_rejects ORDER BY 1") ==
        Lines{R"(["a","bc"])", R"(["a\",\"b","c"])", R"(["ab","c"])"});
}

TEST_CASE("a part that does not fit, or is null, makes a reject") {
  const File file;
  Run run(file.path, lines());
  CHECK(brief(run.commit({line(1, 1, "a"), line(1, "x", "b"),
                          line(1, nullptr, "c"), line(nullptr, 1, "d"),
                          line(Value::real("1.5"), 1, "e")})) == "2/0/0/3");
  // A key with a fraction is a name.
  CHECK(file.sql().rows("SELECT name FROM contacts ORDER BY 1") ==
        Lines{"a", "e"});
  CHECK(file.sql().rows("SELECT reason FROM pipeline_rejects WHERE record_key "
                        "LIKE 'sha256:%'") ==
        Lines{"a part of its key is missing", "a part of its key is missing"});
}

TEST_CASE("a table with its columns in another order is another table") {
  const File file;
  {
    Run run(file.path, lines());
    run.commit({line(1, 2, "a")});
  }
  auto other = lines();
  std::swap(other.key[0], other.key[1]);
  CHECK(message([&] { Run(file.path, other); }) ==
        "the table 'contacts' has the key (order, line), and the definition "
        "of crm.contacts the key (line, order)");
}

TEST_SUITE_END();

}  // namespace strandline::test
