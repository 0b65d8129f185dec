// SPDX-License-Identifier: MIT
#include "strandline/rejects.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>

#include "cli/verbs.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace strandline::cli {
namespace {

// Of the terminal that reads the answer; elsewhere a line has no end.
std::size_t width() {
  winsize size{};
  const bool known = isatty(STDOUT_FILENO) != 0 &&
                     ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
                     size.ws_col > 0;
  return known ? size.ws_col : static_cast<std::size_t>(-1);
}

}  // namespace

int rejects(const Common& common, RejectOptions options) {
  options.raw =
      options.raw || common.detail == report::Console::Detail::verbose;
  const auto list = read_rejects(configuration_file(common), options);
  std::cout << (common.json ? report::json(list) + "\n"
                            : report::text(list, width()));
  return 0;
}

int rejects_retry(const Common& common, const std::vector<std::string>& streams,
                  bool dry_run) {
  const auto summary =
      retry_rejects(configuration_file(common), streams, dry_run);
  report::Console console(common.detail);
  if (common.json) {
    std::cout << report::json(summary) << '\n';
  } else if (common.detail != report::Console::Detail::quiet) {
    std::cout << report::text(summary);
  }
  for (const auto& stream : summary.streams) {
    if (stream.failure) {
      console.error(*stream.failure, stream.stream);
    }
  }
  return static_cast<int>(summary.exit_code);
}

}  // namespace strandline::cli
