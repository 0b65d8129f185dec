// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace strandline::http {

/// Returns `bytes` in base64 (RFC 4648 §4), padded, in one line.
std::string base64_encode(std::string_view bytes);

/// Returns the bytes that `text` writes in padded base64, with or without line
/// breaks; nothing if it is not that.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace strandline::http
