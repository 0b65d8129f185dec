// SPDX-License-Identifier: MIT
#include "store/checkpoints.hpp"

#include <fmt/format.h>

#include <variant>

#include "model/text.hpp"
#include "store/error.hpp"
#include "store/schema.hpp"
#include "store/statement.hpp"

namespace strandline::store {
namespace {

using model::CursorValue;
using model::WindowMode;

std::optional<std::string> stored(const std::optional<CursorValue>& value) {
  return value ? std::optional(model::to_stored(*value)) : std::nullopt;
}

std::optional<std::string> stored(const std::optional<model::Instant>& value) {
  return value ? std::optional(model::to_stored(*value)) : std::nullopt;
}

// The kind of the stream's cursor values: all are of one.
std::optional<std::string> cursor_kind(const model::Checkpoint& checkpoint) {
  std::optional<CursorValue> any = checkpoint.mark;
  const auto take = [&any](const std::optional<CursorValue>& value) {
    any = any ? any : value;
  };
  take(checkpoint.complete_maximum);
  if (checkpoint.window) {
    take(checkpoint.window->from);
    take(checkpoint.window->until);
    take(checkpoint.window->maximum);
    take(checkpoint.window->last);
  }
  if (!any) {
    return {};
  }
  return std::holds_alternative<model::Instant>(*any) ? "time" : "integer";
}

// Reads the columns of one row; a value that cannot be read was not written by
// us, and going on would mean to guess where the stream stands.
class Row {
 public:
  Row(SQLite::Statement& statement, const std::string& name)
      : row_(statement), name_(name) {}

  std::optional<std::string> text(int column) const {
    return store::text(row_, column);
  }
  std::int64_t integer(int column) const {
    return row_.getColumn(column).getInt64();
  }

  std::optional<CursorValue> cursor(int column, bool is_time) const {
    const auto written = text(column);
    if (!written) {
      return {};
    }
    const auto value = model::parse_stored(*written, is_time);
    if (!value) {
      throw StoreError(ExitCode::data,
                       "pipeline_checkpoints of " + name_ + ": '" +
                           model::printable(*written, 60) + "' in " +
                           row_.getColumn(column).getName() +
                           " cannot be read");
    }
    return value;
  }

  std::optional<model::Instant> instant(int column) const {
    const auto value = cursor(column, true);
    return value ? std::optional(std::get<model::Instant>(*value))
                 : std::nullopt;
  }

 private:
  SQLite::Statement& row_;
  const std::string& name_;
};

model::Window read_window(const Row& row, bool is_time) {
  model::Window window;
  window.number = row.integer(7);
  window.mode = model::parse_window_mode(row.text(8).value_or("snapshot"))
                    .value_or(WindowMode::snapshot);
  window.from = row.cursor(9, is_time);
  window.until = row.cursor(10, is_time);
  window.anchor = row.instant(11);
  window.maximum = row.cursor(12, is_time);
  window.last = row.cursor(13, is_time);
  window.ordered = row.integer(14) != 0;
  window.read = row.integer(15);
  window.restarts = row.integer(16);
  window.position = {row.text(17).value_or(""), row.text(18).value_or("")};
  window.state = row.text(20);
  if (row.text(22)) {
    window.total = row.integer(22);
  }
  return window;
}

std::string load_sql(int format) {
  return fmt::format(R"sql(
        SELECT last_processed_at, cursor_kind, generation, fingerprint,
               complete_number, complete_anchor, complete_maximum,
               window_number, window_mode, window_from, window_until,
               window_anchor, window_maximum, window_last, window_ordered,
               window_read, window_restarts, position, position_basis,
               state, window_state,
               complete_at IS NOT NULL AND complete_at IS full_at,
               window_total, {}
        FROM pipeline_checkpoints WHERE pipeline_name = ?)sql",
                     format < 2 ? "NULL, NULL" : "sweep_from, sweep_after");
}

std::optional<model::Checkpoint> read(SQLite::Statement& query,
                                      const std::string& pipeline_name) {
  Use use(query);
  use->bind(1, pipeline_name);
  if (!use->executeStep()) {
    return {};
  }
  const Row row(query, pipeline_name);
  const bool is_time = row.text(1) != "integer";
  model::Checkpoint checkpoint;
  checkpoint.mark = row.cursor(0, is_time);
  checkpoint.generation = row.integer(2);
  checkpoint.fingerprint = row.text(3).value_or("");
  checkpoint.complete_number = row.integer(4);
  checkpoint.complete_anchor = row.instant(5);
  checkpoint.complete_maximum = row.cursor(6, is_time);
  if (row.text(7)) {
    checkpoint.window = read_window(row, is_time);
  }
  checkpoint.state = row.text(19);
  checkpoint.complete_full = row.integer(21) != 0;
  if (row.text(23)) {
    checkpoint.sweep_from = row.integer(23);
  }
  if (row.text(24)) {
    checkpoint.sweep_after = row.integer(24);
  }
  return checkpoint;
}

constexpr const char* times_sql = R"sql(
        SELECT complete_at, full_at FROM pipeline_checkpoints
        WHERE pipeline_name = ?)sql";

