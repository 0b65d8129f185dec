// SPDX-License-Identifier: MIT
#include "store/runs.hpp"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/VariadicBind.h>

#include <variant>

namespace strandline::store {

const char* to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::failed:
      return "failed";
    case Outcome::interrupted:
      return "interrupted";
    case Outcome::stuck:
      break;
  }
  return "stuck";
}

namespace {

// A statement for a batch costs nothing beside the batch; preparing it each
// time leaves nothing to drop after a rollback.
class Update {
 public:
  Update(SQLite::Database& database, const char* sql)
      : statement_(database, sql) {}

  template <typename Value>
  Update& bind(const Value& value) {
    statement_.bind(next_++, value);
    return *this;
  }
  template <typename Value>
  Update& bind(const std::optional<Value>& value) {
    if (value) {
      return bind(*value);
    }
    statement_.bind(next_++);
    return *this;
  }
  void run() { statement_.exec(); }

 private:
  SQLite::Statement statement_;
  int next_ = 1;
};

std::optional<std::string> stored(
    const std::optional<model::CursorValue>& value) {
  return value ? std::optional(model::to_stored(*value)) : std::nullopt;
}

std::optional<std::string> lines(const std::vector<std::string>& texts) {
  std::optional<std::string> joined;
  for (const auto& text : texts) {
    joined = joined ? *joined + "\n" + text : text;
  }
  return joined;
}

}  // namespace

std::int64_t Runs::begin(const std::string& now) {
  Update(database_, R"sql(
    UPDATE pipeline_runs SET outcome = 'killed', finished_at = ?
    WHERE outcome = 'running')sql")
      .bind(now)
      .run();
  SQLite::Statement next(database_, R"sql(
    INSERT INTO pipeline_meta VALUES ('last_run_id', '1')
    ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1
    RETURNING CAST(value AS INTEGER))sql");
  next.executeStep();
  return next.getColumn(0).getInt64();
}

void Runs::enter(std::int64_t run_id, const std::string& pipeline_name,
                 const std::string& mode, const std::string& now) {
  Update(database_, R"sql(
    INSERT INTO pipeline_runs (run_id, pipeline_name, started_at, outcome, mode,
                               mark_before, mark_after)
    SELECT ?1, ?2, ?3, 'running', nullif(?4, ''), mark, mark
    FROM (SELECT (SELECT last_processed_at FROM pipeline_checkpoints
                  WHERE pipeline_name = ?2) AS mark)
    WHERE true ON CONFLICT DO NOTHING)sql")
      .bind(run_id)
      .bind(pipeline_name)
      .bind(now)
      .bind(mode)
      .run();
}

void Runs::add(std::int64_t run_id, const std::string& pipeline_name,
               const Counts& counts,
               const std::optional<model::CursorValue>& mark) {
  Update(database_, R"sql(
    UPDATE pipeline_runs SET
      fetched = fetched + ?, inserted = inserted + ?, updated = updated + ?,
      unchanged = unchanged + ?, stale = stale + ?, rejected = rejected + ?,
      deleted = deleted + ?, requests = requests + ?, retries = retries + ?, bytes = bytes + ?,
      cursor_missing = cursor_missing + ?, cursor_future = cursor_future + ?,
      cursor_outside = cursor_outside + ?, inversions = inversions + ?,
      mark_after = ?,
      lateness_s = max(coalesce(lateness_s, ?16), coalesce(?16, lateness_s))
    WHERE run_id = ? AND pipeline_name = ?)sql")
      .bind(counts.fetched)
      .bind(counts.inserted)
      .bind(counts.updated)
      .bind(counts.unchanged)
      .bind(counts.stale)
      .bind(counts.rejected)
      .bind(counts.deleted)
      .bind(counts.requests)
      .bind(counts.retries)
      .bind(counts.bytes)
      .bind(counts.cursors.missing)
      .bind(counts.cursors.future)
      .bind(counts.cursors.outside)
      .bind(counts.cursors.inversions)
      .bind(stored(mark))
      .bind(counts.lateness_s)
      .bind(run_id)
      .bind(pipeline_name)
      .run();
}

void Runs::set_mark(std::int64_t run_id, const std::string& pipeline_name,
                    const std::optional<model::CursorValue>& mark) {
  Update(database_, R"sql(
    UPDATE pipeline_runs SET mark_after = ?
    WHERE run_id = ? AND pipeline_name = ?)sql")
      .bind(stored(mark))
      .bind(run_id)
      .bind(pipeline_name)
      .run();
}

void Runs::enter_failing(std::int64_t run_id, const std::string& pipeline_name,
                         const std::string& now) {
  Update(database_, R"sql(
    UPDATE pipeline_runs SET finished_at = ?
    WHERE run_id = ? AND pipeline_name = ?)sql")
      .bind(now)
      .bind(run_id)
      .bind(pipeline_name)
      .run();
}

std::optional<model::CursorValue> Runs::mark_in_history(
    const std::string& pipeline_name, const model::CursorValue& limit) {
  SQLite::Statement query(database_, R"sql(
    SELECT mark_after FROM pipeline_runs
    WHERE pipeline_name = ? ORDER BY run_id DESC)sql");
  query.bind(1, pipeline_name);
  const bool is_time = std::holds_alternative<model::Instant>(limit);
  while (query.executeStep()) {
    // Not every run has left one, and one of another kind was made by another
    // definition.
    const auto mark =
        model::parse_stored(query.getColumn(0).getString(), is_time);
    if (mark && *mark <= limit) {
      return mark;
    }
  }
  return {};
}

void Runs::finish(std::int64_t run_id, const std::string& pipeline_name,
                  const Ending& ending, const std::string& now) {
  const auto error =
      ending.error.empty() ? std::nullopt : std::optional(ending.error);
  Update(database_, R"sql(
    UPDATE pipeline_runs SET
      finished_at = ?, outcome = ?, exit_code = ?, error = ?, warnings = ?,
      requests = requests + ?, retries = retries + ?, bytes = bytes + ?
    WHERE run_id = ? AND pipeline_name = ?)sql")
      .bind(now)
      .bind(to_text(ending.outcome))
      .bind(ending.exit_code)
      .bind(error)
      .bind(lines(ending.warnings))
      .bind(ending.uncommitted.requests)
      .bind(ending.uncommitted.retries)
      .bind(ending.uncommitted.bytes)
      .bind(run_id)
      .bind(pipeline_name)
      .run();
}

}  // namespace strandline::store
