// SPDX-License-Identifier: MIT
#pragma once

#include "config/table.hpp"

namespace strandline::config {

/// Holds `document` and everything in it against the key table: unknown and
/// missing keys, kinds and words, and what is not supported yet. What is wrong
/// is reported and marked as refused in the context, so that a reader finds
/// only values of the kinds that the table allows.
void check_keys(const Table& document);

}  // namespace strandline::config
