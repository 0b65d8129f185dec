// SPDX-License-Identifier: MIT
#include "strandline/history.hpp"

#include <iostream>

#include "cli/verbs.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace strandline::cli {

int runs(const Common& common, const std::vector<std::string>& streams,
         std::size_t limit) {
  const auto entries = read_runs(configuration_file(common), streams, limit);
  std::cout << (common.json ? report::json(entries) + "\n"
                            : report::text(entries));
  return 0;
}

}  // namespace strandline::cli
