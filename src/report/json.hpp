// SPDX-License-Identifier: MIT
//
// What a program reads: one JSON object a line, each with a `type`. Members may
// be added in later versions, and are not renamed or removed.
#pragma once

#include <string>
#include <vector>

#include "strandline/history.hpp"
#include "strandline/rejects.hpp"
#include "strandline/rewind.hpp"
#include "strandline/sync.hpp"

namespace strandline::report {

/// Returns `{"type":"summary", …}`, the last line of `sync --json`.
std::string json(const SyncSummary& summary);

/// Returns `{"type":"status", …}`.
std::string json(const std::vector<StreamStatus>& streams);

/// Returns `{"type":"runs", …}`.
std::string json(const std::vector<RunEntry>& runs);

/// Returns `{"type":"rejects", …}`.
std::string json(const RejectEntries& rejects);

/// Returns `{"type":"rejects_retry", …}`.
std::string json(const RejectRetrySummary& summary);

/// Returns `{"type":"rewind", …}`.
std::string json(const Rewind& rewind);

/// Returns `{"type":"reset", …}`.
std::string json(const Reset& reset);

/// Returns `{"type":"error", …}`, of a command that failed as a whole.
std::string json(const Failure& failure);

}  // namespace strandline::report
