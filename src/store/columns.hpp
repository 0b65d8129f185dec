// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/definition.hpp"
#include "model/records.hpp"

namespace strandline::store {

/// What SQLite keeps in a column of a STRICT table.
enum class StorageType { integer, real, text };

/// "INTEGER", "REAL", "TEXT".
const char* to_sql(StorageType type);

/// The inverse of `to_sql`; nothing for another type (a table's own columns
/// have none).
std::optional<StorageType> parse_storage_type(std::string_view sql);

/// Returns what a column of a declared type holds; nothing for `as_found`.
std::optional<StorageType> storage_of(model::ColumnType type);

/// Returns what a column holds whose first value is of this kind; nothing for
/// null.
std::optional<StorageType> storage_of(model::CellKind kind);

/// Returns what a column of the key holds where another column would hold
/// `type`: a key with a fraction is a name, not a quantity.
StorageType key_storage(StorageType type);

/// Returns why a value does not go into a column, as the rest of a sentence
/// that begins with the column; empty if it does. STRICT would coerce some of
/// them in silence.
std::string misfit(const model::Cell& cell, std::string_view text,
                   StorageType type);

/// Returns `name` as an SQL identifier.
std::string identifier(std::string_view name);

/// Throws StoreError (ExitCode::data) if `name` cannot be a column: it is
/// empty, holds a control character, or is one of ours.
void check_column_name(std::string_view name);

/// True if SQLite takes both for one name: ASCII letters compare without case.
bool same_name(std::string_view a, std::string_view b);

}  // namespace strandline::store
