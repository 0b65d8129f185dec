// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace strandline::store {

/// The right to write to one database file: a kernel lock on a file beside it,
/// which vanishes with the process that holds it. The lock file stays.
class Lock {
 public:
  /// Takes the lock of `database`, without waiting. Throws StoreError with
  /// ExitCode::busy if another run holds it; the message says which.
  explicit Lock(const std::filesystem::path& database);
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int descriptor_;
};

/// True if a run holds the lock of `database`, or if that cannot be told. Takes
/// nothing and changes nothing.
bool is_locked(const std::filesystem::path& database);

}  // namespace strandline::store
