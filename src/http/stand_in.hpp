// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace strandline::http {

/// Returns what stands in recordings, messages and replays in the place of a
/// source's secret: "REDACTED-crm-token". `role` is the secret's key in the
/// configuration, "access_token", or "basic" for user and password in one;
/// where the source has no name, it is left out.
std::string stand_in(std::string_view source, std::string_view role);

}  // namespace strandline::http
