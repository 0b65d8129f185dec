// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "model/definition.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {

/// Returns what a person wrote for a value of the stream's cursor, which has a
/// field: as `start` is written. Throws Error (ExitCode::usage), which names
/// the option, if it cannot be read.
model::CursorValue parse_bound(const model::StreamDefinition& stream,
                               const std::string& option,
                               const std::string& text);

/// A stream as it is read between bounds that a person chose.
struct BackfillPlan {
  model::StreamDefinition stream;  ///< begins at the lower bound
  Backfill bounds;
  std::string identity;  ///< the bounds: another plan of the stream has another
};

/// Returns how `stream` is read from `since` up to `until`, if that is set.
/// Both are written as `start` in the cursor. Throws Error (ExitCode::usage)
/// for bounds that cannot be read or leave nothing between them, and for a
/// stream that cannot be asked for them.
BackfillPlan plan_backfill(const model::StreamDefinition& stream,
                           const std::string& since,
                           const std::optional<std::string>& until);

}  // namespace strandline::sync
