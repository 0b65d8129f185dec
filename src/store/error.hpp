// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Exception.h>

#include <string>

#include "strandline/error.hpp"

namespace strandline::store {

/// The database file does not do what is asked of it.
class StoreError : public Error {
 public:
  using Error::Error;
};

/// Returns what can be done about an SQLite result code, primary or extended.
ExitCode classify(int sqlite_code) noexcept;

/// True if nothing that a connection says after this error is to be relied on,
/// so that it must be closed: not of what one statement alone is refused for.
bool spoils_connection(int sqlite_code) noexcept;

/// Returns the error for what SQLite said while `doing` ("open crm.db").
StoreError store_error(const std::string& doing,
                       const SQLite::Exception& cause);

/// Calls `work` and makes StoreErrors of SQLite's exceptions.
template <typename Work>
auto guarded(const std::string& doing, Work work) {
  try {
    return work();
  } catch (const SQLite::Exception& cause) {
    throw store_error(doing, cause);
  }
}

}  // namespace strandline::store
