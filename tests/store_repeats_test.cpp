// SPDX-License-Identifier: MIT
//
// Records of one key in one batch.
#include <doctest/doctest.h>

#include <string>

#include "batch_builder.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

// "repeated/replaced".
std::string told(const store::Counts& counts) {
  return std::to_string(counts.repeated) + "/" +
         std::to_string(counts.replaced);
}

Members person(int id, const char* name) {
  return {{"id", id}, {"name", name}};
}

// Commits the pages as one batch.
store::Counts commit(Run& run, const std::vector<std::vector<Members>>& pages) {
  store::Batch batch;
  for (const auto& page : pages) {
    batch.pages.push_back(run.pages.page(page));
  }
  batch.after = run.writer.checkpoint();
  return run.writer.commit(batch, run.now);
}

}  // namespace

TEST_CASE("the last record of a key counts, and the others are counted") {
  const File file;
  Run run(file.path, contacts());
  const auto counts =
      run.commit({person(1, "a"), person(2, "b"), person(1, "c"),
                  person(1, "d"), person(3, "e")});
  CHECK(told(counts) == "2/2");
  CHECK(brief(counts) == "3/2/0/0");
  CHECK(file.sql().rows("SELECT id, name FROM contacts") ==
        Lines{"1|d", "2|b", "3|e"});
}

TEST_CASE("one that came before as it is has replaced nothing") {
  const File file;
  Run run(file.path, contacts());
  const auto counts =
      run.commit({person(1, "a"), person(1, "a"), person(2, "b")});
  CHECK(told(counts) == "1/0");
  CHECK(brief(counts) == "2/0/1/0");
}

TEST_CASE("one that came in an earlier page of the batch is counted") {
  const File file;
  Run run(file.path, contacts());
  CHECK(told(commit(run, {{person(1, "a")},
                          {person(2, "a"), person(1, "b")},
                          {person(1, "c"), person(1, "d")}})) == "3/1");
  CHECK(file.sql().value("SELECT name FROM contacts WHERE id = 1") == "d");
}

TEST_CASE("one that came in an earlier batch is not") {
  const File file;
  Run run(file.path, contacts());
  CHECK(told(run.commit({person(1, "a")})) == "0/0");
  CHECK(told(run.commit({person(1, "b")})) == "0/0");
  CHECK(told(run.commit({person(1, "c"), person(1, "d")})) == "1/1");
}

TEST_CASE("keys of several parts are one where all of them are") {
  const File file;
  auto stream = contacts();
  stream.key = {column("a"), column("b")};
  Run run(file.path, stream);
  const auto record = [](const char* a, const char* b) {
    return Members{{"a", a}, {"b", b}};
  };
  CHECK(told(run.commit({record("1", "2"), record("2", "1"), record("12", ""),
                         record("", "12"), record("1", "1"),
                         record("2", "2")})) == "0/0");
  // The parts may come in any order.
  CHECK(told(run.commit({record("1", "2"), {{"b", "2"}, {"a", "1"}}})) ==
        "1/0");
}

TEST_CASE("a record that does not fit comes not before another") {
  const File file;
  auto stream = contacts();
  stream.columns = {column("age", model::ColumnType::integer)};
  Run run(file.path, stream);
  const auto counts = run.commit({{{"id", 1}, {"age", "x"}},
                                  {{"id", 1}, {"age", 5}},
                                  {{"id", 1}, {"age", "y"}}});
  CHECK(told(counts) == "0/0");
  CHECK(brief(counts) == "1/0/0/2");
}

TEST_CASE("where the first record of a key counts the others repeat it") {
  const File file;
  Run run(file.path, contacts());
  auto batch = run.batch({person(1, "new"), person(1, "old"), person(2, "b")});
  batch.first_wins = 1;
  const auto counts = run.writer.commit(batch, run.now);
  CHECK(told(counts) == "1/0");
  CHECK(counts.stale == 1);
  CHECK(file.sql().value("SELECT name FROM contacts WHERE id = 1") == "new");
}

TEST_CASE("counts add up") {
  store::Counts sum;
  sum.repeated = 5;
  sum.replaced = 3;
  store::Counts more;
  more.repeated = 2;
  more.replaced = 1;
  sum += more;
  CHECK(told(sum) == "7/4");
}

}  // namespace strandline::test
