// SPDX-License-Identifier: MIT
#include "store/runs.hpp"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/VariadicBind.h>

namespace strandline::store {
namespace {

const char* to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::failed:
      return "failed";
    case Outcome::interrupted:
      break;
  }
  return "interrupted";
}

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
  Update& bind(const std::optional<std::string>& value) {
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
                 const std::optional<model::CursorValue>& mark,
                 const std::string& now) {
  Update(database_, R"sql(
    INSERT INTO pipeline_runs (run_id, pipeline_name, started_at, outcome,
                               mark_before, mark_after)
    VALUES (?1, ?2, ?3, 'running', ?4, ?4))sql")
      .bind(run_id)
      .bind(pipeline_name)
      .bind(now)
      .bind(stored(mark))
      .run();
}

void Runs::add(std::int64_t run_id, const std::string& pipeline_name,
               const Counts& counts,
               const std::optional<model::CursorValue>& mark) {
  Update(database_, R"sql(
    UPDATE pipeline_runs SET
      fetched = fetched + ?, inserted = inserted + ?, updated = updated + ?,
      unchanged = unchanged + ?, rejected = rejected + ?,
      requests = requests + ?, bytes = bytes + ?,
      cursor_missing = cursor_missing + ?, cursor_future = cursor_future + ?,
      cursor_outside = cursor_outside + ?, inversions = inversions + ?,
      mark_after = ?
    WHERE run_id = ? AND pipeline_name = ?)sql")
      .bind(counts.fetched)
      .bind(counts.inserted)
      .bind(counts.updated)
      .bind(counts.unchanged)
      .bind(counts.rejected)
      .bind(counts.requests)
      .bind(counts.bytes)
      .bind(counts.cursors.missing)
      .bind(counts.cursors.future)
      .bind(counts.cursors.outside)
      .bind(counts.cursors.inversions)
      .bind(stored(mark))
      .bind(run_id)
      .bind(pipeline_name)
      .run();
}

void Runs::finish(std::int64_t run_id, const std::string& pipeline_name,
                  const Ending& ending, const std::string& now) {
  const auto error =
      ending.error.empty() ? std::nullopt : std::optional(ending.error);
  Update(database_, R"sql(
    UPDATE pipeline_runs SET
      finished_at = ?, outcome = ?, exit_code = ?, error = ?, warnings = ?,
      requests = requests + ?, bytes = bytes + ?
    WHERE run_id = ? AND pipeline_name = ?)sql")
      .bind(now)
      .bind(to_text(ending.outcome))
      .bind(ending.exit_code)
      .bind(error)
      .bind(lines(ending.warnings))
      .bind(ending.uncommitted.requests)
      .bind(ending.uncommitted.bytes)
      .bind(run_id)
      .bind(pipeline_name)
      .run();
}

}  // namespace strandline::store
