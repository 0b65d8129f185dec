// SPDX-License-Identifier: MIT
//
// What anybody sees who reads the database: another connection, which writes
// nothing.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "scenario.hpp"

namespace strandline::simulator {

/// A row of the stream's table.
struct Row {
  std::int64_t version = 0;  ///< by number
  std::int64_t run_id = 0;
  bool deleted = false;  ///< it is marked

  friend bool operator==(const Row&, const Row&) = default;
};

using Rows = std::map<int, Row>;

/// A list of the stream: a row of pipeline_checkpoints.
inline constexpr const char* own_list = "s.items";
inline constexpr const char* backfill_list = "s.items@backfill";

struct CheckpointRow {
  std::optional<std::int64_t> mark;  ///< milliseconds, or the integer
  std::int64_t last_run_id = 0;
  std::int64_t generation = 0;
  std::int64_t complete_number = 0;
  bool open = false;               ///< a window is open
  std::int64_t window_number = 0;  ///< of that
  bool full = false;               ///< it is a full one
  bool sweep_waits = false;        ///< for a window after a whole reading
  std::string token;               ///< of the last complete window; empty: none
  std::string rest;                ///< everything else that a batch may change

  friend bool operator==(const CheckpointRow&, const CheckpointRow&) = default;
};

/// The stream's row of pipeline_runs for one run.
struct RunRow {
  std::int64_t fetched = 0;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;
  std::int64_t stale = 0;
};

class DatabaseView {
 public:
  explicit DatabaseView(const std::filesystem::path& file);

  /// Nothing before the program has made its tables.
  std::optional<CheckpointRow> checkpoint(const char* list = own_list);
  std::optional<RunRow> run(std::int64_t run_id, const char* list);
  /// The newest run of the stream's own list with a mode; 0: none.
  std::int64_t newest_run(const char* mode);
  Rows rows();

  /// Every value of the stream's table as text, of rows that are not marked.
  std::string dump();

  /// "ok", or what is wrong with the file.
  std::string check();

 private:
  bool has_table(const char* name);

  SQLite::Database database_;
  std::optional<SQLite::Statement> checkpoint_;
  std::optional<SQLite::Statement> run_;
  std::optional<SQLite::Statement> rows_;
};

}  // namespace strandline::simulator
