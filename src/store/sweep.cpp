// SPDX-License-Identifier: MIT
#include "store/sweep.hpp"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <exception>
#include <string>

#include "model/records.hpp"
#include "store/columns.hpp"

namespace strandline::store {
namespace {

void key_function(sqlite3_context* context, int count, sqlite3_value** values) {
  try {
    std::vector<std::string_view> parts;
    for (int i = 0; i < count; ++i) {
      auto* value = values[i];
      const auto* text =
          reinterpret_cast<const char*>(sqlite3_value_text(value));
      const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
      parts.emplace_back(text == nullptr ? "" : text, size);
    }
    const auto key = model::record_key(parts);
    sqlite3_result_text64(context, key.data(), key.size(), SQLITE_TRANSIENT,
                          SQLITE_UTF8);
  } catch (const std::exception&) {
    sqlite3_result_error_nomem(context);
  }
}

// The first parameters are the run, the time, and then two for each list; the
// scope's values follow.
constexpr int run_parameter = 1;
constexpr int now_parameter = 2;
constexpr int first_list = 3;

std::string noted_by(int list, const std::string& key, bool missing) {
  const int parameter = first_list + 2 * list;
  return fmt::format(
      "EXISTS (SELECT 1 FROM pipeline_seen WHERE pipeline_name = ?{} AND "
      "record_key = {} AND {})",
      parameter, key,
      missing
          ? "missing = 1"
          : fmt::format("missing = 0 AND window_number >= ?{}", parameter + 1));
}

class Sweeper {
 public:
  Sweeper(SQLite::Database& database, const SweptTable& table,
          const std::vector<Noted>& lists, const Sweep& rule)
      : database_(database),
        table_(identifier(table.name)),
        has_cursor_(table.has_cursor),
        key_(fmt::format("strandline_key({})", table.key_columns)),
        lists_(lists),
        rule_(rule) {}

  std::int64_t rows() {
    return database_
        .execAndGet("SELECT count(*) FROM " + table_ +
                    " WHERE _deleted_at IS NULL")
        .getInt64();
  }

  // A record without a readable key is noted as such.
  bool has_unknown_keys() {
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      auto query =
          statement("SELECT " + noted_by(static_cast<int>(i), "''", false));
      query.executeStep();
      if (query.getColumn(0).getInt() != 0) {
        return true;
      }
    }
    return false;
  }

  // The rows that are not marked and that no list noted.
  std::string missing() const {
    std::string where = "_deleted_at IS NULL";
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      where += " AND NOT " + noted_by(static_cast<int>(i), key_, false);
    }
    int parameter = first_list + 2 * static_cast<int>(lists_.size());
    for (const auto& [column, value] : rule_.scope) {
      where += fmt::format(" AND CAST({} AS TEXT) = ?{}", identifier(column),
                           parameter++);
    }
    return where;
  }

  // Those of them that were missing in the whole reading before, too.
  std::string missing_twice() const {
    return missing() + " AND " + noted_by(0, key_, true);
  }

  std::int64_t count(const std::string& which) {
    auto query = statement(
        fmt::format("SELECT count(*) FROM {} WHERE {}", table_, which));
    query.executeStep();
    return query.getColumn(0).getInt64();
  }

  std::int64_t remove(const std::string& which) {
    return statement(fmt::format("DELETE FROM {} WHERE {}", table_, which))
        .exec();
  }

  std::int64_t mark(const std::string& which) {
    return statement(
               fmt::format("UPDATE {} SET _deleted_at = ?{}, _run_id = ?{}, "
                           "_synced_at = ?{}{} WHERE {}",
                           table_, now_parameter, run_parameter, now_parameter,
                           has_cursor_ ? ", _cursor = NULL" : "", which))
        .exec();
  }

  // Remembers for the next whole reading what is missing, and nothing else.
  void note_missing() {
    statement(
        fmt::format("INSERT INTO pipeline_seen SELECT ?{0}, {2}, ?{1}, 1 FROM "
                    "{3} WHERE {4} ON CONFLICT DO UPDATE SET missing = 1, "
                    "window_number = excluded.window_number",
                    first_list, first_list + 1, key_, table_, missing()))
        .exec();
    statement(fmt::format("DELETE FROM pipeline_seen WHERE pipeline_name = "
                          "?{} AND missing = 1 AND window_number <> ?{}",
                          first_list, first_list + 1))
        .exec();
  }

  void set_run(std::int64_t run_id, std::string_view now) {
    run_id_ = run_id;
    now_ = now;
  }

 private:
  // Binds what the statement has parameters for.
  SQLite::Statement statement(const std::string& sql) {
    SQLite::Statement made(database_, sql);
    const auto bind = [&](int parameter, const auto& value) {
      const auto name = "?" + std::to_string(parameter);
      if (made.getIndex(name.c_str()) != 0) {
        made.bind(parameter, value);
      }
    };
    bind(run_parameter, run_id_);
    bind(now_parameter, now_);
    int parameter = first_list;
    for (const auto& list : lists_) {
      bind(parameter++, list.pipeline_name);
      bind(parameter++, list.since);
    }
    for (const auto& [column, value] : rule_.scope) {
      bind(parameter++, value);
    }
    return made;
  }

  SQLite::Database& database_;
  std::string table_;
  bool has_cursor_;
  std::string key_;
  const std::vector<Noted>& lists_;
  const Sweep& rule_;
  std::int64_t run_id_ = 0;
  std::string now_;
};

}  // namespace

void add_key_function(SQLite::Database& database) {
  const int code = sqlite3_create_function_v2(
      database.getHandle(), "strandline_key", -1,
      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, nullptr,
      key_function, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    throw SQLite::Exception(database.getHandle(), code);
  }
}

Swept sweep(SQLite::Database& database, const SweptTable& table,
            const std::vector<Noted>& lists, const Sweep& rule,
            std::int64_t run_id, std::string_view now) {
  Sweeper sweeper(database, table, lists, rule);
  sweeper.set_run(run_id, now);
  Swept swept;
  if (sweeper.has_unknown_keys()) {
    swept.unknown_keys = true;
    return swept;
  }
  const auto which = rule.twice ? sweeper.missing_twice() : sweeper.missing();
  swept.rows = sweeper.rows();
  const auto count = sweeper.count(which);
  const auto together = count + rule.before;
  const bool within = together <= always_swept || rule.approved ||
                      static_cast<double>(together) <=
                          rule.limit * static_cast<double>(swept.rows);
  if (!within) {
    swept.kept = count;
  } else if (count > 0) {
    swept.deleted = rule.remove ? sweeper.remove(which) : sweeper.mark(which);
  }
  if (rule.twice) {
    swept.once = sweeper.count(sweeper.missing()) - swept.kept;
    sweeper.note_missing();
  }
  return swept;
}

}  // namespace strandline::store
