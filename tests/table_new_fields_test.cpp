// SPDX-License-Identifier: MIT
//
// What a stream does with members that `*` has not met before, and with changes
// of columns that do not count.
#include <doctest/doctest.h>

#include "batch_builder.hpp"
#include "store/table.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

model::StreamDefinition with(model::NewFields new_fields) {
  auto stream = contacts();
  stream.new_fields = new_fields;
  return stream;
}

Lines columns(const File& file) {
  return file.sql().rows(
      "SELECT name FROM pragma_table_info('contacts') WHERE name NOT LIKE "
      "'\\_%' ESCAPE '\\'");
}

// A record with the members `begin` to `end` - 1.
Members wide(int id, int begin, int end) {
  Members record = {{"id", id}};
  for (int i = begin; i < end; ++i) {
    record.push_back({"m" + std::to_string(i), i});
  }
  return record;
}

}  // namespace

TEST_SUITE_BEGIN("table new fields");

TEST_CASE("new members are left out where they are ignored, and said once") {
  const File file;
  {
    Run run(file.path, with(model::NewFields::ignore));
    // The page that makes the table says what there is.
    auto batch = run.batch({{{"id", 1}, {"a", 1}}, {{"id", 2}, {"b", 2}}});
    batch.pages.push_back(run.pages.page({{{"id", 3}, {"c", 3}}}));
    CHECK(brief(run.writer.commit(batch, noon)) == "3/0/0/0");
    CHECK(brief(run.commit({{{"id", 4}, {"d", 4}, {"c", 3}, {"a", 5}}})) ==
          "1/0/0/0");
    CHECK(run.writer.notices() ==
          Lines{"new members were not stored (`new_fields` is \"ignore\"): "
                "'c', 'd'"});
  }
  CHECK(columns(file) == Lines{"id", "a", "b"});
  CHECK(file.sql().rows("SELECT id, a, b FROM contacts") ==
        Lines{"1|1|NULL", "2|NULL|2", "3|NULL|NULL", "4|5|NULL"});
  {
    Run run(file.path, with(model::NewFields::ignore));
    CHECK(brief(run.commit({{{"id", 1}, {"a", 1}, {"e", 1}}})) == "0/0/1/0");
    CHECK(run.writer.notices().size() == 1);
  }
  Run run(file.path, with(model::NewFields::add));
  CHECK(brief(run.commit({{{"id", 1}, {"a", 1}, {"e", 1}}})) == "0/1/0/0");
  CHECK(columns(file) == Lines{"id", "a", "b", "e"});
}

TEST_CASE("declared columns are made whatever happens to new members") {
  for (const auto what : {model::NewFields::ignore, model::NewFields::fail}) {
    const File file;
    auto stream = with(what);
    Run(file.path, stream).commit({{{"id", 1}}});
    stream.columns = {column("declared")};
    Run run(file.path, stream);
    CHECK(brief(run.commit({{{"id", 1}, {"declared", "x"}}})) == "0/1/0/0");
    CHECK(run.writer.notices() == Lines{});
  }
}

TEST_CASE("a new member ends the stream where that is wanted") {
  const File file;
  Run run(file.path, with(model::NewFields::fail));
  run.commit_to(1, {{{"id", 1}, {"a", 1}}, {{"id", 2}, {"b", 1}}});
  const auto before = file.sql().snapshot();
  // Not for a record that does not fit anyway.
  CHECK(brief(run.commit({{{"a", 1}, {"c", 3}}})) == "0/0/0/1");
  file.sql().exec("DELETE FROM pipeline_rejects");
  const auto error = refusal([&] {
    run.commit_to(2, {{{"id", 3}}, {{"id", 4}, {"c\n", 3}}});
  });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::data);
  CHECK(error->what() ==
        std::string("crm.contacts sends a new member 'c\\x0A', and its "
                    "`new_fields` is \"fail\""));
  CHECK(note(error, "try") ==
        "list it under `columns`; or new_fields = \"add\" for a column, or "
        "\"ignore\" to go on without it");
  CHECK(file.sql().value("SELECT last_processed_at FROM "
                         "pipeline_checkpoints") == "1");
  CHECK(file.sql().rows("SELECT id FROM contacts") == Lines{"1", "2"});
  CHECK(columns(file) == Lines{"id", "a", "b"});
}

