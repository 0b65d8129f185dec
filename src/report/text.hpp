// SPDX-License-Identifier: MIT
//
// What a person reads.
#pragma once

#include <string>
#include <vector>

#include "strandline/sync.hpp"

namespace strandline::report {

/// Returns a run's outcome as a table, a line a stream, with a heading. Ends
/// with a newline; empty if no stream was read.
std::string text(const SyncSummary& summary);

/// Returns the streams' state as a table, a line a stream, with a heading, and
/// below it the reasons of what failed.
std::string text(const std::vector<StreamStatus>& streams);

/// Returns an error with its notes, a line each: "strandline: contacts: …".
/// `stream` may be empty.
std::string text(const Failure& failure, const std::string& stream);

/// Returns `number` with its digits in groups of three: "12,400".
std::string grouped(std::int64_t number);

/// Returns a duration for people: "0.4 s", "3 min 20 s".
std::string duration(std::chrono::milliseconds duration);

/// Returns an amount of bytes for people: "918 kB".
std::string amount(std::int64_t bytes);

}  // namespace strandline::report
