// SPDX-License-Identifier: MIT
#include "strandline/rewind.hpp"

#include <iostream>

#include "cli/consent.hpp"
#include "cli/verbs.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace strandline::cli {

int reset(const Common& common, const std::string& stream, bool rows,
          bool yes) {
  const auto config = configuration_file(common);
  require_consent("reset", yes, [&] {
    return report::question(plan_reset(config, stream, rows), rows);
  });
  const auto forgotten = reset_stream(config, stream, rows);
  if (common.json) {
    std::cout << report::json(forgotten) << '\n';
  } else if (common.detail != report::Console::Detail::quiet) {
    std::cout << report::text(forgotten);
  }
  return 0;
}

}  // namespace strandline::cli
