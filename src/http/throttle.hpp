// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "http/transport.hpp"
#include "model/instant.hpp"

namespace strandline::http {

/// The longest wait that `asked_wait` returns: a hundred years.
inline constexpr std::chrono::milliseconds longest_asked_wait =
    std::chrono::hours(36'525 * 24);

/// Returns how long a source asks not to be asked again, counted from the
/// answer's arrival, from nothing to `longest_asked_wait`; or nothing if the
/// answer's headers say no such thing, or nothing that can be read. `now` is
/// our own clock at the arrival; it stands in for a `Date` that the answer does
/// not have.
///
/// `Retry-After`, in seconds or as an HTTP date, goes before all others. Then
/// come the limits that have no request left, each with the time of its reset,
/// or a wait of nothing if that cannot be read: `RateLimit` in the forms of the
/// IETF's drafts, and `…-Remaining` and `…-Reset` of `RateLimit`, `Rate-Limit`,
/// `X-RateLimit` and `X-Rate-Limit`. A reset is in seconds from now, seconds or
/// milliseconds since 1970, as its size tells, or a date (HTTP or RFC 3339); in
/// an answer 429 or 503 it counts also where nobody says what remains. Of
/// several waits the longest counts.
std::optional<std::chrono::milliseconds> asked_wait(const Response& response,
                                                    model::Instant now);

}  // namespace strandline::http
