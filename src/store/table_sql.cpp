// SPDX-License-Identifier: MIT
#include "store/table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace strandline::store {

std::string Table::upsert_sql() const {
  std::string names;
  std::string values;
  std::string sets;
  std::string before;
  std::string after;
  std::string key;
  int parameters = 0;
  const auto add = [&](const std::string& name) {
    names += name + ", ";
    values += fmt::format("?{}, ", ++parameters);
    sets += fmt::format("{0} = excluded.{0}, ", name);
  };
  const auto add_compared = [&](const std::string& name) {
    before += (before.empty() ? "stored." : ", stored.") + name;
    after += (after.empty() ? "excluded." : ", excluded.") + name;
    add(name);
  };
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto name = identifier(columns_[i].name);
    if (is_key(i)) {
      key += (key.empty() ? "" : ", ") + name;
      add(name);
    } else if (is_volatile(columns_[i].name)) {
      add(name);
    } else {
      add_compared(name);
    }
  }
  if (stream_.raw && is_volatile("_raw")) {
    add("_raw");
  } else if (stream_.raw) {
    add_compared("_raw");
  }
  std::string guard;
  std::string newer;
  if (has_version_) {
    // A record without a version leaves the row's: an older one is no news.
    names += "_version, ";
    values += fmt::format("?{}, ", ++parameters);
    sets += "_version = coalesce(excluded._version, stored._version), ";
    newer =
        " OR (excluded._version IS NOT NULL AND "
        "excluded._version IS NOT stored._version)";
    guard =
        " AND (stored._version IS NULL OR excluded._version IS NULL OR "
        "excluded._version >= stored._version)";
  }
  if (has_cursor_) {
    // What was deleted comes back with a later record only.
    names += "_cursor, ";
    values += fmt::format("?{}, ", ++parameters);
    sets += "_cursor = coalesce(excluded._cursor, stored._cursor), ";
    newer +=
        " OR (excluded._cursor IS NOT NULL AND "
        "excluded._cursor IS NOT stored._cursor)";
    guard +=
        " AND (stored._deleted_at IS NULL OR stored._cursor IS NULL OR "
        "excluded._cursor IS NULL OR excluded._cursor > stored._cursor)";
  }
  add("_run_id");
  add("_synced_at");
  const auto changed =
      before.empty() ? "0" : fmt::format("({}) IS NOT ({})", before, after);
  // The alias: a stream may be called `excluded`.
  return fmt::format(
      "INSERT INTO {0} AS stored ({1}_deleted_at) VALUES ({2}NULL) ON CONFLICT "
      "({3}) DO UPDATE SET {4}_deleted_at = NULL WHERE ({5} OR "
      "stored._deleted_at IS NOT NULL{6}){7}",
      identifier(stream_.name), names, values, key, sets, changed, newer,
      guard);
}

// Told apart only where nothing was changed: the upsert stays one statement.
std::string Table::is_stale_sql() const {
  int parameter = static_cast<int>(columns_.size());
  std::string newer;
  if (has_version_) {
    newer = fmt::format("_version > ?{}", ++parameter);
  }
  if (has_cursor_) {
    newer += fmt::format("{}(_deleted_at IS NOT NULL AND _cursor >= ?{})",
                         newer.empty() ? "" : " OR ", ++parameter);
  }
  return fmt::format("SELECT 1 FROM {} WHERE ({}) AND {}",
                     identifier(stream_.name), newer, where_key());
}

// A deletion is a version too, and the later of two counts.
std::string Table::remove_sql() const {
  int parameter = static_cast<int>(columns_.size());
  std::string guard;
  std::string later;
  std::string sets;
  if (has_version_) {
    guard = fmt::format(
        " AND (_version IS NULL OR ?{0} IS NULL OR _version <= ?{0})",
        ++parameter);
    sets = fmt::format(", _version = coalesce(?{}, _version)", parameter);
  }
  if (has_cursor_) {
    guard +=
        fmt::format(" AND (_cursor IS NULL OR ?{0} IS NULL OR _cursor <= ?{0})",
                    ++parameter);
    later = fmt::format(" OR _cursor < ?{}", parameter);
    sets += fmt::format(", _cursor = ?{}", parameter);
  }
  if (stream_.deleted.remove) {
    return fmt::format("DELETE FROM {} WHERE {}{}", identifier(stream_.name),
                       where_key(), guard);
  }
  const auto run = ++parameter;
  const auto now = ++parameter;
  return fmt::format(
      "UPDATE {} SET _run_id = ?{}, _synced_at = ?{}, _deleted_at = "
      "coalesce(_deleted_at, ?{}){} WHERE {}{} AND (_deleted_at IS NULL{})",
      identifier(stream_.name), run, now, now, sets, where_key(), guard, later);
}

std::string Table::state_sql() const {
  return fmt::format("SELECT _deleted_at IS NOT NULL FROM {} WHERE {}",
                     identifier(stream_.name), where_key());
}

std::string Table::where_key() const {
  std::string where;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (is_key(i)) {
      where += fmt::format("{}{} = ?{}", where.empty() ? "" : " AND ",
                           identifier(columns_[i].name), i + 1);
    }
  }
  return where;
}

std::string Table::key_sql() const {
  std::string names;
  for (std::size_t part = 0; part < stream_.key.size(); ++part) {
    names += (part == 0 ? "" : ", ") +
             identifier(columns_[*fields_[part].column].name);
  }
  return names;
}

bool Table::is_key(std::size_t column) const {
  const auto end =
      fields_.begin() + static_cast<std::ptrdiff_t>(stream_.key.size());
  return std::any_of(fields_.begin(), end, [&](const Field& field) {
    return field.column == column;
  });
}

// A change of it alone is none.
bool Table::is_volatile(std::string_view column) const {
  const auto& names = stream_.volatile_columns;
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return same_name(name, column);
  });
}

}  // namespace strandline::store
