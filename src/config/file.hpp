// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace strandline::config {

/// Returns what `file` holds. Throws Error with `ExitCode::no_input` if it
/// cannot be read or is longer than `limit` bytes; `what` says what it is, as
/// in "the secret file".
std::string read_file(const std::filesystem::path& file, std::string_view what,
                      std::size_t limit);

}  // namespace strandline::config
