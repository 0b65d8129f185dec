// SPDX-License-Identifier: MIT
//
// What pipeline_meta says of a table's columns.
#pragma once

#include <SQLiteCpp/Database.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "store/columns.hpp"

namespace strandline::store {

/// Why a column is there, what it was made as, and for which member.
struct ColumnEntry {
  enum class Why {
    found,     ///< for a member that `*` met
    declared,  ///< for the configuration
    version,   ///< for the stream's `version`
    cursor,    ///< for deletions that have times
    hash,      ///< a key of content; `member` says of what
  };
  Why why = Why::found;
  /// Nothing in entries of the first files, which did not say it.
  std::optional<StorageType> type;
  /// `escaped_member` of the member, where the column has another name.
  std::optional<std::string> member = {};
};

/// "found TEXT", "found NUMBER some\u000amember", "declared INTEGER",
/// "version INTEGER", "cursor TEXT", "hash a, b/c".
std::string to_text(const ColumnEntry& entry);

/// The inverse of `to_text`; nothing for another text.
std::optional<ColumnEntry> parse_column_entry(std::string_view text);

/// Returns `member` with backslashes and control characters written as JSON
/// does: fit for every program that reads the table.
std::string escaped_member(std::string_view member);

/// Returns the entries of the columns of `table`, by column. Throws
/// SQLite::Exception, as the others.
std::map<std::string, ColumnEntry> column_entries(SQLite::Database& database,
                                                  const std::string& table);

void set_column_entry(SQLite::Database& database, const std::string& table,
                      const std::string& column, const ColumnEntry& entry);

void remove_column_entry(SQLite::Database& database, const std::string& table,
                         const std::string& column);

/// Removes all entries of the table's columns.
void remove_column_entries(SQLite::Database& database,
                           const std::string& table);

}  // namespace strandline::store
