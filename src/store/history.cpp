// SPDX-License-Identifier: MIT
#include "store/history.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>

#include "store/reading.hpp"
#include "store/statement.hpp"

namespace strandline::store {
namespace {

// The history does not say of which kind a mark was; no value is of both.
std::optional<model::CursorValue> mark(const SQLite::Statement& row,
                                       int column) {
  const auto written = text(row, column);
  if (!written) {
    return {};
  }
  const auto integer = model::parse_stored(*written, false);
  return integer ? integer : model::parse_stored(*written, true);
}

std::vector<std::string> lines(const std::string& joined) {
  std::vector<std::string> result;
  for (std::size_t begin = 0; begin < joined.size();) {
    const auto end = std::min(joined.find('\n', begin), joined.size());
    result.push_back(joined.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

Counts counts(const SQLite::Statement& row, int column) {
  Counts counts;
  for (auto* count :
       {&counts.fetched, &counts.inserted, &counts.updated, &counts.unchanged,
        &counts.stale, &counts.rejected, &counts.deleted, &counts.requests,
        &counts.retries, &counts.bytes, &counts.cursors.missing,
        &counts.cursors.future, &counts.cursors.outside,
        &counts.cursors.inversions}) {
    *count = row.getColumn(column++).getInt64();
  }
  if (!row.getColumn(column).isNull()) {
    counts.lateness_s = row.getColumn(column).getDouble();
  }
  return counts;
}

RunRecord record(const SQLite::Statement& row) {
  RunRecord record;
  record.run_id = row.getColumn(0).getInt64();
  record.pipeline_name = row.getColumn(1).getString();
  record.mode = text(row, 2).value_or("");
  record.outcome = row.getColumn(3).getString();
  record.started_at = instant(row, 4);
  record.finished_at = instant(row, 5);
  record.mark_before = mark(row, 6);
  record.mark_after = mark(row, 7);
  if (!row.getColumn(8).isNull()) {
    record.exit_code = row.getColumn(8).getInt();
  }
  record.error = text(row, 9).value_or("");
  record.warnings = lines(text(row, 10).value_or(""));
  record.counts = counts(row, 11);
  return record;
}

}  // namespace

std::vector<RunRecord> read_runs(
    const std::filesystem::path& file, std::size_t limit,
    const std::optional<std::string>& pipeline_name) {
  std::vector<RunRecord> records;
  read_file(file, [&](SQLite::Database& database) {
    SQLite::Statement query(database, R"sql(
      SELECT run_id, pipeline_name, mode, outcome, started_at, finished_at,
             mark_before, mark_after, exit_code, error, warnings,
             fetched, inserted, updated, unchanged, stale, rejected, deleted, requests,
             retries, bytes, cursor_missing, cursor_future, cursor_outside,
             inversions, lateness_s
      FROM pipeline_runs
      WHERE ?1 IS NULL OR pipeline_name = ?1
        OR substr(pipeline_name, 1, length(?1) + 1) IN (?1 || '@', ?1 || '[')
      ORDER BY run_id DESC, rowid DESC LIMIT ?2)sql");
    if (pipeline_name) {
      query.bind(1, *pipeline_name);
    }
    query.bind(2, static_cast<std::int64_t>(limit));
    while (query.executeStep()) {
      records.push_back(record(query));
    }
  });
  return records;
}

}  // namespace strandline::store
