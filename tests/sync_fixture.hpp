// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "record_server.hpp"
#include "strandline/sync.hpp"
#include "temp_dir.hpp"

namespace strandline::test {

/// What a query returns: a row is its values as text, NULL as "NULL".
using Rows = std::vector<std::vector<std::string>>;

inline Rows query(const std::filesystem::path& file, const std::string& sql) {
  SQLite::Database database(file.string(), SQLite::OPEN_READONLY);
  SQLite::Statement statement(database, sql);
  Rows rows;
  while (statement.executeStep()) {
    std::vector<std::string> row;
    for (int i = 0; i < statement.getColumnCount(); ++i) {
      const auto value = statement.getColumn(i);
      row.push_back(value.isNull() ? "NULL" : value.getString());
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The single value that a query returns.
inline std::string value(const std::filesystem::path& file,
                         const std::string& sql) {
  return query(file, sql).at(0).at(0);
}

inline void execute(const std::filesystem::path& file, const std::string& sql) {
  SQLite::Database database(file.string(), SQLite::OPEN_READWRITE, 5000);
  database.exec(sql);
}

/// Everything that a table holds, in key order, with the type of each value.
inline Rows contents(const std::filesystem::path& file,
                     const std::string& table) {
  std::string columns;
  for (const auto& column :
       query(file, "SELECT name FROM pragma_table_info('" + table + "')")) {
    columns += fmt::format("{}\"{}\", typeof(\"{}\")",
                           columns.empty() ? "" : ", ", column[0], column[0]);
  }
  return query(file,
               "SELECT " + columns + " FROM \"" + table + "\" ORDER BY 1");
}

/// A folder with a configuration and a database, and a source on loopback.
class SyncFixture {
 public:
  /// Writes a configuration with one source and `streams`, in which `@` stands
  /// for nothing else than itself.
  explicit SyncFixture(const std::string& streams) { configure(streams); }

  void configure(const std::string& streams, const std::string& source = "",
                 const std::string& top = "") {
    config_ = dir_.write("strandline.toml",
                         fmt::format("database = \"test.db\"\n{}"
                                     "[source.s]\nbase_url = \"{}\"\n{}\n{}",
                                     top, server.url(), source, streams));
  }

  SyncSummary sync(bool full = false) const {
    SyncOptions options;
    options.config = config_;
    options.full = full;
    options.attempts = 1;
    return run_sync(options);
  }

  std::filesystem::path database() const { return dir_.path() / "test.db"; }
  const std::filesystem::path& config() const { return config_; }
  const TempDir& dir() const { return dir_; }

  RecordServer server;

 private:
  TempDir dir_;
  std::filesystem::path config_;
};

/// A stream of the RecordServer's list by token, ascending.
inline const std::string items_stream = R"(
[stream.items]
get     = "/items"
query   = { since = "${from}", limit = 10 }
records = "data"
key     = "id"
cursor  = { field = "updated_at", order = "ascending" }
page    = { token = "meta/next", param = "after" }
)";

/// Record `id`, changed `id` seconds into 2024.
inline nlohmann::json item(int id, const std::string& name = "") {
  return {{"id", id},
          {"updated_at", fmt::format("2024-01-01T{:02}:{:02}:{:02}Z", id / 3600,
                                     id / 60 % 60, id % 60)},
          {"name", name.empty() ? "item " + std::to_string(id) : name}};
}

inline std::vector<nlohmann::json> items(int count) {
  std::vector<nlohmann::json> records;
  for (int id = 1; id <= count; ++id) {
    records.push_back(item(id));
  }
  return records;
}

}  // namespace strandline::test
