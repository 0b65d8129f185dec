// SPDX-License-Identifier: MIT
#include "store/meta.hpp"

#include <SQLiteCpp/Statement.h>

#include "store/statement.hpp"

namespace strandline::store {

std::optional<std::string> meta(SQLite::Database& database,
                                const std::string& key) {
  SQLite::Statement query(database,
                          "SELECT value FROM pipeline_meta WHERE key = ?");
  query.bind(1, key);
  return query.executeStep() ? text(query, 0) : std::nullopt;
}

void set_meta(SQLite::Database& database, const std::string& key,
              const std::string& value) {
  SQLite::Statement store(database,
                          "INSERT INTO pipeline_meta VALUES (?, ?) ON CONFLICT "
                          "(key) DO UPDATE SET value = excluded.value");
  store.bind(1, key);
  store.bind(2, value);
  store.exec();
}

}  // namespace strandline::store
