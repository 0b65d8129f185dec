// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace strandline::model {

/// Returns the SHA-256 (FIPS 180-4) of `bytes` in lower-case hex.
std::string sha256_hex(std::string_view bytes);

}  // namespace strandline::model
