// SPDX-License-Identifier: MIT
//
// What two database files hold, compared: digests, and the rows that differ.
#include "store/content.hpp"

#include <doctest/doctest.h>

#include <iterator>
#include <set>

#include "batch_builder.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

using store::RowDifference;

model::StreamDefinition people() {
  auto stream = contacts();
  stream.all_columns = true;
  return stream;
}

Members person(int id, Value name) {
  return {{"id", id}, {"name", std::move(name)}};
}

store::Content content(const File& file) {
  return store::read_content(file.path, people());
}

std::string digest(const File& file) {
  return content(file).table.sha256;
}

void write(const File& file, const std::vector<Members>& records,
           const Begin& begin = {}) {
  Run(file.path, people(), begin).commit(records);
}

// "contacts 3 name 'a' 'b'", "contacts 4 first", …
Lines told(const File& first, const File& second, std::size_t limit = 10) {
  Lines lines;
  for (const auto& row :
       store::first_differences(first.path, second.path, people(), limit)) {
    auto line = row.table + " " + row.key;
    line += row.where == RowDifference::Where::first    ? " first"
            : row.where == RowDifference::Where::second ? " second"
                                                        : "";
    for (const auto& value : row.values) {
      line += " " + value.column + " " + value.first + " " + value.second;
    }
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

TEST_SUITE_BEGIN("content");

// The digest //

// Computed by another program, from the form that doc/database.md describes.
TEST_CASE("a digest is what the form in the documentation gives") {
  const File file;
  CHECK(store::read_content((write(file, {}), file.path), people())
            .table.sha256 ==
        "e294751ce045024808984bbe9051b39fd431a133f9570c8c02164e29d065086e");
  write(file, {{{"id", -2}, {"name", "\xC3\xA9"}, {"rate", Value::real("0.5")}},
               {{"id", 7}, {"name", nullptr}}});
  const auto found = content(file);
  CHECK(found.table.rows == 2);
  CHECK(found.table.sha256 ==
        "6d333f74ab25eb14f8556056ebc6bf44da15dd2a5dbbc9381d3fc2b82541df2f");
}

TEST_CASE("a digest does not tell which run wrote the rows, or when") {
  const File one;
  const File other;
  write(one, {person(1, "a"), person(2, "b")});
  write(other, {person(1, "a")});
  Begin later;
  later.now = model::plus(noon, 1000);
  write(other, {person(2, "b")}, later);
  CHECK(content(one).table == content(other).table);
  CHECK(told(one, other).empty());
}

TEST_CASE("a digest does not tell in which order rows and columns came") {
  const File one;
  const File other;
  write(one, {{{"id", 1}, {"a", 1}, {"b", 2}}, {{"id", 2}, {"a", 3}}});
  write(other, {{{"b", nullptr}, {"id", 2}, {"a", 3}},
                {{"id", 1}, {"b", 2}, {"a", 1}}});
  CHECK(content(one).table == content(other).table);
  CHECK(told(one, other).empty());
}

TEST_CASE("every value tells in a digest, and its type") {
  const File file;
  std::set<std::string> digests;
  const std::vector<Members> contents[] = {
      {},
      {person(1, "a")},
      {person(1, "b")},
      {person(1, nullptr)},
      {person(2, "a")},
      {person(1, "a"), person(2, "a")},
      {{{"id", 1}, {"nam", "ea"}}},
      {person(1, 1)},
      {person(1, "1")},
      {person(1, Value::real("1.0"))},
  };
  for (const auto& records : contents) {
    const File each;
    write(each, records);
    digests.insert(digest(each));
  }
  CHECK(digests.size() == std::size(contents));
}

TEST_CASE("what the user puts beside it is not part of a digest") {
  const File file;
  write(file, {person(1, "a")});
  const auto before = content(file);
  file.sql().exec("ALTER TABLE contacts ADD COLUMN mine TEXT DEFAULT 'x'");
  file.sql().exec("CREATE TABLE notes (id)");
  file.sql().exec("CREATE INDEX by_name ON contacts (name)");
  CHECK(content(file) == before);
  file.sql().exec("UPDATE contacts SET name = 'b'");
  CHECK(content(file) != before);
}

TEST_CASE("a row marked deleted is another row, whenever that was") {
  const File file;
  write(file, {person(1, "a")});
  const auto there = digest(file);
  file.sql().exec("UPDATE contacts SET _deleted_at = 'today'");
  const auto gone = digest(file);
  CHECK(gone != there);
  file.sql().exec("UPDATE contacts SET _deleted_at = 'tomorrow'");
  CHECK(digest(file) == gone);
}

TEST_CASE("rejects count, but not when they came") {
  const File one;
  const File other;
  write(one, {});
  write(other, {});
  CHECK(content(one).rejects == content(other).rejects);
  Run(one.path, people()).commit({}, {{"too long", "[\"1\"]", "{}", 0}});
  CHECK(content(one).rejects.rows == 1);
  CHECK(content(one).rejects != content(other).rejects);
  Begin later;
  later.now = model::plus(noon, 1000);
  Run(other.path, people(), later)
      .commit({}, {{"too long", "[\"1\"]", "{}", 0}});
  CHECK(content(one).rejects == content(other).rejects);
  Run(other.path, people()).commit({person(1, "a")});
  CHECK(content(one).rejects != content(other).rejects);
}

TEST_CASE("the rejects of another stream are its own") {
  const File file;
  write(file, {});
  auto deals = people();
  deals.name = "deals";
  Run(file.path, deals).commit({}, {{"too long", "[\"1\"]", "{}", 0}});
  CHECK(content(file).rejects.rows == 0);
  CHECK(store::read_content(file.path, deals).rejects.rows == 1);
}

TEST_CASE("a checkpoint counts, but not its generation") {
  const File file;
  Run(file.path, people()).commit_to(7, {});
  auto seven = content(file);
  CHECK(seven.checkpoints.at(0).mark == model::CursorValue(std::int64_t{7}));
  file.sql().exec("UPDATE pipeline_checkpoints SET generation = 9");
  CHECK(content(file) == seven);
  Run(file.path, people()).commit_to(8, {});
  CHECK(content(file) != seven);
}

TEST_CASE("a file without tables has the content of an empty table") {
  const File file;
  file.sql().exec("CREATE TABLE notes (id)");
  const auto found = content(file);
  CHECK(found.table.rows == 0);
  CHECK(found.checkpoints.at(0) == model::Checkpoint());
  const File other;
  write(other, {});
  CHECK(found.table == content(other).table);
}

TEST_CASE("a table that another stream owns is not looked at") {
  const File file;
  write(file, {person(1, "a")});
  auto other = people();
  other.source = "erp";
  CHECK(store::read_content(file.path, other).table.rows == 0);
}

// The rows that differ //

TEST_CASE("rows that differ are told in the order of the key") {
  const File one;
  const File other;
  write(one, {person(1, "a"), person(2, "b"), person(3, "c"), person(10, "d")});
  write(other, {person(2, "b"), person(3, "x\033"), person(10, nullptr),
                person(11, "e")});
  CHECK(told(one, other) ==
        Lines{"contacts 1 first", "contacts 3 name 'c' 'x\\x1B'",
              "contacts 10 name 'd' NULL", "contacts 11 second"});
  CHECK(told(one, other, 2) ==
        Lines{"contacts 1 first", "contacts 3 name 'c' 'x\\x1B'"});
}

TEST_CASE("of keys of several parts each tells") {
  auto stream = contacts();
  stream.key = {column("a"), column("b")};
  stream.all_columns = true;
  const File one;
  const File other;
  Run(one.path, stream)
      .commit({{{"a", "x"}, {"b", 2}}, {{"a", "x"}, {"b", 10}}});
  Run(other.path, stream).commit({{{"a", "x"}, {"b", 10}}});
  const auto found = store::first_differences(one.path, other.path, stream, 10);
  REQUIRE(found.size() == 1);
  CHECK(found.front().key == "'x', 2");
  CHECK(found.front().where == RowDifference::Where::first);
}

TEST_CASE("a column that one file lacks is NULL there") {
  const File one;
  const File other;
  write(one, {person(1, "a")});
  write(other, {{{"id", 1}, {"name", "a"}, {"age", 3}}});
  CHECK(told(one, other) == Lines{"contacts 1 age NULL 3"});
  CHECK(told(other, one) == Lines{"contacts 1 age 3 NULL"});
}

TEST_CASE("rejects that differ are told behind the rows") {
  const File one;
  const File other;
  Run(one.path, people())
      .commit({person(1, "a")}, {{"too long", "[\"9\"]", "{}", 0}});
  Run(other.path, people()).commit({});
  CHECK(told(one, other) ==
        Lines{"contacts 1 first", "pipeline_rejects '[\"9\"]' first"});
}

// Commits //

TEST_CASE("each commit is told before and after it") {
  const File file;
  std::string moments;
  const auto stream = people();
  {
    store::Store store(
        file.path, model::Journal::wal, store::default_patience,
        [&](store::CommitMoment moment) {
          moments += moment == store::CommitMoment::before ? '<' : '>';
          // Another connection sees it only after the commit.
          moments += file.sql().value("SELECT count(*) FROM pipeline_runs");
        });
    CHECK(moments.empty());
    const auto id = store.begin_run(noon);
    CHECK(moments == "<0>0");
    moments.clear();
    store::StreamWriter writer(store, id, stream, {"as ever", false, ""}, noon);
    CHECK(moments == "<0>1");
    moments.clear();
    Pages pages(stream);
    store::Batch batch;
    batch.pages.push_back(pages.page({person(1, "a")}));
    batch.after = writer.checkpoint();
    writer.commit(batch, noon);
    CHECK(moments == "<1>1");
    moments.clear();
    writer.rows();
    CHECK(moments.empty());
    writer.finish({}, noon);
    CHECK(moments == "<1>1");
  }
}

TEST_SUITE_END();

}  // namespace strandline::test
