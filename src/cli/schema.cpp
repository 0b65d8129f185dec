// SPDX-License-Identifier: MIT
#include "config/schema.hpp"

#include <iostream>

#include "cli/verbs.hpp"

namespace strandline::cli {

int schema(bool of_connector) {
  std::cout << config::schema(of_connector);
  return 0;
}

}  // namespace strandline::cli
