// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

namespace strandline::cli {

/// Asks before `verb` does what cannot be undone, unless `yes`: shows what
/// `plan` returns on the terminal and waits for an answer. Throws Error
/// (ExitCode::usage) if the answer is not yes, or if there is nobody to ask.
void require_consent(const std::string& verb, bool yes,
                     const std::function<std::string()>& plan);

}  // namespace strandline::cli
