// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

namespace strandline::store {

/// The newest format of our own tables that this program knows.
int newest_format();

/// Returns the format of the file's `pipeline_` tables; 0 if it has none.
/// Throws StoreError (ExitCode::data) if its pipeline_meta is not ours.
int format(SQLite::Database& database);

/// Brings the `pipeline_` tables to the newest format, in one transaction, and
/// notes in a file that holds nothing yet that Strandline made it.
/// Throws StoreError (ExitCode::data), and changes nothing, if theirs is newer.
void migrate(SQLite::Database& database);

/// True if Strandline made the file, and not only tables in it.
bool made_by_us(SQLite::Database& database);

}  // namespace strandline::store
