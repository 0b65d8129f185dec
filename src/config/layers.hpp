// SPDX-License-Identifier: MIT
//
// Which tables a stream lies over.
#pragma once

#include "config/table.hpp"

namespace strandline::config {

/// Returns the stream `entry` of `streams`, laid over the stream that it is
/// `like`, which lies over its own, and so on. Reports a `like` that names no
/// stream, or leads in a circle; the table is not whole then.
Table layered_stream(const Table& streams, const Entry& entry);

}  // namespace strandline::config
