// SPDX-License-Identifier: MIT
#pragma once

#include <toml++/toml.h>

#include <optional>
#include <string>

#include "config/reporter.hpp"

namespace strandline::config {

/// Reports that the file is not TOML, in words for people who do not know
/// TOML's.
void report_syntax(const toml::parse_error& error, Reporter& reporter);

/// Returns what `text` says, whose places are in `file`, which the reporter
/// knows; nothing if it is not TOML, which is reported.
std::optional<toml::table> parse_document(const std::string& file,
                                          const std::string& text,
                                          Reporter& reporter);

}  // namespace strandline::config
