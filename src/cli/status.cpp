// SPDX-License-Identifier: MIT
#include "cli/verbs.hpp"

#include <algorithm>
#include <iostream>

#include "report/json.hpp"
#include "report/text.hpp"
#include "strandline/sync.hpp"

namespace strandline::cli {

int status(const Common& common, const std::vector<std::string>& streams) {
  const auto states = read_status(configuration_file(common), streams);
  std::cout << (common.json ? report::json(states) + "\n"
                            : report::text(states));
  const bool fresh =
      std::all_of(states.begin(), states.end(), [](const StreamStatus& stream) {
        return stream.freshness == Freshness::fresh;
      });
  return static_cast<int>(fresh ? ExitCode::ok : ExitCode::not_fresh);
}

}  // namespace strandline::cli
