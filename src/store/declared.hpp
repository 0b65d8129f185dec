// SPDX-License-Identifier: MIT
//
// Which columns a stream declared when it was last read: rows of before lack
// those that are declared later. Functions throw SQLite::Exception.
#pragma once

#include <SQLiteCpp/Database.h>

#include <string>
#include <vector>

#include "model/definition.hpp"

namespace strandline::store {

/// Returns the stream's columns that it did not declare when `note_declared`
/// was last called, and that rows of its table lack.
std::vector<std::string> declared_later(SQLite::Database& database,
                                        const model::StreamDefinition& stream);

/// Remembers what the stream declares now.
void note_declared(SQLite::Database& database,
                   const model::StreamDefinition& stream);

}  // namespace strandline::store
