// SPDX-License-Identifier: MIT
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  return strandline::cli::run(argc, argv);
}
