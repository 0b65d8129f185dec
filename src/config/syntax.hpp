// SPDX-License-Identifier: MIT
#pragma once

#include <toml++/toml.h>

#include "config/reporter.hpp"

namespace strandline::config {

/// Reports that the file is not TOML, in words for people who do not know
/// TOML's.
void report_syntax(const toml::parse_error& error, Reporter& reporter);

}  // namespace strandline::config
