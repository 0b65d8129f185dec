// SPDX-License-Identifier: MIT
#include "store/reject_list.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "store/reading.hpp"
#include "store/statement.hpp"

namespace strandline::store {
namespace {

std::string condition(const RejectQuery& query) {
  std::string names;
  for (std::size_t i = 0; i < query.owners.size(); ++i) {
    names += i == 0 ? "?" : ", ?";
  }
  return std::string(" FROM pipeline_rejects WHERE ") +
         (names.empty() ? "true" : "pipeline_name IN (" + names + ")") +
         (query.resolved ? "" : " AND resolved_at IS NULL");
}

// Returns the next parameter.
int bind_owners(SQLite::Statement& statement, const RejectQuery& query) {
  int next = 1;
  for (const auto& owner : query.owners) {
    statement.bind(next++, owner);
  }
  return next;
}

RejectRecord record(const SQLite::Statement& row) {
  RejectRecord record;
  record.owner = row.getColumn(0).getString();
  record.record_key = row.getColumn(1).getString();
  record.reason = row.getColumn(2).getString();
  record.first_run_id = row.getColumn(3).getInt64();
  record.last_run_id = row.getColumn(4).getInt64();
  record.first_seen_at = instant(row, 5);
  record.last_seen_at = instant(row, 6);
  record.resolved_at = instant(row, 7);
  record.raw = text(row, 8);
  return record;
}

void read(SQLite::Database& database, const RejectQuery& query,
          RejectList& list) {
  SQLite::Statement count(database, "SELECT count(*)" + condition(query));
  bind_owners(count, query);
  count.executeStep();
  list.total = count.getColumn(0).getInt64();
  SQLite::Statement select(
      database,
      "SELECT pipeline_name, record_key, reason, first_run_id, last_run_id, "
      "first_seen_at, last_seen_at, resolved_at, " +
          std::string(query.raw ? "raw" : "NULL") + condition(query) +
          " ORDER BY last_run_id DESC, last_seen_at DESC, pipeline_name, "
          "record_key LIMIT ?");
  select.bind(bind_owners(select, query),
              static_cast<std::int64_t>(query.limit));
  while (select.executeStep()) {
    list.records.push_back(record(select));
  }
}

}  // namespace

RejectList read_rejects(const std::filesystem::path& file,
                        const RejectQuery& query) {
  RejectList list;
  read_file(file,
            [&](SQLite::Database& database) { read(database, query, list); });
  return list;
}

}  // namespace strandline::store
