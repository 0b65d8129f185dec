// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace strandline::config {

/// Returns what is wrong with `url` as the address of a source, as the end of
/// a sentence, or nothing. Never repeats a part of the URL that may hold a
/// secret. `http` is right only for a loopback host, unless `allow_http`.
std::optional<std::string> base_url_fault(std::string_view url,
                                          bool allow_http);

/// As `base_url_fault`, for an address that may have a query.
std::optional<std::string> token_url_fault(std::string_view url,
                                           bool allow_http);

/// True for "localhost", addresses in 127.0.0.0/8 and "[::1]".
bool is_loopback(std::string_view host);

}  // namespace strandline::config
