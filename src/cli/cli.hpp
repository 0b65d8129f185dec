// SPDX-License-Identifier: MIT
#pragma once

namespace strandline::cli {

/// The program: reads the command line, does what it says, and returns the exit
/// code. Does not throw.
int run(int argc, char** argv) noexcept;

}  // namespace strandline::cli
