// SPDX-License-Identifier: MIT
#include "cli/consent.hpp"

#include <unistd.h>

#include <iostream>

#include "strandline/error.hpp"

namespace strandline::cli {
namespace {

bool is_yes(const std::string& answer) {
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "Yes";
}

}  // namespace

void require_consent(const std::string& verb, bool yes,
                     const std::function<std::string()>& plan) {
  if (yes) {
    return;
  }
  if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) {
    throw Error(ExitCode::usage,
                verb +
                    " asks before it changes anything, and there is no "
                    "terminal to ask at",
                {{"try", "--yes, which answers"}});
  }
  std::cerr << plan() << "Go on? [y/N] " << std::flush;
  std::string answer;
  const bool answered = static_cast<bool>(std::getline(std::cin, answer));
  if (!answered) {
    std::cerr << '\n';  // the line that nobody ended
  }
  if (!answered || !is_yes(answer)) {
    throw Error(ExitCode::usage, verb + ": not confirmed, nothing is changed");
  }
}

}  // namespace strandline::cli
