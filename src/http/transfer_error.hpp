// SPDX-License-Identifier: MIT
#pragma once

#include <curl/curl.h>

#include <optional>
#include <string>
#include <string_view>

#include "strandline/error.hpp"

namespace strandline::http {

/// Returns what can be done about a transfer of `handle` that failed with
/// `code`, and `reason` in libcurl's words.
ExitCode classify_failure(CURL* handle, CURLcode code, std::string_view reason);

/// Returns what to try about it, where there is something.
std::optional<std::string> advice_on_failure(CURL* handle, CURLcode code);

}  // namespace strandline::http
