// SPDX-License-Identifier: MIT
#include "strandline/version.hpp"

#include <fmt/format.h>

#include <iostream>

#include "cli/verbs.hpp"

namespace strandline::cli {

int version(const Common& common) {
  std::cout << (common.json
                    ? fmt::format(R"({{"type":"version","version":"{}"}})"
                                  "\n",
                                  strandline::version)
                    : fmt::format("strandline {}\n", strandline::version));
  return 0;
}

}  // namespace strandline::cli
