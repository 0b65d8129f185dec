// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "model/instant.hpp"
#include "recording/har.hpp"

namespace strandline::cli {

/// One run of the demo, as it was recorded.
struct DemoRun {
  model::Instant at;  ///< when it began
  std::vector<recording::Exchange> exchanges;
};

/// Returns the demo's runs in order.
std::vector<DemoRun> demo_runs();

}  // namespace strandline::cli
