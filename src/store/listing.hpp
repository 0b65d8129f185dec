// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/definition.hpp"

namespace strandline::store {

/// A value of a row: nothing, or as SQLite keeps it.
using StoredValue =
    std::variant<std::monostate, std::int64_t, double, std::string>;

/// Rows in the order of their key, one at a time, with what of them counts:
/// not which run wrote them, nor when. A row that is marked deleted, or a
/// reject that is done with, has a 1 there, whatever the time. Members throw
/// SQLite::Exception.
class Listing {
 public:
  /// The rows of a stream's table: what Strandline put there, without columns
  /// of the user's own. Nothing if the stream has no table.
  static std::optional<Listing> rows(SQLite::Database& database,
                                     const model::StreamDefinition& stream);

  /// A stream's rejects.
  static std::optional<Listing> rejects(SQLite::Database& database,
                                        const model::StreamDefinition& stream);

  /// The records for which the stream is still to be read: where, and with
  /// which values.
  static std::optional<Listing> due(SQLite::Database& database,
                                    const model::StreamDefinition& stream);

  /// The deletions of the stream's records that no row tells of.
  static std::optional<Listing> tombstones(
      SQLite::Database& database, const model::StreamDefinition& stream);

  /// The keys that the stream's lists have seen. The window in which a row was
  /// missing is not part of it.
  static std::optional<Listing> seen(SQLite::Database& database,
                                     const model::StreamDefinition& stream);

  /// In the order of their bytes, as `values` has them.
  const std::vector<std::string>& columns() const { return columns_; }

  /// Which of the columns are the key, in its order.
  const std::vector<std::size_t>& key() const { return key_; }

  /// Goes to the next row, the first at first. False if there is none.
  bool next();

  /// The row's values.
  const std::vector<StoredValue>& values() const { return values_; }

 private:
  Listing(SQLite::Statement query, std::vector<std::string> columns,
          std::vector<std::size_t> key);

  SQLite::Statement query_;
  std::vector<std::string> columns_;
  std::vector<std::size_t> key_;
  std::vector<StoredValue> values_;
};

}  // namespace strandline::store
