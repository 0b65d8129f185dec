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
  std::string where;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (is_key(i)) {
      where +=
          fmt::format(" AND {} = ?{}", identifier(columns_[i].name), i + 1);
    }
  }
  return fmt::format("SELECT 1 FROM {} WHERE _version > ?{}{}",
                     identifier(stream_.name), columns_.size() + 1, where);
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
