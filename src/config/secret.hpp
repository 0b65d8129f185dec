// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "model/definition.hpp"

namespace strandline::config {

/// Returns the secret that `reference` points to, without the line end that
/// editors put behind it. Throws Error: with `ExitCode::no_input` if it is
/// missing or empty, with `ExitCode::configuration` if it has a control
/// character. The message names the place, never the secret. Not to be called
/// while another thread changes the environment.
std::string resolve(const model::SecretReference& reference);

/// Returns what to warn of if `reference` is a file that others than its owner
/// may read.
std::optional<std::string> permission_warning(
    const model::SecretReference& reference);

}  // namespace strandline::config
