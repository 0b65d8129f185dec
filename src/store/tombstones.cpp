// SPDX-License-Identifier: MIT
#include "store/tombstones.hpp"

#include <utility>

#include "store/statement.hpp"

namespace strandline::store {
namespace {

std::int64_t count(SQLite::Database& database, const std::string& owner) {
  SQLite::Statement query(
      database,
      "SELECT count(*) FROM pipeline_tombstones WHERE pipeline_name = ?");
  query.bind(1, owner);
  query.executeStep();
  return query.getColumn(0).getInt64();
}

}  // namespace

Tombstones::Tombstones(SQLite::Database& database, std::string owner,
                       std::int64_t run_id)
    : owner_(std::move(owner)),
      run_id_(run_id),
      count_(count(database, owner_)),
      put_(database, R"sql(
        INSERT INTO pipeline_tombstones
          (pipeline_name, record_key, deleted_at, run_id)
        VALUES (?, ?, ?, ?)
        ON CONFLICT (pipeline_name, record_key) DO UPDATE SET
          deleted_at = excluded.deleted_at, run_id = excluded.run_id
        WHERE excluded.deleted_at > deleted_at)sql"),
      find_(database, R"sql(
        SELECT deleted_at FROM pipeline_tombstones
        WHERE pipeline_name = ? AND record_key = ?)sql"),
      erase_(database, R"sql(
        DELETE FROM pipeline_tombstones
        WHERE pipeline_name = ?1 AND record_key = ?2)sql") {}

void Tombstones::put(const std::string& key, const std::string& time) {
  Use use(put_);
  use->bind(1, owner_);
  use->bind(2, key);
  use->bind(3, time);
  use->bind(4, run_id_);
  count_ += use->exec();
}

std::optional<std::string> Tombstones::find(const std::string& key) {
  Use use(find_);
  use->bind(1, owner_);
  use->bind(2, key);
  return use->executeStep() ? text(find_, 0) : std::nullopt;
}

void Tombstones::erase(const std::string& key) {
  Use use(erase_);
  use->bind(1, owner_);
  use->bind(2, key);
  use->exec();
}

}  // namespace strandline::store
