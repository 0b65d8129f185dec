// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <tuple>

#include "http/error.hpp"
#include "recording/request_key.hpp"

namespace strandline::recording {

/// How far two requests are from each other, to compare: one of the same origin
/// is nearer than one of the same path, that than one of the same method, then
/// one of a like query, then one of a like body.
using Distance = std::tuple<bool, bool, bool, std::size_t, std::size_t>;
Distance distance(const RequestKey& a, const RequestKey& b);

/// Adds to `error` how the request `asked` differs from the one `recorded`, a
/// note for each of their parts.
void add_difference(http::HttpError& error, const RequestKey& asked,
                    const RequestKey& recorded);

}  // namespace strandline::recording
