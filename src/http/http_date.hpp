// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include "model/instant.hpp"

namespace strandline::http {

/// Returns the instant that `text` writes as an HTTP date (RFC 9110 §5.6.7), or
/// nothing: "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"
/// or "Sun Nov  6 08:49:37 1994", letter for letter, on a day that there is,
/// and with its day of the week. A year of two digits is the latest that is no
/// more than fifty years after `now`. A second of 60 is the last nanosecond of
/// its minute.
std::optional<model::Instant> parse_http_date(std::string_view text,
                                              model::Instant now);

}  // namespace strandline::http
