// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "strandline/verify.hpp"

namespace strandline::report {

/// Returns what was done and found as a table, a line a list of records, below
/// it what is wrong with the first rows that differ, and last the verdict.
/// Empty if nothing was done.
std::string text(const VerifySummary& summary);

/// Returns the digests of the tables, a line each: digest, rows, name; the same
/// for the same input on every machine.
std::string digests(const VerifySummary& summary);

/// Returns `{"type":"verify", …}`.
std::string json(const VerifySummary& summary);

}  // namespace strandline::report
