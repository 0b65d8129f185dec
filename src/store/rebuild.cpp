// SPDX-License-Identifier: MIT
#include "store/rebuild.hpp"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <optional>

#include "model/number_text.hpp"
#include "store/error.hpp"
#include "store/statement.hpp"

namespace strandline::store {
namespace {

constexpr const char* shortest_function = "strandline_shortest";

// A setting of the connection, for a while. Unlike its pragma it can be changed
// within a transaction.
class Setting {
 public:
  Setting(SQLite::Database& database, int option, int value)
      : handle_(database.getHandle()), option_(option) {
    sqlite3_db_config(handle_, option_, -1, &before_);
    sqlite3_db_config(handle_, option_, value, nullptr);
  }
  ~Setting() { sqlite3_db_config(handle_, option_, before_, nullptr); }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  sqlite3* handle_;
  int option_;
  int before_ = 0;
};

// An SQL function of `shortest_text`, for a while.
class ShortestFunction {
 public:
  explicit ShortestFunction(SQLite::Database& database)
      : handle_(database.getHandle()) {
    define(call);
  }
  ~ShortestFunction() { define(nullptr); }
  ShortestFunction(const ShortestFunction&) = delete;
  ShortestFunction& operator=(const ShortestFunction&) = delete;

 private:
  using Call = void (*)(sqlite3_context*, int, sqlite3_value**);

  void define(Call function) {
    sqlite3_create_function_v2(handle_, shortest_function, 1,
                               SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                               function, nullptr, nullptr, nullptr);
  }

  static void call(sqlite3_context* context, int /*count*/,
                   sqlite3_value** values) {
    const auto text = model::shortest_text(sqlite3_value_double(*values));
    sqlite3_result_text(context, text.data(), static_cast<int>(text.size()),
                        SQLITE_TRANSIENT);
  }

  sqlite3* handle_;
};

// All that is written after it, unless it is kept.
class Savepoint {
 public:
  explicit Savepoint(SQLite::Database& database) : database_(database) {
    database_.exec("SAVEPOINT strandline_rebuild");
  }
  ~Savepoint() {
    if (!kept_) {
      database_.tryExec(
          "ROLLBACK TO strandline_rebuild; RELEASE strandline_rebuild");
    }
  }
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;

  void keep() {
    database_.exec("RELEASE strandline_rebuild");
    kept_ = true;
  }

 private:
  SQLite::Database& database_;
  bool kept_ = false;
};

std::string definition(SQLite::Database& database, const std::string& table) {
  SQLite::Statement query(database, R"sql(
    SELECT sql FROM sqlite_schema
    WHERE type = 'table' AND name = ? COLLATE NOCASE)sql");
  query.bind(1, table);
  return query.executeStep() ? text(query, 0).value_or("") : "";
}

// The indexes and triggers that go with the table, in the order in which they
// were made; what constraints made comes with the table itself.
std::vector<std::string> attachments(SQLite::Database& database,
                                     const std::string& table) {
  SQLite::Statement query(database, R"sql(
    SELECT sql FROM sqlite_schema
    WHERE tbl_name = ? COLLATE NOCASE AND type IN ('index', 'trigger')
      AND sql IS NOT NULL
    ORDER BY rowid)sql");
  query.bind(1, table);
  std::vector<std::string> all;
  while (query.executeStep()) {
    all.push_back(text(query, 0).value_or(""));
  }
  return all;
}

// What the query planner was told of the table, which goes with it.
struct Statistic {
  std::optional<std::string> index;
  std::optional<std::string> numbers;
};

std::vector<Statistic> statistics(SQLite::Database& database,
                                  const std::string& table) {
  std::vector<Statistic> all;
  if (!database.tableExists("sqlite_stat1")) {
    return all;
  }
  SQLite::Statement query(
      database,
      "SELECT idx, stat FROM sqlite_stat1 WHERE tbl = ? COLLATE NOCASE");
  query.bind(1, table);
  while (query.executeStep()) {
    all.push_back({text(query, 0), text(query, 1)});
  }
  return all;
}

void restore(SQLite::Database& database, const std::string& table,
             const std::vector<Statistic>& statistics) {
  for (const auto& each : statistics) {
    SQLite::Statement insert(database,
                             "INSERT INTO sqlite_stat1 VALUES (?, ?, ?)");
    Use use(insert);
    use->bind(1, table);
    use.bind(2, each.index);
    use.bind(3, each.numbers);
    use->exec();
  }
}

std::string converted(const std::string& name, StorageType from,
                      StorageType to) {
  if (to == StorageType::real) {
    return fmt::format("CAST({} AS REAL)", name);
  }
  return from == StorageType::real
             ? fmt::format("CASE WHEN {0} IS NOT NULL THEN {1}({0}) END", name,
                           shortest_function)
             : fmt::format("CAST({} AS TEXT)", name);
}

// The statement that fills the new table.
std::string copy_sql(SQLite::Database& database, const std::string& table,
                     const std::vector<TypeChange>& changes) {
  std::string names;
  std::string values;
  const auto add = [&](const std::string& name, const std::string& value) {
    names += (names.empty() ? "" : ", ") + name;
    values += (values.empty() ? "" : ", ") + value;
  };
  std::vector<std::string> rowid_names = {"rowid", "_rowid_", "oid"};
  SQLite::Statement query(
      database, "SELECT name, type, hidden FROM pragma_table_xinfo(?)");
  query.bind(1, table);
  while (query.executeStep()) {
    const auto name = text(query, 0).value_or("");
    std::erase_if(rowid_names, [&](const std::string& rowid) {
      return same_name(rowid, name);
    });
    if (query.getColumn(2).getInt() != 0) {
      continue;  // generated
    }
    const auto change = std::find_if(
        changes.begin(), changes.end(),
        [&](const TypeChange& each) { return same_name(each.column, name); });
    const auto quoted = identifier(name);
    const auto from = parse_storage_type(text(query, 1).value_or(""));
    add(quoted, change == changes.end()
                    ? quoted
                    : converted(quoted, from.value_or(StorageType::integer),
                                change->type));
  }
  if (!rowid_names.empty()) {
    add(rowid_names.front(), rowid_names.front());
  }
  return fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", rebuilt_table,
                     names, values, identifier(table));
}

}  // namespace

void change_types(SQLite::Database& database, const std::string& table,
                  const std::vector<TypeChange>& changes) {
  const auto create =
      retyped(definition(database, table), rebuilt_table, changes);
  const auto after = attachments(database, table);
  const auto known = statistics(database, table);
  const auto copy = copy_sql(database, table, changes);
  // Dropping a table deletes its rows where foreign keys are enforced, and
  // renaming one follows its new name into what others say of it.
  const Setting no_foreign_keys(database, SQLITE_DBCONFIG_ENABLE_FKEY, 0);
  const Setting no_following(database, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 1);
  // What was once accepted is to be accepted again.
  const Setting quotes(database, SQLITE_DBCONFIG_DQS_DDL, 1);
  const ShortestFunction function(database);
  Savepoint savepoint(database);
  database.exec(create);
  database.exec(copy);
  database.exec("DROP TABLE " + identifier(table));
  database.exec(fmt::format("ALTER TABLE {} RENAME TO {}", rebuilt_table,
                            identifier(table)));
  for (const auto& sql : after) {
    database.exec(sql);
  }
  restore(database, table, known);
  savepoint.keep();
}

}  // namespace strandline::store
