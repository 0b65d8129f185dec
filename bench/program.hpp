// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>

namespace strandline::bench {

double seconds_since(std::chrono::steady_clock::time_point begun);

/// What a program took.
struct Usage {
  double seconds;
  double cpu_seconds;
  long peak_kib;
};

/// Runs `program sync`. Throws if it fails.
Usage sync(const char* program, const std::filesystem::path& config);

}  // namespace strandline::bench
