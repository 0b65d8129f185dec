// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/cursor.hpp"
#include "model/instant.hpp"
#include "store/store.hpp"

namespace strandline::store {

/// A list's part in a run, as the history keeps it.
struct RunRecord {
  std::int64_t run_id = 0;
  std::string pipeline_name;
  std::string mode;  ///< "incremental", "rewind", …; empty: it did not begin
  /// "running", "ok", "failed", "interrupted", "stuck", "killed".
  std::string outcome;
  std::optional<model::Instant> started_at;
  std::optional<model::Instant> finished_at;  ///< nothing: it has not
  Counts counts;                              ///< with `lateness_s`
  std::optional<model::CursorValue> mark_before;
  std::optional<model::CursorValue> mark_after;
  std::optional<int> exit_code;
  std::string error;                  ///< empty: none
  std::vector<std::string> warnings;  ///< in the order they came
};

/// Returns the last `limit` rows of the run history, newest first: of one
/// stream and its other lists if `pipeline_name` is given. Empty where there is
/// no file. Takes no lock and changes nothing. Throws StoreError.
std::vector<RunRecord> read_runs(
    const std::filesystem::path& file, std::size_t limit,
    const std::optional<std::string>& pipeline_name = {});

}  // namespace strandline::store
