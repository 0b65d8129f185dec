// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "strandline/sync.hpp"

namespace strandline {

/// What one request of a list brought.
struct ListCheck {
  std::string stream;  ///< with "@also" its second list
  std::string source;
  std::int64_t records = 0;   ///< of the page
  std::int64_t rejected = 0;  ///< of those, that do not fit the table
  std::string reason;         ///< why the first of them does not
  std::string left_out;       ///< why it was not asked; empty: it was
  std::optional<Failure> failure;
};

/// What to ask, and how.
struct CheckOptions {
  std::filesystem::path config;
  std::vector<std::string> streams = {};  ///< by name; none: all
  /// Told of each list when it has answered. May be empty.
  std::function<void(const ListCheck&)> on_list = {};
  const std::atomic<int>* stop = nullptr;  ///< as in SyncOptions
};

/// Asks each list of a configuration for one page of what changed of late, or
/// the first there is, and writes nothing: the database is not opened. A
/// refresh token that the source changes on the way is kept, as in a run; where
/// one may, the lock of a run is held. Throws Error for a configuration that
/// cannot be used, an unknown stream, a lock that is held, and when told to
/// stop.
std::vector<ListCheck> check_lists(const CheckOptions& options);

/// Returns what a check ends with: as a run whose streams fared so.
ExitCode exit_code(const std::vector<ListCheck>& lists);

}  // namespace strandline
