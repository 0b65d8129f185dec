// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace strandline::http {

/// Throws Error with `ExitCode::no_input` unless `file` can be read and holds
/// certificates in PEM, at least one, each of them sound.
void require_certificates(const std::filesystem::path& file);

}  // namespace strandline::http
