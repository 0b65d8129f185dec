// SPDX-License-Identifier: MIT
//
// Which tables a stream lies over.
#pragma once

#include "config/connector.hpp"
#include "config/table.hpp"

namespace strandline::config {

/// Returns the stream `entry` of `streams`, which are those of the user's file
/// `document`, laid over the stream that it is `like`, or else over its
/// connector's of its own name, and so on. Reports a `like` that names no
/// stream, or leads in a circle, and a name that the connector does not have;
/// the table is not whole then.
Table layered_stream(const Table& streams, const Entry& entry,
                     const toml::table& document, const Connectors& connectors);

}  // namespace strandline::config
