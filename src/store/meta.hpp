// SPDX-License-Identifier: MIT
//
// The table pipeline_meta. Functions throw SQLite::Exception.
#pragma once

#include <SQLiteCpp/Database.h>

#include <optional>
#include <string>

namespace strandline::store {

/// Returns what is kept under `key`.
std::optional<std::string> meta(SQLite::Database& database,
                                const std::string& key);

/// Keeps `value` under `key`, in the place of what was there.
void set_meta(SQLite::Database& database, const std::string& key,
              const std::string& value);

}  // namespace strandline::store
