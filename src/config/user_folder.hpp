// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace strandline::config {

/// Returns the folder of the user's own files, `strandline` in
/// $XDG_CONFIG_HOME or in ~/.config; empty if neither is known.
std::filesystem::path user_folder();

}  // namespace strandline::config
