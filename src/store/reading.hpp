// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <filesystem>
#include <functional>
#include <optional>

#include "model/instant.hpp"

namespace strandline::store {

/// Calls `work` with a file that is only looked at, in one transaction, so that
/// a commit meanwhile shows in all that it reads or in nothing. Does nothing
/// where there is no file, or none of our tables in it. Throws StoreError.
void read_file(const std::filesystem::path& file,
               const std::function<void(SQLite::Database&)>& work);

/// Returns a column's time; nothing where it is NULL.
std::optional<model::Instant> instant(const SQLite::Statement& row, int column);

}  // namespace strandline::store
