// SPDX-License-Identifier: MIT
//
// What a person does to where a stream stands: each in a run of its own.
#include "store/store.hpp"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "model/text.hpp"
#include "store/checkpoints.hpp"
#include "store/columns.hpp"
#include "store/runs.hpp"
#include "store/statement.hpp"
#include "store/store_impl.hpp"

namespace strandline::store {
namespace {

// The stream's own list and its others: `@backfill`, `[element]`.
constexpr const char* lists_of_stream =
    "(pipeline_name = ?1 OR substr(pipeline_name, 1, length(?1) + 1) IN "
    "(?1 || '@', ?1 || '['))";

void require_before(const model::CursorValue& to,
                    const std::optional<model::CursorValue>& mark,
                    const std::string& name) {
  const auto refuse = [&](const std::string& why, const char* advice) {
    throw StoreError(ExitCode::usage, "cannot rewind " + name + ": " + why,
                     {{"try", advice}});
  };
  if (!mark) {
    refuse("it has no mark yet", "strandline sync, which gives it one");
  }
  const auto at = model::to_display(*mark);
  if (to.index() != mark->index()) {
    refuse(fmt::format("its mark {} is {}, and {} is not", at,
                       mark->index() == 0 ? "a time" : "an integer",
                       model::to_display(to)),
           "a mark of the same kind");
  }
  if (*mark <= to) {
    refuse(
        fmt::format("its mark {} is not after {}", at, model::to_display(to)),
        "an earlier mark: moving it forward would skip records");
  }
}

// A run of `mode` that does what it does in the transaction at hand.
std::int64_t enter_run(SQLite::Database& database, const std::string& name,
                       const std::string& mode, const std::string& now) {
  Runs runs(database);
  const auto run_id = runs.begin(now);
  runs.enter(run_id, name, mode, now);
  runs.finish(run_id, name, {}, now);
  return run_id;
}

std::int64_t remove(SQLite::Database& database, const std::string& table,
                    const std::string& name) {
  SQLite::Statement statement(
      database, "DELETE FROM " + table + " WHERE " + lists_of_stream);
  statement.bind(1, name);
  return statement.exec();
}

void forget_checkpoints(SQLite::Database& database, const std::string& name,
                        std::int64_t run_id, const std::string& now) {
  SQLite::Statement statement(database, std::string(R"sql(
    UPDATE pipeline_checkpoints SET
      generation = generation + 1, last_run_id = ?2, updated_at = ?3,
      last_processed_at = NULL, cursor_kind = NULL, fingerprint = NULL,
      state = NULL, window_number = NULL, window_mode = NULL,
      window_from = NULL, window_until = NULL, window_anchor = NULL,
      window_maximum = NULL, window_last = NULL, window_ordered = NULL,
      window_read = NULL, window_total = NULL, window_restarts = NULL,
      position = NULL, position_basis = NULL, window_state = NULL,
      complete_anchor = NULL, complete_maximum = NULL, complete_at = NULL,
      full_at = NULL, sweep_from = NULL, sweep_after = NULL
    WHERE )sql") + lists_of_stream);
  statement.bind(1, name);
  statement.bind(2, run_id);
  statement.bind(3, now);
  statement.exec();
}

// The mark alone: what else a checkpoint holds may be what is to be forgotten
// because it cannot be read.
std::optional<model::CursorValue> read_mark(SQLite::Database& database,
                                            const std::string& name) {
  SQLite::Statement query(database, R"sql(
    SELECT last_processed_at, cursor_kind IS NOT 'integer'
    FROM pipeline_checkpoints WHERE pipeline_name = ?)sql");
  query.bind(1, name);
  const auto written = query.executeStep() ? text(query, 0) : std::nullopt;
  return written ? model::parse_stored(*written, query.getColumn(1).getInt())
                 : std::nullopt;
}

// "table" if it is the stream's, "lost" if it was dropped, else what it is.
std::string table_state(SQLite::Database& database,
                        const model::StreamDefinition& stream) {
  SQLite::Statement query(database, R"sql(
    SELECT (SELECT value FROM pipeline_meta WHERE key = 'table:' || ?1) IS ?2,
           (SELECT type FROM sqlite_schema
            WHERE name = ?1 COLLATE NOCASE AND type <> 'trigger'))sql");
  query.bind(1, stream.name);
  query.bind(2, stream.owner());
  query.executeStep();
  const bool registered = query.getColumn(0).getInt() != 0;
  const auto type = text(query, 1);
  return !type                            ? registered ? "lost" : "none"
         : registered && *type == "table" ? "table"
                                          : "other";
}

// How far back rows were ever asked for.
void forget_begin(SQLite::Database& database, const std::string& name) {
  SQLite::Statement statement(database,
                              "DELETE FROM pipeline_meta WHERE key = ?");
  statement.bind(1, "from:" + name);
  statement.exec();
}

std::int64_t delete_rows(SQLite::Database& database,
                         const model::StreamDefinition& stream) {
  const auto state = table_state(database, stream);
  if (state == "other") {
    throw StoreError(
        ExitCode::configuration,
        fmt::format("the table '{}' is not that of {}: its rows are not "
                    "deleted",
                    stream.name, stream.pipeline_name()),
        {{"try", "reset without the rows"}});
  }
  if (state != "table") {
    return 0;
  }
  const auto* const column = model::element_column(stream);
  SQLite::Statement statement(
      database,
      fmt::format("DELETE FROM {}{}", identifier(stream.name),
                  column == nullptr ? std::string()
                                    : fmt::format(" WHERE {} = ?",
                                                  identifier(column->name))));
  if (column != nullptr) {
    statement.bind(1, stream.element);
  }
  return statement.exec();
}

// The entries of its columns go when the next table is made.
void forget_lost_table(SQLite::Database& database,
                       const model::StreamDefinition& stream) {
  if (table_state(database, stream) != "lost") {
    return;
  }
  SQLite::Statement statement(
      database, "DELETE FROM pipeline_meta WHERE key = 'table:' || ?");
  statement.bind(1, stream.name);
  statement.exec();
}

std::string newest_runs(SQLite::Database& database, const std::string& name) {
  SQLite::Statement query(database, R"sql(
    SELECT run_id, started_at FROM pipeline_runs WHERE pipeline_name = ?
    ORDER BY run_id DESC LIMIT 5)sql");
  query.bind(1, name);
  std::string runs;
  while (query.executeStep()) {
    runs += fmt::format("{}{} ({})", runs.empty() ? "" : ", ",
                        query.getColumn(0).getInt64(),
                        query.getColumn(1).getString());
  }
  return runs.empty() ? "none" : runs;
}

}  // namespace

Rewound Store::plan_rewind(const model::StreamDefinition& stream,
                           const model::CursorValue& to) {
  const auto name = stream.pipeline_name();
  return guarded("read the checkpoint of " + name, [&] {
    const auto database = impl_->open();
    const auto checkpoint =
        Checkpoints(*database).load(name).value_or(model::Checkpoint{});
    require_before(to, checkpoint.mark, name);
    return Rewound{*checkpoint.mark, to, checkpoint.window.has_value()};
  });
}

Rewound Store::rewind(const model::StreamDefinition& stream,
                      const model::CursorValue& to, model::Instant now) {
  const auto name = stream.pipeline_name();
  return guarded("rewind " + name, [&] {
    return impl_->transact([&](SQLite::Database& database) {
      Checkpoints checkpoints(database);
      auto checkpoint = checkpoints.load(name).value_or(model::Checkpoint{});
      require_before(to, checkpoint.mark, name);
      const Rewound rewound{*checkpoint.mark, to,
                            checkpoint.window.has_value()};
      const auto time = stored_time(now);
      const auto run_id = enter_run(database, name, "rewind", time);
      checkpoints.take(name, run_id, time);
      checkpoint.generation = checkpoints.raise_generation(name);
      checkpoint.mark = to;
      checkpoint.window.reset();
      checkpoint.drop_sweep();
      checkpoint.complete_anchor.reset();
      checkpoint.complete_maximum.reset();
      checkpoints.save(name, run_id, checkpoint, time);
      Runs(database).set_mark(run_id, name, to);
      return rewound;
    });
  });
}

std::optional<model::CursorValue> Store::mark_after_run(
    const model::StreamDefinition& stream, std::int64_t run_id) {
  const auto name = stream.pipeline_name();
  return guarded("read the history of " + name, [&] {
    const auto database = impl_->open();
    SQLite::Statement query(*database, R"sql(
      SELECT mark_after FROM pipeline_runs
      WHERE pipeline_name = ? AND run_id = ?)sql");
    query.bind(1, name);
    query.bind(2, run_id);
    if (!query.executeStep()) {
      throw StoreError(ExitCode::usage,
                       fmt::format("{} has no run {}", name, run_id),
                       {{"runs", newest_runs(*database, name)},
                        {"try", "one of these, or the mark itself"}});
    }
    const auto written = text(query, 0);
    const bool is_time =
        !stream.cursor || model::is_time(stream.cursor->format);
    const auto mark =
        written ? model::parse_stored(*written, is_time) : std::nullopt;
    if (written && !mark) {
      throw StoreError(
          ExitCode::data,
          fmt::format("the mark '{}' after run {} of {} is not one of its "
                      "cursor",
                      model::printable(*written, 60), run_id, name),
          {{"try", "another run, or the mark itself"}});
    }
    return mark;
  });
}

Forgotten Store::reset(const model::StreamDefinition& stream, bool rows,
                       model::Instant now) {
  const auto name = stream.pipeline_name();
  return guarded("reset " + name, [&] {
    return impl_->transact([&](SQLite::Database& database) {
      Forgotten forgotten;
      const auto time = stored_time(now);
      forgotten.mark = read_mark(database, name);
      const auto run_id = enter_run(database, name, "reset", time);
      Runs(database).set_mark(run_id, name, {});
      forget_checkpoints(database, name, run_id, time);
      remove(database, "pipeline_seen", name);
      remove(database, "pipeline_pending", name);
      remove(database, "pipeline_tombstones", name);
      forget_lost_table(database, stream);
      if (rows) {
        forgotten.rows = delete_rows(database, stream);
        forget_begin(database, name);
        forgotten.rejects =
            remove(database, "pipeline_rejects", stream.owner());
      }
      return forgotten;
    });
  });
}

}  // namespace strandline::store
