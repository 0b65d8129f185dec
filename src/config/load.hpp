// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "config/problem.hpp"
#include "model/definition.hpp"

namespace strandline::config {

/// Reads and checks the configuration in `file`. Secrets are not read, only
/// where they are. Throws Error with `ExitCode::no_input` if the file cannot be
/// read, and ConfigError with everything that is wrong with it; a file that is
/// not TOML has one problem, the first.
model::Configuration load(const std::filesystem::path& file);

}  // namespace strandline::config
