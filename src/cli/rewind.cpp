// SPDX-License-Identifier: MIT
#include "strandline/rewind.hpp"

#include <iostream>

#include "cli/consent.hpp"
#include "cli/verbs.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace strandline::cli {

int rewind(const Common& common, const std::string& stream,
           const RewindTarget& target, bool yes) {
  const auto config = configuration_file(common);
  require_consent("rewind", yes, [&] {
    return report::question(plan_rewind(config, stream, target));
  });
  const auto rewound = rewind_stream(config, stream, target);
  if (common.json) {
    std::cout << report::json(rewound) << '\n';
  } else if (common.detail != report::Console::Detail::quiet) {
    std::cout << report::text(rewound);
  }
  return 0;
}

}  // namespace strandline::cli
