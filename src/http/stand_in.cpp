// SPDX-License-Identifier: MIT
#include "http/stand_in.hpp"

#include <fmt/format.h>

namespace strandline::http {

std::string stand_in(std::string_view source, std::string_view role) {
  return source.empty() ? fmt::format("REDACTED-{}", role)
                        : fmt::format("REDACTED-{}-{}", source, role);
}

}  // namespace strandline::http
