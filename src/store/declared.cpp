// SPDX-License-Identifier: MIT
#include "store/declared.hpp"

#include <SQLiteCpp/Statement.h>

#include <set>

#include "store/columns.hpp"
#include "store/meta.hpp"
#include "store/statement.hpp"

namespace strandline::store {
namespace {

std::string entry(const model::StreamDefinition& stream) {
  return "declared:" + stream.name;
}

std::vector<std::string> names_of(const model::StreamDefinition& stream) {
  std::vector<std::string> names;
  for (const auto& column : stream.columns) {
    names.push_back(column.name);
  }
  if (stream.raw) {
    names.emplace_back("_raw");
  }
  return names;
}

std::set<std::string> lines(const std::string& text) {
  std::set<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    lines.insert(text.substr(at, end - at));
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return lines;
}

bool has_rows(SQLite::Database& database, const std::string& table) {
  return database.tableExists(table) &&
         database.execAndGet("SELECT EXISTS (SELECT 1 FROM " +
                             identifier(table) + ")")
                 .getInt() != 0;
}

bool has_column(SQLite::Database& database, const std::string& table,
                const std::string& column) {
  SQLite::Statement query(database, R"sql(
    SELECT 1 FROM pragma_table_info(?) WHERE name = ? COLLATE NOCASE)sql");
  query.bind(1, table);
  query.bind(2, column);
  return query.executeStep();
}

}  // namespace

std::vector<std::string> declared_later(SQLite::Database& database,
                                        const model::StreamDefinition& stream) {
  const auto noted = meta(database, entry(stream));
  std::vector<std::string> later;
  if (!noted || !has_rows(database, stream.name)) {
    return later;
  }
  const auto known = lines(*noted);
  for (auto& name : names_of(stream)) {
    if (!known.contains(name) && !has_column(database, stream.name, name)) {
      later.push_back(std::move(name));
    }
  }
  return later;
}

void note_declared(SQLite::Database& database,
                   const model::StreamDefinition& stream) {
  std::string text;
  for (const auto& name : names_of(stream)) {
    text += name + "\n";
  }
  if (meta(database, entry(stream)) != text) {
    set_meta(database, entry(stream), text);
  }
}

}  // namespace strandline::store
