// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "http/har.hpp"
#include "model/instant.hpp"

namespace strandline::cli {

/// One run of the demo, as it was recorded.
struct DemoRun {
  model::Instant at;  ///< when it began
  std::vector<http::Exchange> exchanges;
};

/// Returns the demo's runs in order.
std::vector<DemoRun> demo_runs();

}  // namespace strandline::cli
