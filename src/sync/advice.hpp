// SPDX-License-Identifier: MIT
//
// What a run says to people about a stream.
#pragma once

#include <string>

#include "model/definition.hpp"
#include "store/store.hpp"
#include "strandline/sync.hpp"

namespace strandline::sync {

/// Returns the counts as an embedding program reads them.
Counts public_counts(const store::Counts& counts);

/// Adds to the summary what a person should know although nothing failed.
void warn(const model::StreamDefinition& stream, const store::Counts& counts,
          StreamSummary& summary);

/// Adds what a sweep did not delete, and why.
void warn_of_sweep(const store::Swept& swept,
                   const model::StreamDefinition& stream,
                   StreamSummary& summary);

/// Returns why a stream stops of whose `committed` records too many did not
/// fit.
Error too_many_rejects(const model::StreamDefinition& stream,
                       const store::Counts& committed,
                       const store::CommonReason& reason);

/// Adds to a failure what of the run stays, unless it says so itself.
void say_what_is_kept(const store::Counts& committed, Failure& failure);

/// Returns what is known of a thrown error, whatever it was.
Failure describe(const std::exception& error);

}  // namespace strandline::sync
