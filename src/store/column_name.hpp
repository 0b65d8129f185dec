// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace strandline::store {

/// True if a table has this column for Strandline itself, in any case of its
/// letters: `_deleted_at`, `_key`, `_raw`, `_run_id`, `_synced_at`.
bool is_own_column(std::string_view name);

/// Throws StoreError (ExitCode::data) if `name`, of a declared column, cannot
/// be one: it is empty, holds a control character, or is one of ours.
void check_column_name(std::string_view name);

/// Returns the name of the column for `member`, which is any text: itself,
/// unless it holds control characters (each becomes `_`), is longer than 120
/// bytes (what is beyond a hundred becomes `_` and eight digits of its hash),
/// or is empty or one of ours (an `x` is put before it). Other members may have
/// the same.
std::string column_name_for(std::string_view member);

}  // namespace strandline::store
