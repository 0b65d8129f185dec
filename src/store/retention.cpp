// SPDX-License-Identifier: MIT
//
// How long what nobody needs any more is kept.
#include "store/store.hpp"

#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <string>
#include <vector>

#include "store/statement.hpp"
#include "store/store_impl.hpp"

namespace strandline::store {
namespace {

// What one run looks at, at most.
constexpr std::int64_t runs_a_list = 1000;
constexpr std::int64_t runs_in_all = 10'000;
constexpr std::int64_t rejects_in_all = 10'000;

// The next list that has a history behind `name`, by the index.
std::optional<std::string> next_list(SQLite::Database& database,
                                     const std::string& name) {
  SQLite::Statement query(database,
                          "SELECT min(pipeline_name) FROM pipeline_runs WHERE "
                          "pipeline_name > ?");
  query.bind(1, name);
  query.executeStep();
  return text(query, 0);
}

std::vector<std::int64_t> numbers(SQLite::Statement& query,
                                  std::int64_t& looked_at) {
  std::vector<std::int64_t> rows;
  while (query.executeStep()) {
    ++looked_at;
    if (query.getColumn(1).getInt() != 0) {
      rows.push_back(query.getColumn(0).getInt64());
    }
  }
  return rows;
}

// The oldest runs of a list, and whether they may go: `status` looks at the
// newest 30 that read the source, and at the newest good one.
std::vector<std::int64_t> old_runs(SQLite::Database& database,
                                   const std::string& name,
                                   const std::string& before,
                                   std::int64_t& looked_at) {
  SQLite::Statement query(database, R"sql(
    SELECT rowid, coalesce(finished_at, started_at) < ?2
      AND run_id IS NOT (
        SELECT run_id FROM pipeline_runs
        WHERE pipeline_name = ?1 AND outcome = 'ok'
          AND coalesce(mode, '') NOT IN ('rewind', 'reset', 'retry')
        ORDER BY run_id DESC LIMIT 1)
      AND run_id IS NOT (SELECT last_run_id FROM pipeline_checkpoints
                         WHERE pipeline_name = ?1)
    FROM pipeline_runs
    WHERE pipeline_name = ?1 AND run_id < (
      SELECT run_id FROM pipeline_runs
      WHERE pipeline_name = ?1
        AND coalesce(mode, '') NOT IN ('rewind', 'reset', 'retry')
      ORDER BY run_id DESC LIMIT 1 OFFSET 29)
    ORDER BY run_id LIMIT ?3)sql");
  query.bind(1, name);
  query.bind(2, before);
  query.bind(3, std::min(runs_a_list, runs_in_all - looked_at));
  return numbers(query, looked_at);
}

std::vector<std::int64_t> old_runs(SQLite::Database& database,
                                   const std::string& before) {
  std::vector<std::int64_t> rows;
  std::int64_t looked_at = 0;
  for (auto list = next_list(database, ""); list && looked_at < runs_in_all;
       list = next_list(database, *list)) {
    const auto some = old_runs(database, *list, before, looked_at);
    rows.insert(rows.end(), some.begin(), some.end());
  }
  return rows;
}

// There is no index: each run looks at another part of them.
std::vector<std::int64_t> old_rejects(SQLite::Database& database,
                                      const std::string& before) {
  SQLite::Statement query(database, R"sql(
    WITH size (parts) AS (
           SELECT coalesce(max(rowid), 0) / ?2 + 1 FROM pipeline_rejects),
         run (id) AS (
           SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM pipeline_meta
           WHERE key = 'last_run_id'),
         part (first) AS (SELECT id % parts * ?2 FROM size, run)
    SELECT rowid, resolved_at < ?1 FROM pipeline_rejects
    WHERE rowid >= (SELECT first FROM part)
      AND rowid < (SELECT first FROM part) + ?2)sql");
  query.bind(1, before);
  query.bind(2, rejects_in_all);
  std::int64_t looked_at = 0;
  return numbers(query, looked_at);
}

// No list is as late as that.
std::vector<std::int64_t> old_tombstones(SQLite::Database& database,
                                         const std::string& before) {
  SQLite::Statement query(
      database,
      "SELECT rowid, deleted_at < ?1 FROM pipeline_tombstones WHERE "
      "deleted_at < ?1 LIMIT ?2");
  query.bind(1, before);
  query.bind(2, rejects_in_all);
  std::int64_t looked_at = 0;
  return numbers(query, looked_at);
}

void remove(SQLite::Database& database, const std::string& table,
            const std::vector<std::int64_t>& rows) {
  SQLite::Statement statement(database,
                              "DELETE FROM " + table + " WHERE rowid = ?");
  for (const auto row : rows) {
    Use use(statement);
    use->bind(1, row);
    use->exec();
  }
}

}  // namespace

void Store::prune(std::chrono::seconds keep, model::Instant now) {
  guarded("delete what is old of the history", [&] {
    const auto before = stored_time(model::plus(now, -keep.count()));
    const auto runs = old_runs(*impl_->open(), before);
    const auto rejects = old_rejects(*impl_->open(), before);
    const auto tombstones = old_tombstones(*impl_->open(), before);
    if (runs.empty() && rejects.empty() && tombstones.empty()) {
      return;
    }
    impl_->transact([&](SQLite::Database& writable) {
      remove(writable, "pipeline_runs", runs);
      remove(writable, "pipeline_rejects", rejects);
      remove(writable, "pipeline_tombstones", tombstones);
      return true;
    });
  });
}

}  // namespace strandline::store
