// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/definition.hpp"
#include "model/records.hpp"

namespace strandline::store {

/// What SQLite keeps in a column of a STRICT table.
enum class StorageType {
  integer,
  real,
  text,
  number,  ///< TEXT that holds numbers, because no other type holds them all
};

/// "INTEGER", "REAL", "TEXT".
const char* to_sql(StorageType type);

/// Returns the type that `to_sql` writes so, `text` for TEXT; nothing for
/// another one (a table's own columns have none).
std::optional<StorageType> parse_storage_type(std::string_view sql);

/// Returns what a column of a declared type holds; nothing for `as_found`.
std::optional<StorageType> storage_of(model::ColumnType type);

/// Returns what a column holds whose first value is `cell`; nothing for null.
/// A number that no type holds with all its digits is text.
std::optional<StorageType> storage_of(const model::Cell& cell,
                                      std::string_view text);

/// Returns what a column of the key holds where another column would hold
/// `type`: a key with a fraction is a name, not a quantity.
StorageType key_storage(StorageType type);

/// Returns why a value does not go into a column, as the rest of a sentence
/// that begins with the column; empty if it does. STRICT would coerce some of
/// them in silence.
std::string misfit(const model::Cell& cell, std::string_view text,
                   StorageType type);

/// Returns the type that a column of `type`, found and not declared, must have
/// to hold a number with all its digits: `real` of an integer column only if
/// every value of it is within `exact_integers`, else it is `number` too.
/// Nothing if the number fits as it is, and for what is no number.
std::optional<StorageType> wider(const model::Cell& cell, std::string_view text,
                                 StorageType type);

/// Doubles hold every integer from minus this to this.
inline constexpr std::int64_t exact_integers = std::int64_t{1} << 53U;

/// Returns how a column of type `number` writes a number: as it would stand
/// there had the column become TEXT after it, so the same value comes to the
/// same text. In the key, one with a fraction is a name and stays as it is
/// written.
std::string number_text(const model::Cell& cell, std::string_view text,
                        bool in_key);

/// Returns `name` as an SQL identifier.
std::string identifier(std::string_view name);

/// True if SQLite takes both for one name: ASCII letters compare without case.
bool same_name(std::string_view a, std::string_view b);

}  // namespace strandline::store
