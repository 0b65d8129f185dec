// SPDX-License-Identifier: MIT
#include "strandline/verify.hpp"

#include <fmt/format.h>

#include <iostream>

#include "cli/signals.hpp"
#include "cli/verbs.hpp"
#include "report/verify.hpp"

namespace strandline::cli {
namespace {

std::string line(const VerifyProgress& progress) {
  return progress.of == 0
             ? fmt::format("{}: {}", progress.stream, progress.what)
             : fmt::format("{}: {}, {} of {}", progress.stream, progress.what,
                           progress.done, progress.of);
}

void print_problems(const VerifySummary& summary, report::Console& console) {
  for (const auto& proof : summary.streams) {
    if (proof.failure) {
      console.error(*proof.failure, proof.stream);
    }
  }
  if (summary.failure) {
    console.error(*summary.failure);
  }
  if (!summary.kept.empty()) {
    console.warning("the scratch files are in " + summary.kept.string());
  }
}

}  // namespace

int verify(const Common& common, const VerifyRequest& request) {
  report::Console console(common.detail);
  const StopOnSignal stop;
  VerifyOptions options;
  options.config = configuration_file(common);
  options.streams = request.streams;
  if (request.replay) {
    options.replay = *request.replay;
  }
  options.crash = request.crash;
  options.seed = request.seed;
  options.keep = request.keep;
  options.stop = &stop.signal();
  options.on_progress = [&](const VerifyProgress& progress) {
    console.working(line(progress));
  };
  const auto summary = run_verify(options);
  console.working({});
  print_problems(summary, console);
  if (common.json) {
    std::cout << report::json(summary) << '\n';
  } else if (common.detail != report::Console::Detail::quiet) {
    std::cout << report::text(summary);
  }
  if (request.digest && !common.json) {
    std::cout << report::digests(summary);
  }
  return static_cast<int>(summary.exit_code);
}

}  // namespace strandline::cli
