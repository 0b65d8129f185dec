// SPDX-License-Identifier: MIT
#include "cli/verbs.hpp"

#include <iostream>

#include "config/schema.hpp"

namespace strandline::cli {

int schema(bool of_connector) {
  std::cout << config::schema(of_connector);
  return 0;
}

}  // namespace strandline::cli
