// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

#include <chrono>
#include <filesystem>

#include "model/definition.hpp"

namespace strandline::store {

/// Opens the database for a run: creates the file (mode 0600, or 0644 with a
/// rollback journal) if it is not there, sets the connection up, and brings our
/// own tables up to date. The journal is changed only of files that Strandline
/// made. Throws StoreError.
SQLite::Database open_for_writing(const std::filesystem::path& file,
                                  model::Journal journal,
                                  std::chrono::milliseconds patience);

/// Opens a database again that `open_for_writing` opened before. Makes no file.
/// Throws StoreError.
SQLite::Database reopen_for_writing(const std::filesystem::path& file,
                                    model::Journal journal,
                                    std::chrono::milliseconds patience);

/// Opens an existing database that is only looked at, whatever its format up to
/// ours. Throws StoreError.
SQLite::Database open_for_reading(const std::filesystem::path& file);

}  // namespace strandline::store
