// SPDX-License-Identifier: MIT
#include "database_view.hpp"

#include "model/cursor.hpp"

namespace strandline::simulator {
namespace {

std::optional<std::int64_t> read_mark(const std::string& text, bool is_time) {
  const auto value = model::parse_stored(text, is_time);
  if (!value) {
    throw std::runtime_error("the mark '" + text + "' cannot be read");
  }
  if (const auto* integer = std::get_if<std::int64_t>(&*value)) {
    return *integer;
  }
  const auto& instant = std::get<model::Instant>(*value);
  return instant.seconds * 1000 + instant.nanoseconds / 1'000'000;
}

}  // namespace

DatabaseView::DatabaseView(const std::filesystem::path& file)
    : database_(file.string(), SQLite::OPEN_READONLY, 1000) {}

bool DatabaseView::has_table(const char* name) {
  SQLite::Statement query(database_,
                          "SELECT 1 FROM sqlite_schema WHERE name = ?");
  query.bind(1, name);
  return query.executeStep();
}

std::optional<CheckpointRow> DatabaseView::checkpoint(const char* list) {
  if (!checkpoint_) {
    if (!has_table("pipeline_checkpoints")) {
      return {};
    }
    checkpoint_.emplace(database_, R"sql(
      SELECT last_processed_at, cursor_kind, coalesce(last_run_id, 0),
             generation, complete_number, window_number, rest,
             window_mode IS 'full', coalesce(state, ''),
             sweep_after IS NOT NULL FROM (
        SELECT *, coalesce(complete_anchor, '') || '|' ||
          coalesce(complete_maximum, '') || '|' ||
          coalesce(window_number, '') || '|' || coalesce(window_mode, '') ||
          '|' || coalesce(window_from, '') || '|' ||
          coalesce(window_until, '') || '|' || coalesce(window_anchor, '') ||
          '|' || coalesce(window_maximum, '') || '|' ||
          coalesce(window_last, '') || '|' || coalesce(window_read, '') ||
          '|' || coalesce(window_restarts, '') || '|' ||
          coalesce(position, '') || '|' || coalesce(window_state, '') || '|' ||
          coalesce(sweep_from, '') || '|' || coalesce(sweep_after, '') AS rest
        FROM pipeline_checkpoints WHERE pipeline_name = ?))sql");
  }
  auto& query = *checkpoint_;
  query.reset();
  query.bindNoCopy(1, list);
  if (!query.executeStep()) {
    return CheckpointRow{};
  }
  CheckpointRow row;
  if (!query.getColumn(0).isNull()) {
    row.mark = read_mark(query.getColumn(0).getString(),
                         query.getColumn(1).getString() != "integer");
  }
  row.last_run_id = query.getColumn(2).getInt64();
  row.generation = query.getColumn(3).getInt64();
  row.complete_number = query.getColumn(4).getInt64();
  row.open = !query.getColumn(5).isNull();
  row.window_number = row.open ? query.getColumn(5).getInt64() : 0;
  row.rest = query.getColumn(6).getString();
  row.full = query.getColumn(7).getInt() != 0;
  row.sweep_waits = query.getColumn(9).getInt() != 0;
  row.token = query.getColumn(8).getString();
  query.reset();
  return row;
}

std::optional<RunRow> DatabaseView::run(std::int64_t run_id, const char* list) {
  if (!run_) {
    run_.emplace(database_, R"sql(
      SELECT fetched, inserted, updated, unchanged, stale FROM pipeline_runs
      WHERE run_id = ? AND pipeline_name = ?)sql");
  }
  auto& query = *run_;
  query.reset();
  query.bind(1, run_id);
  query.bindNoCopy(2, list);
  if (!query.executeStep()) {
    return {};
  }
  const RunRow row{query.getColumn(0).getInt64(), query.getColumn(1).getInt64(),
                   query.getColumn(2).getInt64(), query.getColumn(3).getInt64(),
                   query.getColumn(4).getInt64()};
  query.reset();
  return row;
}

std::int64_t DatabaseView::newest_run(const char* mode) {
  SQLite::Statement query(database_, R"sql(
    SELECT coalesce(max(run_id), 0) FROM pipeline_runs
    WHERE pipeline_name = 's.items' AND mode = ?)sql");
  query.bindNoCopy(1, mode);
  query.executeStep();
  return query.getColumn(0).getInt64();
}

Rows DatabaseView::rows() {
  Rows found;
  if (!rows_) {
    if (!has_table("items")) {
      return found;
    }
    rows_.emplace(database_,
                  "SELECT id, v, _run_id, _deleted_at IS NOT NULL FROM items");
  }
  auto& query = *rows_;
  query.reset();
  while (query.executeStep()) {
    found[query.getColumn(0).getInt()] = {query.getColumn(1).getInt64(),
                                          query.getColumn(2).getInt64(),
                                          query.getColumn(3).getInt() != 0};
  }
  query.reset();
  return found;
}

std::string DatabaseView::dump() {
  std::string text;
  if (!has_table("items")) {
    return text;
  }
  SQLite::Statement query(
      database_, "SELECT * FROM items WHERE _deleted_at IS NULL ORDER BY id");
  while (query.executeStep()) {
    for (int i = 0; i < query.getColumnCount(); ++i) {
      text +=
          query.getColumn(i).isNull() ? "NULL" : query.getColumn(i).getString();
      text += i + 1 == query.getColumnCount() ? '\n' : '|';
    }
  }
  return text;
}

std::string DatabaseView::check() {
  return database_.execAndGet("PRAGMA integrity_check").getString();
}

}  // namespace strandline::simulator
