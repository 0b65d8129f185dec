// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/columns.hpp"

namespace strandline::store {

/// Another type for a column.
struct TypeChange {
  std::string column;
  StorageType type = StorageType::text;
};

/// Returns the CREATE TABLE statement `sql`, as sqlite_schema has it, with the
/// table called `table` and the columns' types changed; everything else, such
/// as constraints and comments, stays as it is written. Throws StoreError
/// (ExitCode::data) if a column does not stand in it with a type of ours.
std::string retyped(std::string_view sql, std::string_view table,
                    const std::vector<TypeChange>& changes);

}  // namespace strandline::store
