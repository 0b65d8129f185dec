// SPDX-License-Identifier: MIT
#include "store/status.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "store/checkpoints.hpp"
#include "store/columns.hpp"
#include "store/reading.hpp"
#include "store/statement.hpp"

namespace strandline::store {
namespace {

// A rewind, reset or retry reads nothing of the source: it makes no stream
// fresh.
void read_history(SQLite::Database& database, const std::string& name,
                  const std::string& owner, StreamState& state) {
  SQLite::Statement last(database, R"sql(
    SELECT started_at, outcome, error FROM pipeline_runs
    WHERE pipeline_name = ?
      AND coalesce(mode, '') NOT IN ('rewind', 'reset', 'retry')
    ORDER BY run_id DESC LIMIT 1)sql");
  last.bind(1, name);
  if (last.executeStep()) {
    state.last_attempt = instant(last, 0);
    state.last_outcome = text(last, 1).value_or("");
    state.last_error = text(last, 2).value_or("");
  }
  SQLite::Statement good(database, R"sql(
    SELECT started_at FROM pipeline_runs
    WHERE pipeline_name = ? AND outcome = 'ok'
      AND coalesce(mode, '') NOT IN ('rewind', 'reset', 'retry')
    ORDER BY run_id DESC LIMIT 1)sql");
  good.bind(1, name);
  if (good.executeStep()) {
    state.last_success = instant(good, 0);
  }
  SQLite::Statement late(database, R"sql(
    SELECT max(lateness_s) FROM (
      SELECT lateness_s FROM pipeline_runs WHERE pipeline_name = ?
        AND coalesce(mode, '') NOT IN ('rewind', 'reset', 'retry')
      ORDER BY run_id DESC LIMIT 30))sql");
  late.bind(1, name);
  if (late.executeStep() && !late.getColumn(0).isNull()) {
    state.lateness_s = late.getColumn(0).getDouble();
  }
  SQLite::Statement rejects(database, R"sql(
    SELECT count(*) FROM pipeline_rejects
    WHERE pipeline_name = ? AND resolved_at IS NULL)sql");
  rejects.bind(1, owner);
  rejects.executeStep();
  state.open_rejects = rejects.getColumn(0).getInt64();
}

// Not a table or view that the user put in the place of ours.
bool has_table(SQLite::Database& database,
               const model::StreamDefinition& stream) {
  SQLite::Statement query(database, R"sql(
    SELECT count(*) FROM pipeline_meta, pragma_table_info(?1)
    WHERE key = 'table:' || ?1 AND value = ?2
      AND name IN ('_deleted_at', '_synced_at'))sql");
  query.bind(1, stream.name);
  query.bind(2, stream.owner());
  query.executeStep();
  return query.getColumn(0).getInt() == 2;
}

void read_table(SQLite::Database& database,
                const model::StreamDefinition& stream, StreamState& state) {
  if (!has_table(database, stream)) {
    return;
  }
  const auto* const column = model::element_column(stream);
  SQLite::Statement query(
      database,
      fmt::format(
          "SELECT count(*) - count(_deleted_at), max(_synced_at) FROM {}{}",
          identifier(stream.name),
          column == nullptr
              ? std::string()
              : fmt::format(" WHERE {} = ?", identifier(column->name))));
  if (column != nullptr) {
    query.bind(1, stream.element);
  }
  query.executeStep();
  state.rows = query.getColumn(0).getInt64();
  state.last_change = instant(query, 1);
}

StreamState read_state(SQLite::Database& database,
                       const model::StreamDefinition& stream) {
  StreamState state;
  const auto name = stream.pipeline_name();
  if (const auto checkpoint = load_checkpoint(database, name)) {
    state.mark = checkpoint->mark;
    state.window_open = checkpoint->window.has_value();
  }
  read_history(database, name, stream.owner(), state);
  read_table(database, stream, state);
  return state;
}

}  // namespace

std::vector<StreamState> read_states(
    const std::filesystem::path& file,
    const std::vector<model::StreamDefinition>& streams) {
  std::vector<StreamState> states(streams.size());
  read_file(file, [&](SQLite::Database& database) {
    for (std::size_t i = 0; i < streams.size(); ++i) {
      states[i] = read_state(database, streams[i]);
    }
  });
  return states;
}

std::optional<std::string> library_warning() {
  constexpr int fixed = 3'051'003;
  if (sqlite3_libversion_number() >= fixed) {
    return {};
  }
  return fmt::format(
      "SQLite {} can in rare cases lose committed pages of a write-ahead log "
      "when two programs write to one file at the same time (mended in "
      "3.51.3): "
      "let no other program write to the database during a sync",
      sqlite3_libversion());
}

}  // namespace strandline::store
