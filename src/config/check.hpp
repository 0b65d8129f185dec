// SPDX-License-Identifier: MIT
#pragma once

#include "config/table.hpp"

namespace strandline::config {

/// Holds `document` and everything in it against the key table: unknown keys,
/// kinds and words, what is not supported yet, and what is missing at the top
/// level. What is wrong is reported and marked as refused in the context, so
/// that a reader finds only values of the kinds that the table allows.
void check_keys(const Table& document);

/// Reports the keys that a table of this section must have and `table` has in
/// none of its layers.
void check_required(const Table& table);

}  // namespace strandline::config
