// SPDX-License-Identifier: MIT
//
// What verify says of what it found.
#pragma once

#include <filesystem>
#include <string>

#include "model/definition.hpp"
#include "store/content.hpp"
#include "strandline/verify.hpp"

namespace strandline::sync {

/// Returns what of two contents differs: "other rows", "other rejects",
/// "another checkpoint"; the first of them.
std::string difference(const store::Content& expected,
                       const store::Content& found);

/// Adds the fields of two checkpoints that differ to a finding's notes.
void add_checkpoint(const model::Checkpoint& expected,
                    const model::Checkpoint& found, Finding& finding);

/// Adds the first rows that differ between two files.
void add_rows(const std::filesystem::path& expected,
              const std::filesystem::path& found,
              const model::StreamDefinition& stream, Finding& finding);

/// Adds why a run failed.
void add_failure(const Failure& failure, Finding& finding);

/// Adds a finding to a proof; one that says the same as an earlier one counts
/// as that.
void add(Finding finding, StreamProof& proof);

}  // namespace strandline::sync
