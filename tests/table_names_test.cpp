// SPDX-License-Identifier: MIT
//
// Members whose names no column can have, or another column has.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "batch_builder.hpp"
#include "store/column_name.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

// The columns that `*` made, and for which member where that is said.
Lines entries(const File& file) {
  return file.sql().rows(
      "SELECT substr(key, 17), value FROM pipeline_meta WHERE key LIKE "
      "'column:contacts:%' AND value LIKE 'found%' ORDER BY 1");
}

}  // namespace

TEST_SUITE_BEGIN("table names");

TEST_CASE("a name that no column can have becomes one that it can have") {
  const std::string long_name(200, 'n');
  const std::string umlauts = [] {
    std::string text = "x";
    for (int i = 0; i < 80; ++i) {
      text += "\xC3\xA4";
    }
    return text;
  }();
  const std::pair<std::string, std::string> cases[] = {
      {"", "x"},
      {"name", "name"},
      {"a\nb", "a_b"},
      {std::string("\0", 1), "_"},
      {"_deleted_at", "x_deleted_at"},
      {"_RUN_ID", "x_RUN_ID"},
      {"_run\nid", "x_run_id"},
      {"_id", "_id"},
      {"select", "select"},
      {std::string(120, 'n'), std::string(120, 'n')},
      {long_name, std::string(100, 'n') + "_be9a9ac5"},
  };
  for (const auto& [given, column] : cases) {
    const std::string member = given;
    CAPTURE(member);
    if (member != long_name) {
      CHECK(store::column_name_for(member) == column);
    }
  }
  // The hash is that of the whole name, and no character is halved.
  const auto cut = store::column_name_for(long_name);
  CHECK(cut.size() == 109);
  CHECK(cut.starts_with(std::string(100, 'n') + "_"));
  CHECK(cut != store::column_name_for(long_name + "m"));
  const auto umlaut_cut = store::column_name_for(umlauts);
  CHECK(umlaut_cut.size() == 108);
  CHECK(umlaut_cut[98] == '\xA4');
  CHECK(umlaut_cut[99] == '_');
}

TEST_CASE("hostile names are kept in columns of other names, and said") {
  const std::vector<std::pair<std::string, std::string>> hostile = {
      {"", "x"},
      {"a\nb", "a_b"},
      {std::string("z\0z", 3), "z_z"},
      {"_run_id", "x_run_id"},
      {"_SYNCED_AT", "x_SYNCED_AT"},
      {"_deleted_at", "x_deleted_at"},
      {"_raw", "x_raw"},
      {"_key", "x_key"},
      {"ID", "ID_2"},
      {"Name", "Name_2"},
      {"NAME", "NAME_3"},
      {"\"; DROP TABLE contacts; --", "\"; DROP TABLE contacts; --"},
  };
  for (const bool first : {true, false}) {
    CAPTURE(first);
    const File file;
    Members record = {{"id", 1}, {"name", "Ann"}};
    for (const auto& [member, column] : hostile) {
      record.push_back({member, "in " + column});
    }
    {
      Run run(file.path, contacts());
      if (!first) {
        run.commit({{{"id", 1}, {"name", "Ann"}}});
      }
      CHECK(brief(run.commit({record})) == (first ? "1/0/0/0" : "0/1/0/0"));
      const auto notices = run.writer.notices();
      REQUIRE(notices.size() == 1);
      CHECK(notices[0] ==
            "members whose name no column can have were given another: '' in "
            "'x', 'a\\x0Ab' in 'a_b', 'z\\x00z' in 'z_z', '_run_id' in "
            "'x_run_id', '_SYNCED_AT' in 'x_SYNCED_AT' and 6 more");
    }
    for (const auto& [member, made] : hostile) {
      const std::string column = made;
      CAPTURE(column);
      std::string name;
      for (const char c : column) {
        name.append(c == '"' ? 2 : 1, c);
      }
      CHECK(file.sql().value("SELECT \"" + name + "\" FROM contacts") ==
            "in " + column);
    }
    CHECK(file.sql().value("SELECT name FROM contacts") == "Ann");
    // In whatever order they come later, they are where they were.
    std::reverse(record.begin(), record.end());
    Run again(file.path, contacts());
    CHECK(brief(again.commit({record})) == "0/0/1/0");
    CHECK(again.writer.notices() == Lines{});
    // As one that is gone.
    CHECK(brief(again.commit({{{"id", 1}, {"name", "Ann"}}})) == "0/1/0/0");
    CHECK(file.sql().value("SELECT x, a_b, x_raw, NAME_3 FROM contacts") ==
          "NULL|NULL|NULL|NULL");
  }
}

TEST_CASE("which column is a member's is remembered in a form for every tool") {
  const File file;
  Run(file.path, contacts())
      .commit({{{"id", 1},
                {"name", "Ann"},
                {"Name", 2},
                {std::string("a\0\\b\x7F", 5), Value::real("1.5")}}});
  CHECK(entries(file) == Lines{"Name_2|found INTEGER Name",
                               "a_\\b\x7F|found REAL a\\u0000\\\\b\\u007f",
                               "name|found TEXT"});
}

TEST_CASE("members in any order have the same values under the same names") {
  std::mt19937 random(std::random_device{}());
  const std::vector<std::string> names = {"a", "A",   "a_2", "",    "x",
                                          "X", "x_2", "b\n", "b\t", "b_"};
  for (int round = 0; round < 20; ++round) {
    const File file;
    Members record;
    for (const auto& name : names) {
      record.push_back({name, "in '" + name + "'"});
    }
    Lines columns;
    for (int run = 0; run < 3; ++run) {
      std::shuffle(record.begin(), record.end(), random);
      auto with_key = record;
      with_key.push_back({"id", 1});
      CHECK(brief(Run(file.path, contacts()).commit({with_key})) ==
            (run == 0 ? "1/0/0/0" : "0/0/1/0"));
    }
    CHECK(entries(file).size() == names.size());
  }
}

TEST_CASE("a found name is not that of a declared column which comes later") {
  const File file;
  auto stream = contacts();
  stream.columns = {column("Name")};
  stream.columns[0].path = model::parse_path("other");
  Run run(file.path, stream);
  // Of the declared column nothing is known yet.
  run.commit({{{"id", 1}, {"name", "found"}}});
  run.commit({{{"id", 1}, {"name", "found"}, {"Name", "declared"}}});
  CHECK(file.sql().value("SELECT Name, name_2 FROM contacts") ==
        "declared|found");
}

TEST_CASE("a declared column that cannot be one is refused") {
  struct Case {
    std::string name;
    std::string why;
  };
  const Case cases[] = {
      {"", "the member '' cannot be a column: its name is empty"},
      {"a\nb",
       "the member 'a\\x0Ab' cannot be a column: its name holds a "
       "control character"},
      {"_run_id",
       "the member '_run_id' cannot be a column: the name is one of "
       "Strandline's own"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.why);
    const File file;
    auto stream = contacts();
    stream.columns = {column("a", model::ColumnType::text)};
    stream.columns[0].name = each.name;
    Run run(file.path, stream);
    const auto error = refusal([&] { run.commit({{{"id", 1}}}); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::data);
    CHECK(error->what() == each.why);
  }
}

TEST_SUITE_END();

}  // namespace strandline::test
