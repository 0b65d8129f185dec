// SPDX-License-Identifier: MIT
#include "store/listing.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "store/columns.hpp"
#include "store/statement.hpp"

namespace strandline::store {
namespace {

void take(const SQLite::Column& column, StoredValue& value) {
  if (column.isNull()) {
    value = std::monostate();
  } else if (column.isInteger()) {
    value = column.getInt64();
  } else if (column.isFloat()) {
    value = column.getDouble();
  } else {
    value = column.getString();
  }
}

}  // namespace

Listing::Listing(SQLite::Statement query, std::vector<std::string> columns,
                 std::vector<std::size_t> key)
    : query_(std::move(query)),
      columns_(std::move(columns)),
      key_(std::move(key)),
      values_(columns_.size()) {}

std::optional<Listing> Listing::rows(SQLite::Database& database,
                                     const model::StreamDefinition& stream) {
  SQLite::Statement query(database, R"sql(
    SELECT name, pk FROM pragma_table_info(?1)
    WHERE EXISTS (SELECT 1 FROM pipeline_meta
                  WHERE key = 'table:' || ?1 AND value = ?2)
      AND (name IN ('_deleted_at', '_raw') OR EXISTS (
        SELECT 1 FROM pipeline_meta WHERE key = 'column:' || ?1 || ':' || name))
    ORDER BY name)sql");
  query.bind(1, stream.name);
  query.bind(2, stream.owner());
  std::vector<std::string> columns;
  std::map<int, std::size_t> key;
  std::string list;
  while (query.executeStep()) {
    const auto name = text(query, 0).value_or("");
    if (const int number = query.getColumn(1).getInt(); number > 0) {
      key[number] = columns.size();
    }
    list += list.empty() ? "" : ", ";
    list += name == "_deleted_at" ? "nullif(_deleted_at IS NOT NULL, 0)"
                                  : identifier(name);
    columns.push_back(name);
  }
  if (columns.empty()) {
    return {};
  }
  std::string order;
  std::vector<std::size_t> places;
  for (const auto& [number, place] : key) {
    order += (order.empty() ? "" : ", ") + identifier(columns[place]);
    places.push_back(place);
  }
  return Listing({database, fmt::format("SELECT {} FROM {} ORDER BY {}", list,
                                        identifier(stream.name), order)},
                 std::move(columns), std::move(places));
}

std::optional<Listing> Listing::rejects(SQLite::Database& database,
                                        const model::StreamDefinition& stream) {
  SQLite::Statement query(database, R"sql(
    SELECT raw, reason, record_key, nullif(resolved_at IS NOT NULL, 0)
    FROM pipeline_rejects WHERE pipeline_name = ? ORDER BY record_key)sql");
  query.bind(1, stream.owner());
  return Listing(std::move(query), {"raw", "reason", "record_key", "resolved"},
                 {2});
}

std::optional<Listing> Listing::due(SQLite::Database& database,
                                    const model::StreamDefinition& stream) {
  SQLite::Statement query(database, R"sql(
    SELECT parent_key, parent_values, position, position_basis
    FROM pipeline_pending WHERE pipeline_name = ? ORDER BY parent_key)sql");
  query.bind(1, stream.owner());
  return Listing(std::move(query),
                 {"parent_key", "parent_values", "position", "position_basis"},
                 {0});
}

std::optional<Listing> Listing::tombstones(
    SQLite::Database& database, const model::StreamDefinition& stream) {
  if (!database.tableExists("pipeline_tombstones")) {
    return {};
  }
  SQLite::Statement query(database, R"sql(
    SELECT deleted_at, record_key FROM pipeline_tombstones
    WHERE pipeline_name = ? ORDER BY record_key)sql");
  query.bind(1, stream.owner());
  return Listing(std::move(query), {"deleted_at", "record_key"}, {1});
}

std::optional<Listing> Listing::seen(SQLite::Database& database,
                                     const model::StreamDefinition& stream) {
  SQLite::Statement query(database, R"sql(
    SELECT missing, pipeline_name, record_key, iif(missing, NULL, window_number)
    FROM pipeline_seen WHERE pipeline_name IN (?, ?)
    ORDER BY pipeline_name, record_key)sql");
  query.bind(1, stream.owner());
  query.bind(2, stream.owner() + std::string(model::also_list));
  return Listing(std::move(query),
                 {"missing", "pipeline_name", "record_key", "window_number"},
                 {1, 2});
}

bool Listing::next() {
  if (!query_.executeStep()) {
    return false;
  }
  for (std::size_t i = 0; i < values_.size(); ++i) {
    take(query_.getColumn(static_cast<int>(i)), values_[i]);
  }
  return true;
}

}  // namespace strandline::store