CompleteTimes read_times(SQLite::Statement& query,
                         const std::string& pipeline_name) {
  Use use(query);
  use->bind(1, pipeline_name);
  CompleteTimes times;
  if (use->executeStep()) {
    const auto read = [&](int column) {
      const auto written = text(query, column);
      return written ? model::parse_rfc3339(*written) : std::nullopt;
    };
    times = {read(0), read(1)};
  }
  return times;
}

}  // namespace

std::optional<model::Checkpoint> load_checkpoint(
    SQLite::Database& database, const std::string& pipeline_name) {
  SQLite::Statement query(database, load_sql(format(database)));
  return read(query, pipeline_name);
}

CompleteTimes load_complete_times(SQLite::Database& database,
                                  const std::string& pipeline_name) {
  SQLite::Statement query(database, times_sql);
  return read_times(query, pipeline_name);
}

Checkpoints::Checkpoints(SQLite::Database& database)
    : load_(database, load_sql(newest_format())),
      insert_(database, R"sql(
        INSERT OR IGNORE INTO pipeline_checkpoints (pipeline_name, updated_at)
        VALUES (?, ?))sql"),
      take_(database, R"sql(
        UPDATE pipeline_checkpoints SET last_run_id = ?2
        WHERE pipeline_name = ?1)sql"),
      holder_(database, R"sql(
        SELECT last_run_id FROM pipeline_checkpoints
        WHERE pipeline_name = ? AND last_run_id IS NOT NULL)sql"),
      raise_(database, R"sql(
        UPDATE pipeline_checkpoints SET generation = generation + 1
        WHERE pipeline_name = ? RETURNING generation)sql"),
      times_(database, times_sql),
      anew_(database, R"sql(
        INSERT OR REPLACE INTO pipeline_checkpoints
          (pipeline_name, last_run_id, updated_at, generation)
        VALUES (?1, ?2, ?3, coalesce((SELECT generation + 1
          FROM pipeline_checkpoints WHERE pipeline_name = ?1), 0)))sql"),
      full_at_(database, R"sql(
        UPDATE pipeline_checkpoints SET full_at = ?2
        WHERE pipeline_name = ?1)sql"),
      end_sweep_(database, R"sql(
        UPDATE pipeline_checkpoints SET sweep_from = NULL, sweep_after = NULL
        WHERE pipeline_name = ?)sql"),
      save_(database, R"sql(
        UPDATE pipeline_checkpoints SET
          last_processed_at = ?4, cursor_kind = ?5, fingerprint = ?6,
          updated_at = ?7, complete_number = ?8, complete_anchor = ?9,
          complete_maximum = ?10,
          complete_at = iif(complete_number = ?8, complete_at, ?7),
          full_at = iif(complete_number < ?8 AND ?23, ?7, full_at),
          window_number = ?11, window_mode = ?12, window_from = ?13,
          window_until = ?14, window_anchor = ?15, window_maximum = ?16,
          window_last = ?17, window_ordered = ?18, window_read = ?19,
          window_restarts = ?20, position = ?21, position_basis = ?22,
          state = ?24, window_state = ?25, window_total = ?26,
          sweep_from = ?27, sweep_after = ?28
        WHERE pipeline_name = ?1 AND last_run_id = ?2
          AND generation = ?3)sql") {}