TEST_CASE("`*` makes so many columns and no more, and says what it leaves") {
  constexpr auto most = static_cast<int>(store::max_found_columns);
  const std::string beyond =
      "the table has as many columns as `*` makes, and these members were not "
      "stored: 'm1000', 'm1001', 'm1002', 'm1003', 'm1004' and 995 more; list "
      "the `columns` that you want, or keep whole records with `raw`";
  for (const bool first : {true, false}) {
    CAPTURE(first);
    const File file;
    {
      Run run(file.path, contacts());
      if (!first) {
        run.commit({wide(1, 0, 1)});
      }
      CHECK(brief(run.commit({wide(1, 0, 2'000)})) ==
            (first ? "1/0/0/0" : "0/1/0/0"));
      CHECK(columns(file).size() == most + 1);
      CHECK(run.writer.notices() == Lines{beyond});
      CHECK(file.sql().value("SELECT m0, m999 FROM contacts") == "0|999");
      CHECK(brief(run.commit({wide(1, 0, 2'000)})) == "0/0/1/0");
    }
    Run again(file.path, contacts());
    CHECK(brief(again.commit({wide(1, 0, 2'000)})) == "0/0/1/0");
    CHECK(again.writer.notices() == Lines{beyond});
  }
}

TEST_CASE("there is room for the user's and declared columns beside them") {
  const File file;
  auto stream = contacts();
  for (int i = 0; i < 500; ++i) {
    stream.columns.push_back(
        column("d" + std::to_string(i), model::ColumnType::text));
  }
  Run run(file.path, stream);
  CHECK(brief(run.commit({wide(1, 0, 1'500)})) == "1/0/0/0");
  CHECK(columns(file).size() == 1'501);
  file.sql().exec("ALTER TABLE contacts ADD COLUMN mine TEXT");
  CHECK(brief(run.commit({wide(1, 1, 1'500)})) == "0/1/0/0");
}

TEST_CASE("a change of volatile columns alone does not write the row") {
  const File file;
  auto stream = contacts();
  stream.volatile_columns = {"Views", "seen"};
  const auto later = model::plus(noon, 60);
  Run(file.path, stream)
      .commit({{{"id", 1}, {"name", "Ann"}, {"views", 1}, {"seen", "a"}}});
  Run run(file.path, stream, {.now = later});
  CHECK(brief(run.commit(
            {{{"id", 1}, {"name", "Ann"}, {"views", 2}, {"seen", "b"}}})) ==
        "0/0/1/0");
  CHECK(file.sql().value("SELECT name, views, seen, _run_id FROM contacts") ==
        "Ann|1|a|1");
  // It is written when something else is.
  CHECK(brief(run.commit(
            {{{"id", 1}, {"name", "Eve"}, {"views", 3}, {"seen", "c"}}})) ==
        "0/1/0/0");
  CHECK(file.sql().value("SELECT name, views, seen, _run_id FROM contacts") ==
        "Eve|3|c|2");
  file.sql().exec("UPDATE contacts SET _deleted_at = 'then'");
  CHECK(brief(run.commit(
            {{{"id", 1}, {"name", "Eve"}, {"views", 4}, {"seen", "c"}}})) ==
        "0/1/0/0");
  CHECK(file.sql().value("SELECT views, _deleted_at FROM contacts") ==
        "4|NULL");
}

TEST_CASE("the record as sent may be volatile, and nothing else need be") {
  const File file;
  auto stream = contacts();
  stream.raw = true;
  stream.volatile_columns = {"views"};
  const auto again = [&](int views) {
    return brief(
        Run(file.path, stream).commit({{{"id", 1}, {"views", views}}}));
  };
  CHECK(again(1) == "1/0/0/0");
  CHECK(again(2) == "0/1/0/0");
  stream.volatile_columns.push_back("_raw");
  CHECK(again(3) == "0/0/1/0");
}

TEST_SUITE_END();

}  // namespace strandline::test
