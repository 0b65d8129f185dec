// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/cursor.hpp"
#include "model/definition.hpp"
#include "model/instant.hpp"

namespace strandline::store {

/// Where a stream stands, as the file says.
struct StreamState {
  std::optional<model::CursorValue> mark;
  std::int64_t rows = 0;  ///< not counting those marked deleted
  std::int64_t open_rejects = 0;
  bool window_open = false;  ///< a run ended before its window did
  std::optional<model::Instant> last_success;  ///< begin of the last good run
  std::optional<model::Instant> last_attempt;  ///< begin of the last run
  std::optional<model::Instant> last_change;   ///< last row changed
  std::optional<double> lateness_s;  ///< the longest of the last 30 runs
  std::string last_outcome;          ///< of the last run; empty: none
  std::string last_error;
};

/// Returns the states of `streams`, in their order; all are empty where there
/// is no file. Takes no lock and changes nothing. Throws StoreError.
std::vector<StreamState> read_states(
    const std::filesystem::path& file,
    const std::vector<model::StreamDefinition>& streams);

/// Returns "SQLite 3.40.1 has …" where the library at hand has a known fault
/// that can matter here, else nothing.
std::optional<std::string> library_warning();

}  // namespace strandline::store
