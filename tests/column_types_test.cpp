// SPDX-License-Identifier: MIT
//
// Whatever records come, in whatever order: every value is of its column's
// type, keeps its digits, and comes to the same again.
#include <doctest/doctest.h>

#include <random>

#include "batch_builder.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

class Records {
 public:
  Records(unsigned seed, bool repeats) : random_(seed), repeats_(repeats) {}

  std::vector<Members> next(int count) {
    std::vector<Members> records;
    for (int i = 0; i < count; ++i) {
      Members record = {{"id", key()}};
      for (const char* name : {"a", "b", "c", "d", "e"}) {
        if (below(4) != 0) {
          // Not every kind in every column, so that some keep a narrow type.
          record.push_back({name, value(2 + (name[0] - 'a') * 2)});
        }
      }
      records.push_back(std::move(record));
    }
    return records;
  }

 private:
  int below(int end) {
    return static_cast<int>(random_() % static_cast<unsigned>(end));
  }

  Value key() {
    if (!repeats_) {
      return below(40) == 0 ? Value::real(std::to_string(++last_key_) + ".50")
                            : Value(++last_key_);
    }
    return below(40) == 0 ? Value::real("1.50") : Value(below(20));
  }

  Value value(int kinds) {
    switch (below(kinds)) {
      case 0:
        return below(5);
      case 1:
        return nullptr;
      case 2:
        return below(2) == 0;
      case 3:
        return Value::real(std::to_string(below(9)) + ".50");
      case 4:
        return Value::real(std::to_string(below(9)) + ".0");
      case 5:
        return (std::int64_t{1} << 53U) + below(3);
      case 6:
        return Value::number("1234567890123456789" + std::to_string(below(99)));
      case 7:
        return Value::real("0.123456789012345678" + std::to_string(below(99)));
      case 8:
        return "text";
      default:
        return Value::json("[1]");
    }
  }

  std::mt19937 random_;
  bool repeats_;
  int last_key_ = 0;
};

// The values that are not of their column's type.
Lines wrong_types(Sql& sql, const std::string& table) {
  Lines wrong;
  for (const auto& line : sql.rows("SELECT name || '|' || type FROM "
                                   "pragma_table_info('" +
                                   table + "')")) {
    const auto name = line.substr(0, line.find('|'));
    const auto type = line.substr(line.find('|') + 1);
    const auto rows = sql.rows(
        "SELECT \"" + name + "\" FROM " + table + " WHERE \"" + name +
        "\" IS NOT NULL AND upper(typeof(\"" + name + "\")) <> '" + type + "'");
    wrong.insert(wrong.end(), rows.begin(), rows.end());
  }
  return wrong;
}

}  // namespace

TEST_SUITE_BEGIN("column types");

TEST_CASE("random records come to values of their columns' types, and again") {
  const unsigned seed = std::random_device()();
  CAPTURE(seed);
  for (unsigned round = 0; round < 60; ++round) {
    CAPTURE(round);
    const File file;
    // Where keys repeat, a value that is gone again may have kept a type from
    // being chosen: then a second run finds it.
    const bool repeats = round % 2 == 1;
    Records source(seed + round, repeats);
    std::vector<std::vector<Members>> pages;
    for (int i = 0; i < 6; ++i) {
      pages.push_back(source.next(8));
    }
    const auto sync = [&] {
      Run run(file.path, contacts());
      for (const auto& page : pages) {
        run.commit(page);
      }
    };
    sync();
    if (repeats) {
      sync();
    }
    auto sql = file.sql();
    CHECK(wrong_types(sql, "contacts") == Lines{});
    // Numbers that were sent with many digits have them all.
    for (const auto* name : {"a", "b", "c", "d", "e"}) {
      if (sql.value("SELECT count(*) FROM pragma_table_info('contacts') WHERE "
                    "name = '" +
                    std::string(name) + "'") == "1") {
        CHECK(sql.value("SELECT count(*) FROM contacts WHERE CAST(" +
                        std::string(name) + " AS REAL) > 1e18 AND length(" +
                        name + ") < 20") == "0");
      }
    }
    const auto values = [&] {
      auto all = sql.rows(
          "SELECT sql FROM sqlite_schema WHERE name = "
          "'contacts'");
      std::string columns;
      for (const auto& name :
           sql.rows("SELECT name FROM pragma_table_info('contacts') WHERE name "
                    "NOT IN ('_run_id', '_synced_at')")) {
        columns += (columns.empty() ? "quote(" : ", quote(") + name + ")";
      }
      const auto rows =
          sql.rows("SELECT " + columns + " FROM contacts ORDER BY id");
      const auto rejects = sql.rows(
          "SELECT record_key, raw FROM pipeline_rejects WHERE resolved_at IS "
          "NULL ORDER BY 1");
      all.insert(all.end(), rows.begin(), rows.end());
      all.insert(all.end(), rejects.begin(), rejects.end());
      return all;
    };
    const auto before = values();
    sync();
    const auto after = values();
    for (std::size_t i = 0; i < before.size(); ++i) {
      REQUIRE(i < after.size());
      REQUIRE(after[i] == before[i]);
    }
    CHECK(after.size() == before.size());
    CHECK(wrong_types(sql, "contacts") == Lines{});
  }
}

TEST_SUITE_END();

}  // namespace strandline::test
