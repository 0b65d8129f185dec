// SPDX-License-Identifier: MIT
//
// What verify says of what it found.
#pragma once

#include <filesystem>
#include <string>

#include "strandline/verify.hpp"
#include "sync/family.hpp"

namespace strandline::sync {

/// True if all tables are the same, and all rejects.
bool same_rows(const FamilyContent& a, const FamilyContent& b);

bool same_checkpoints(const FamilyContent& a, const FamilyContent& b);

/// Returns what of two contents differs: "other rows", "other rejects",
/// "another checkpoint", …; the first of them.
std::string difference(const FamilyContent& expected,
                       const FamilyContent& found);

/// Adds the fields of checkpoints that differ to a finding's notes.
void add_checkpoints(const FamilyContent& expected, const FamilyContent& found,
                     const Family& family, Finding& finding);

/// Adds the first rows that differ between two files.
void add_rows(const std::filesystem::path& expected,
              const std::filesystem::path& found, const Family& family,
              Finding& finding);

/// Adds why a run failed.
void add_failure(const Failure& failure, Finding& finding);

/// Adds a finding to a proof; one that says the same as an earlier one counts
/// as that.
void add(Finding finding, StreamProof& proof);

}  // namespace strandline::sync
