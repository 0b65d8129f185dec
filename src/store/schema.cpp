// SPDX-License-Identifier: MIT
#include "store/schema.hpp"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <charconv>
#include <string>

#include "store/error.hpp"
#include "store/meta.hpp"

namespace strandline::store {
namespace {

// doc/database.md says what each column means. A migration, once released, is
// never changed: what comes later is another one.
constexpr const char* format_1 = R"sql(
CREATE TABLE pipeline_meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE pipeline_checkpoints (
  pipeline_name TEXT NOT NULL PRIMARY KEY,
  last_processed_at TEXT,
  cursor_kind TEXT CHECK (cursor_kind IN ('time', 'integer')),
  last_run_id INTEGER,
  updated_at TEXT NOT NULL,
  generation INTEGER NOT NULL DEFAULT 0,
  fingerprint TEXT,
  state TEXT,
  window_number INTEGER,
  window_mode TEXT CHECK (window_mode IN (
    'incremental', 'full', 'snapshot', 'backfill')),
  window_from TEXT,
  window_until TEXT,
  window_anchor TEXT,
  window_maximum TEXT,
  window_last TEXT,
  window_ordered INTEGER,
  window_read INTEGER,
  window_total INTEGER,
  window_restarts INTEGER,
  position TEXT,
  position_basis TEXT,
  window_state TEXT,
  complete_number INTEGER NOT NULL DEFAULT 0,
  complete_anchor TEXT,
  complete_maximum TEXT,
  complete_at TEXT,
  full_at TEXT
) STRICT;

CREATE TABLE pipeline_runs (
  run_id INTEGER NOT NULL,
  pipeline_name TEXT NOT NULL,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  outcome TEXT NOT NULL CHECK (outcome IN (
    'running', 'ok', 'failed', 'interrupted', 'stuck', 'killed')),
  mode TEXT,
  exit_code INTEGER,
  error TEXT,
  warnings TEXT,
  fetched INTEGER NOT NULL DEFAULT 0,
  inserted INTEGER NOT NULL DEFAULT 0,
  updated INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  stale INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  deleted INTEGER NOT NULL DEFAULT 0,
  requests INTEGER NOT NULL DEFAULT 0,
  retries INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  cursor_missing INTEGER NOT NULL DEFAULT 0,
  cursor_future INTEGER NOT NULL DEFAULT 0,
  cursor_outside INTEGER NOT NULL DEFAULT 0,
  inversions INTEGER NOT NULL DEFAULT 0,
  mark_before TEXT,
  mark_after TEXT,
  lateness_s REAL,
  PRIMARY KEY (run_id, pipeline_name)
) STRICT;

CREATE INDEX pipeline_runs_by_name ON pipeline_runs (pipeline_name, run_id);

CREATE TABLE pipeline_rejects (
  pipeline_name TEXT NOT NULL,
  record_key TEXT NOT NULL,
  reason TEXT NOT NULL,
  raw TEXT NOT NULL,
  first_run_id INTEGER NOT NULL,
  last_run_id INTEGER NOT NULL,
  first_seen_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL,
  resolved_at TEXT,
  PRIMARY KEY (pipeline_name, record_key)
) STRICT;

CREATE TABLE pipeline_seen (
  pipeline_name TEXT NOT NULL,
  record_key TEXT NOT NULL,
  window_number INTEGER NOT NULL,
  missing INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (pipeline_name, record_key)
) STRICT;

CREATE TABLE pipeline_pending (
  pipeline_name TEXT NOT NULL,
  parent_key TEXT NOT NULL,
  parent_values TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  position TEXT,
  position_basis TEXT,
  run_id INTEGER NOT NULL,
  added_at TEXT NOT NULL,
  PRIMARY KEY (pipeline_name, parent_key)
) STRICT;
)sql";

constexpr const char* format_2 = R"sql(
ALTER TABLE pipeline_checkpoints ADD COLUMN sweep_from INTEGER;
ALTER TABLE pipeline_checkpoints ADD COLUMN sweep_after INTEGER;
ALTER TABLE pipeline_rejects ADD COLUMN list TEXT NOT NULL DEFAULT '';

CREATE TABLE pipeline_tombstones (
  pipeline_name TEXT NOT NULL,
  record_key TEXT NOT NULL,
  deleted_at TEXT NOT NULL,
  run_id INTEGER NOT NULL,
  PRIMARY KEY (pipeline_name, record_key)
) STRICT;
)sql";

constexpr std::array<const char*, 2> migrations = {format_1, format_2};

constexpr const char* made_file = "made_file";

// Not what another program has only begun to make, which may have set these.
bool is_blank(SQLite::Database& database) {
  for (const char* number : {"SELECT count(*) FROM sqlite_schema",
                             "PRAGMA user_version", "PRAGMA application_id"}) {
    if (database.execAndGet(number).getInt() != 0) {
      return false;
    }
  }
  return true;
}

std::string written_format(SQLite::Database& database) {
  try {
    SQLite::Statement query(
        database, "SELECT value FROM pipeline_meta WHERE key = 'format'");
    return query.executeStep() ? query.getColumn(0).getString() : "";
  } catch (const SQLite::Exception& error) {
    if (error.getErrorCode() == SQLITE_ERROR) {
      return {};  // it has other columns
    }
    throw;
  }
}

}  // namespace

int newest_format() {
  return static_cast<int>(migrations.size());
}

int format(SQLite::Database& database) {
  if (!database.tableExists("pipeline_meta")) {
    return 0;
  }
  const auto text = written_format(database);
  int number = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number < 1) {
    throw StoreError(
        ExitCode::data,
        fmt::format("{} has a table 'pipeline_meta' that Strandline did not "
                    "make",
                    database.getFilename()),
        {{"try", "rename it, or name another database"}});
  }
  return number;
}

void migrate(SQLite::Database& database) {
  SQLite::Transaction transaction(database,
                                  SQLite::TransactionBehavior::IMMEDIATE);
  const int found = format(database);
  if (found > newest_format()) {
    throw StoreError(
        ExitCode::data,
        fmt::format("{} was written by a newer version: its format is {}, this "
                    "program knows {}",
                    database.getFilename(), found, newest_format()),
        {{"try", "install the newer version again; the file was not changed"}});
  }
  const bool fresh = is_blank(database);
  for (int number = found + 1; number <= newest_format(); ++number) {
    database.exec(migrations.at(static_cast<std::size_t>(number - 1)));
    set_meta(database, "format", std::to_string(number));
  }
  if (fresh) {
    set_meta(database, made_file, "strandline");
  }
  transaction.commit();
}

bool made_by_us(SQLite::Database& database) {
  SQLite::Statement query(database,
                          "SELECT 1 FROM pipeline_meta WHERE key = ?");
  query.bind(1, made_file);
  return query.executeStep();
}

}  // namespace strandline::store
