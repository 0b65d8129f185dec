// SPDX-License-Identifier: MIT
#include "config/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace strandline::config {

std::string joined(const Option& option) {
  return fmt::format("{}", fmt::join(option.values, ","));
}

}  // namespace strandline::config
