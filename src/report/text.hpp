// SPDX-License-Identifier: MIT
//
// What a person reads.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "strandline/history.hpp"
#include "strandline/rejects.hpp"
#include "strandline/rewind.hpp"
#include "strandline/sync.hpp"

namespace strandline::report {

/// Returns a run's outcome as a table, a line a stream, with a heading. Ends
/// with a newline; empty if no stream was read.
std::string text(const SyncSummary& summary);

/// Returns what a replay did not ask for, for people: how many answers, and the
/// first of them.
std::string unused(const Replayed& replayed);

/// Returns the streams' state as a table, a line a stream, with a heading, and
/// below it the reasons of what failed.
std::string text(const std::vector<StreamStatus>& streams);

/// Returns the history as a table with a heading, and below each entry that has
/// one the reason why it ended so; without any, how to come by one.
std::string text(const std::vector<RunEntry>& runs);

/// Returns the rejects as a table with a heading, below each its reason, in
/// lines of `width` columns, and where it was asked for the record as it was
/// sent.
std::string text(const RejectEntries& rejects, std::size_t width);

/// Returns what a retry did as a table, a line a stream, with a heading.
std::string text(const RejectRetrySummary& summary);

/// Returns what a rewind or reset would do, for a person to decide on.
std::string question(const Rewind& plan);
std::string question(const Reset& plan, bool rows);

/// Returns what a rewind or reset did, and what to do next.
std::string text(const Rewind& rewind);
std::string text(const Reset& reset);

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
