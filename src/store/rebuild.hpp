// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

#include <string>
#include <vector>

#include "store/create_table_sql.hpp"

namespace strandline::store {

/// The name of the table while it is made anew; no stream can have it.
inline constexpr const char* rebuilt_table = "pipeline_rebuild";

/// Changes the types of columns of `table`: INTEGER to REAL, and INTEGER or
/// REAL to TEXT, where an integer becomes its digits and a real `shortest_text`
/// of it. The table is made anew with its rows, rowids, constraints, comments
/// and statistics, and then its indexes and triggers; views and other tables
/// that name it stay as they are. No trigger fires. Within a transaction, with
/// no statement at work. Throws StoreError (ExitCode::data) and
/// SQLite::Exception; unless that error spoils the connection, everything is
/// then as it was.
void change_types(SQLite::Database& database, const std::string& table,
                  const std::vector<TypeChange>& changes);

}  // namespace strandline::store