std::optional<model::Checkpoint> Checkpoints::load(
    const std::string& pipeline_name) {
  return read(load_, pipeline_name);
}

void Checkpoints::take(const std::string& pipeline_name, std::int64_t run_id,
                       const std::string& now) {
  {
    Use use(insert_);
    use->bind(1, pipeline_name);
    use->bind(2, now);
    use->exec();
  }
  Use use(take_);
  use->bind(1, pipeline_name);
  use->bind(2, run_id);
  use->exec();
}

std::optional<std::int64_t> Checkpoints::holder(
    const std::string& pipeline_name) {
  Use use(holder_);
  use->bind(1, pipeline_name);
  return use->executeStep() ? std::optional(use->getColumn(0).getInt64())
                            : std::nullopt;
}

std::int64_t Checkpoints::raise_generation(const std::string& pipeline_name) {
  Use use(raise_);
  use->bind(1, pipeline_name);
  use->executeStep();
  return use->getColumn(0).getInt64();
}

CompleteTimes Checkpoints::complete_times(const std::string& pipeline_name) {
  return read_times(times_, pipeline_name);
}

void Checkpoints::begin_anew(const std::string& pipeline_name,
                             std::int64_t run_id, const std::string& now) {
  Use use(anew_);
  use->bind(1, pipeline_name);
  use->bind(2, run_id);
  use->bind(3, now);
  use->exec();
}

void Checkpoints::set_full_at(const std::string& pipeline_name,
                              const std::string& time) {
  Use use(full_at_);
  use->bind(1, pipeline_name);
  use->bind(2, time);
  use->exec();
}

void Checkpoints::end_sweep(const std::string& pipeline_name) {
  Use use(end_sweep_);
  use->bind(1, pipeline_name);
  use->exec();
}

void Checkpoints::bind_window(const std::optional<model::Window>& window) {
  if (!window) {
    return;  // NULL throughout: bindings were cleared
  }
  const auto bind = [&](int index, const std::optional<std::string>& value) {
    if (value) {
      save_.bind(index, *value);
    }
  };
  save_.bind(11, window->number);
  save_.bind(12, model::to_text(window->mode));
  bind(13, stored(window->from));
  bind(14, stored(window->until));
  bind(15, stored(window->anchor));
  bind(16, stored(window->maximum));
  bind(17, stored(window->last));
  save_.bind(18, window->ordered ? 1 : 0);
  save_.bind(19, window->read);
  save_.bind(20, window->restarts);
  save_.bind(21, window->position.value);
  save_.bind(22, window->position.basis);
  bind(25, window->state);
  if (window->total) {
    save_.bind(26, *window->total);
  }
}

bool Checkpoints::save(const std::string& pipeline_name, std::int64_t run_id,
                       const model::Checkpoint& checkpoint,
                       const std::string& now) {
  Use use(save_);
  use->bind(1, pipeline_name);
  use->bind(2, run_id);
  use->bind(3, checkpoint.generation);
  use.bind(4, stored(checkpoint.mark));
  use.bind(5, cursor_kind(checkpoint));
  use->bind(6, checkpoint.fingerprint);
  use->bind(7, now);
  use->bind(8, checkpoint.complete_number);
  use.bind(9, stored(checkpoint.complete_anchor));
  use.bind(10, stored(checkpoint.complete_maximum));
  use->bind(23, checkpoint.complete_full ? 1 : 0);
  use.bind(24, checkpoint.state);
  if (checkpoint.sweep_from) {
    use->bind(27, *checkpoint.sweep_from);
  }
  if (checkpoint.sweep_after) {
    use->bind(28, *checkpoint.sweep_after);
  }
  bind_window(checkpoint.window);
  return use->exec() == 1;
}

}  // namespace strandline::store
