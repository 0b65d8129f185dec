// SPDX-License-Identifier: MIT
#include "cli/cli.hpp"
#include "cli/signals.hpp"

int main(int argc, char** argv) {
  strandline::cli::keep_child_statuses();
  return strandline::cli::run(argc, argv);
}
