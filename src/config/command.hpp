// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/secret.hpp"

namespace strandline::config {

/// Returns `the command "PROGRAM"`, for messages: its arguments may tell more
/// than others should know.
std::string name_of(const std::vector<std::string>& command);

/// Runs a program, without a shell, and returns what it prints. It reads
/// nothing, its error output is ours, and it is the first of a process group of
/// its own, which is killed where it is not waited for. May be called while
/// there are other threads.
///
/// Throws Error as `resolve` does: if it cannot be run, ends with another
/// status than 0 or by a signal, takes too long, or prints more than `limit`
/// bytes. What it printed is not told.
std::string output_of(const std::vector<std::string>& command,
                      std::size_t limit, const Patience& patience);

}  // namespace strandline::config
