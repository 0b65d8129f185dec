// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/transport.hpp"

namespace strandline::source {

/// Returns the target of the first link of relation `relation` in the `Link`
/// headers (RFC 8288), as it stands; nothing if there is none. A relation is
/// one of the words of a `rel` parameter and compares without case. Throws
/// DecodeError for a header that cannot be read to its end before the link was
/// found: the link may stand in the rest.
std::optional<std::string> linked(const http::Headers& headers,
                                  std::string_view relation);

}  // namespace strandline::source
