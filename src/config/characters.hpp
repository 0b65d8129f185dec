// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace strandline::config {

/// Returns `text` with the letters A to Z as a to z.
std::string lower(std::string_view text);

/// Returns true if `text` is `[A-Za-z][A-Za-z0-9_]*`.
bool is_identifier(std::string_view text);

/// Returns true if `text` may be the name of a header (RFC 9110: a token).
bool is_header_name(std::string_view text);

/// Returns the number of characters in `text`, which is UTF-8.
std::size_t characters(std::string_view text);

/// Returns true if `text` holds a control character of ASCII.
bool has_control_character(std::string_view text);

}  // namespace strandline::config
