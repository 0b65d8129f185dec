// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <optional>
#include <string>

namespace strandline::store {

/// The deletions of a stream's records that no row tells of: those whose rows
/// were removed, or had not come yet. Members throw SQLite::Exception.
class Tombstones {
 public:
  /// `owner` is `source.stream`.
  Tombstones(SQLite::Database& database, std::string owner,
             std::int64_t run_id);

  /// True if there are any; cheap.
  bool any() const { return count_ > 0; }

  /// Remembers that the record `key` was deleted at `time`, as stored, unless a
  /// later deletion of it is known.
  void put(const std::string& key, const std::string& time);

  /// Returns when the record was deleted; nothing if that is not known.
  std::optional<std::string> find(const std::string& key);

  /// The record is back.
  void erase(const std::string& key);

 private:
  std::string owner_;
  std::int64_t run_id_;
  std::int64_t count_;
  SQLite::Statement put_;
  SQLite::Statement find_;
  SQLite::Statement erase_;
};

}  // namespace strandline::store
