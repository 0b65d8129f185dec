// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace strandline::store {

/// Keys that a list noted in pipeline_seen, from a window on.
struct Noted {
  std::string pipeline_name;
  std::int64_t since = 0;
};

/// What is deleted however small the table: a limit in percent of a few rows
/// would keep each of them.
inline constexpr std::int64_t always_swept = 5;

/// The table that is swept.
struct SweptTable {
  std::string name;
  std::string key_columns;  ///< as SQL, with commas
  bool has_cursor = false;  ///< it has the column `_cursor`
};

/// Makes the SQL function `strandline_key`, which names a record by the values
/// of its key, known to a connection.
void add_key_function(SQLite::Database& database);

/// Deletes the rows of a table that `lists` lack, in the transaction that is
/// open, as `rule` says; none where they are more than its limit and not
/// approved. Rows that a rule wants to be missing twice are noted with the
/// first of the lists. `run_id` and `now` are what marked rows get. Throws
/// SQLite::Exception.
Swept sweep(SQLite::Database& database, const SweptTable& table,
            const std::vector<Noted>& lists, const Sweep& rule,
            std::int64_t run_id, std::string_view now);

}  // namespace strandline::store
