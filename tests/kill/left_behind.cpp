// SPDX-License-Identifier: MIT
#include "left_behind.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "changing_source.hpp"

namespace strandline::test {
namespace {

namespace fs = std::filesystem;

// The journals belong to it: what they hold is rolled back, or forward.
SQLite::Database open_copy(const fs::path& database, const fs::path& copy) {
  for (const char* suffix : {"", "-wal", "-journal", "-shm"}) {
    auto from = database;
    from += suffix;
    auto to = copy;
    to += suffix;
    fs::remove(to);
    if (fs::exists(from) && suffix != std::string("-shm")) {
      fs::copy_file(from, to);
    }
  }
  SQLite::Database opened(copy.string(),
                          SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  opened.exec("PRAGMA synchronous = OFF");
  return opened;
}

std::string text(const SQLite::Statement& row, int column) {
  const auto value = row.getColumn(column);
  return value.isNull() ? "" : value.getString();
}

void require_intact(SQLite::Database& database, bool thorough) {
  const auto said = database
                        .execAndGet(thorough ? "PRAGMA integrity_check"
                                             : "PRAGMA quick_check")
                        .getString();
  if (said != "ok") {
    throw Violation("the file is damaged: " + said);
  }
}

bool has_schema(SQLite::Database& database) {
  const auto tables = database
                          .execAndGet(
                              "SELECT count(*) FROM sqlite_schema "
                              "WHERE type = 'table' AND name LIKE "
                              "'pipeline\\_%' ESCAPE '\\'")
                          .getInt();
  if (tables == 0) {
    return false;
  }
  SQLite::Statement format(
      database, "SELECT value FROM pipeline_meta WHERE key = 'format'");
  if (tables != 7 || !format.executeStep()) {
    throw Violation(
        fmt::format("{} of seven tables are there, or no format", tables));
  }
  return true;
}

std::vector<int> read_rows(SQLite::Database& database,
                           const std::string& stream,
                           const ChangingSource& source) {
  if (!database.tableExists(stream)) {
    return {};
  }
  std::vector<int> revisions(static_cast<std::size_t>(source.size()));
  SQLite::Statement rows(
      database, fmt::format("SELECT id, revision, updated_at, name, "
                            "_deleted_at IS NULL FROM \"{}\" NOT INDEXED",
                            stream));
  while (rows.executeStep()) {
    const int id = rows.getColumn(0).getInt();
    const int revision = rows.getColumn(1).getInt();
    if (rows.getColumn(4).getInt() != 1 ||
        !source.had(id, revision, text(rows, 2), text(rows, 3))) {
      throw Violation(
          fmt::format("{}: the row of id {}, revision {}, {}, '{}' was never "
                      "in the source",
                      stream, id, revision, text(rows, 2), text(rows, 3)));
    }
    if (std::exchange(revisions[static_cast<std::size_t>(id - 1)], revision) !=
        0) {
      throw Violation(fmt::format("{}: two rows of id {}", stream, id));
    }
  }
  return revisions;
}

void read_checkpoint(SQLite::Database& database, const std::string& stream,
                     FoundStream& found) {
  SQLite::Statement row(database, R"sql(
    SELECT last_processed_at, generation, last_run_id, complete_number,
           complete_anchor, window_number, window_mode, window_from,
           window_anchor, window_maximum, window_read, position
    FROM pipeline_checkpoints WHERE pipeline_name = 's.' || ?)sql");
  row.bind(1, stream);
  found.known = row.executeStep();
  if (!found.known) {
    return;
  }
  found.mark = text(row, 0);
  found.generation = row.getColumn(1).getInt64();
  found.last_run_id = row.getColumn(2).getInt64();
  found.complete_number = row.getColumn(3).getInt64();
  found.complete_anchor = text(row, 4);
  if (!row.getColumn(5).isNull()) {
    found.window = {row.getColumn(5).getInt64(),
                    text(row, 6),
                    text(row, 7),
                    text(row, 8),
                    text(row, 9),
                    row.getColumn(10).getInt64(),
                    text(row, 11)};
  }
}

}  // namespace

LeftBehind read_left_behind(const fs::path& file, const fs::path& copy,
                            const ChangingSource& source, bool thorough) {
  auto database = open_copy(file, copy);
  require_intact(database, thorough);
  LeftBehind left;
  left.has_schema = has_schema(database);
  for (const auto& stream : ChangingSource::stream_names()) {
    auto& found = left.streams[stream];
    found.revisions = read_rows(database, stream, source);
    if (left.has_schema) {
      read_checkpoint(database, stream, found);
    }
  }
  if (left.has_schema) {
    left.last_run_id = database
                           .execAndGet(
                               "SELECT coalesce(max(CAST(value AS "
                               "INTEGER)), 0) FROM pipeline_meta "
                               "WHERE key = 'last_run_id'")
                           .getInt64();
    SQLite::Statement runs(database,
                           "SELECT run_id, pipeline_name, outcome FROM "
                           "pipeline_runs ORDER BY run_id DESC LIMIT 50");
    while (runs.executeStep()) {
      left.outcomes[{runs.getColumn(0).getInt64(), text(runs, 1)}] =
          text(runs, 2);
    }
  }
  return left;
}

std::string data_tables(const fs::path& file, const fs::path& copy) {
  auto database = open_copy(file, copy);
  std::string all;
  for (const auto& stream : ChangingSource::stream_names()) {
    if (!database.tableExists(stream)) {
      continue;
    }
    all += stream + "\n";
    SQLite::Statement rows(
        database, fmt::format("SELECT * FROM \"{}\" ORDER BY id", stream));
    while (rows.executeStep()) {
      for (int i = 0; i < rows.getColumnCount(); ++i) {
        all += text(rows, i) + "|";
      }
      all += "\n";
    }
  }
  return all;
}

}  // namespace strandline::test
