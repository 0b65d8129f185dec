// SPDX-License-Identifier: MIT
#include "store/rejects.hpp"

#include <utility>

#include "model/digest.hpp"
#include "store/statement.hpp"

namespace strandline::store {
namespace {

std::int64_t count_open(SQLite::Database& database, const std::string& name) {
  SQLite::Statement query(database, R"sql(
    SELECT count(*) FROM pipeline_rejects
    WHERE pipeline_name = ? AND resolved_at IS NULL)sql");
  query.bind(1, name);
  query.executeStep();
  return query.getColumn(0).getInt64();
}

}  // namespace

Rejects::Rejects(SQLite::Database& database, std::string pipeline_name,
                 std::string list, std::int64_t run_id)
    : database_(database),
      pipeline_name_(std::move(pipeline_name)),
      list_(std::move(list)),
      run_id_(run_id),
      open_(count_open(database, pipeline_name_)),
      keep_(database, R"sql(
        INSERT INTO pipeline_rejects (pipeline_name, record_key, reason, raw,
          first_run_id, last_run_id, first_seen_at, last_seen_at, list)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?6, ?7)
        ON CONFLICT (pipeline_name, record_key) DO UPDATE SET
          reason = excluded.reason, raw = excluded.raw, list = excluded.list,
          last_run_id = excluded.last_run_id,
          last_seen_at = excluded.last_seen_at, resolved_at = NULL)sql"),
      resolve_(database, R"sql(
        UPDATE pipeline_rejects SET resolved_at = ?3
        WHERE pipeline_name = ?1 AND record_key = ?2
          AND resolved_at IS NULL)sql") {}

void Rejects::keep(const model::Reject& reject, const std::string& now) {
  Use use(keep_);
  use->bind(1, pipeline_name_);
  use->bind(2, reject.key.empty() ? "sha256:" + model::sha256_hex(reject.raw)
                                  : reject.key);
  use->bind(3, reject.reason);
  use->bind(4, reject.raw);
  use->bind(5, run_id_);
  use->bind(6, now);
  use->bind(7, list_);
  use->exec();
  ++open_;
}

void Rejects::resolve(const std::string& key, const std::string& now) {
  Use use(resolve_);
  use->bind(1, pipeline_name_);
  use->bind(2, key);
  use->bind(3, now);
  use->exec();
}

CommonReason Rejects::commonest_reason() {
  // "'age' holds 'x', which is not a number": with other values it is the same.
  SQLite::Statement query(database_, R"sql(
    SELECT min(reason), count(*) FROM pipeline_rejects
    WHERE pipeline_name = ? AND last_run_id = ? AND resolved_at IS NULL
    GROUP BY CASE instr(reason, ' holds ') WHEN 0 THEN reason
             ELSE substr(reason, 1, instr(reason, ' holds ')) END
    ORDER BY 2 DESC, 1 LIMIT 1)sql");
  query.bind(1, pipeline_name_);
  query.bind(2, run_id_);
  if (!query.executeStep()) {
    return {};
  }
  return {query.getColumn(0).getString(), query.getColumn(1).getInt64()};
}

}  // namespace strandline::store
