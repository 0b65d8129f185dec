// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <optional>
#include <string>

namespace strandline::store {

/// Resets a statement when the scope ends, so that it pins no snapshot.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_(statement) {}
  // Not reset(), which throws the statement's last error once more.
  ~Use() {
    statement_.tryReset();
    statement_.clearBindings();
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  SQLite::Statement* operator->() { return &statement_; }

  /// Binds `value`, or NULL where there is none.
  void bind(int index, const std::optional<std::string>& value) {
    if (value) {
      statement_.bind(index, *value);
    } else {
      statement_.bind(index);
    }
  }

 private:
  SQLite::Statement& statement_;
};

/// Returns a column's text, or nothing where it is NULL.
inline std::optional<std::string> text(const SQLite::Statement& row,
                                       int column) {
  const auto value = row.getColumn(column);
  return value.isNull() ? std::nullopt : std::optional(value.getString());
}

}  // namespace strandline::store
