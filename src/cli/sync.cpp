// SPDX-License-Identifier: MIT
#include "strandline/sync.hpp"

#include <fmt/format.h>

#include <iostream>

#include "cli/signals.hpp"
#include "cli/verbs.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace strandline::cli {
namespace {

void print_problems(const SyncSummary& summary, report::Console& console) {
  for (const auto& warning : summary.warnings) {
    console.warning(warning);
  }
  for (const auto& stream : summary.streams) {
    for (const auto& warning : stream.warnings) {
      console.warning(stream.stream + ": " + warning);
    }
    if (stream.failure) {
      console.error(*stream.failure, stream.stream);
    }
  }
  if (summary.failure) {
    console.error(*summary.failure);
  }
}

}  // namespace

int sync(const Common& common, const std::vector<std::string>& streams,
         bool full) {
  report::Console console(common.detail);
  const StopOnSignal stop;
  SyncOptions options;
  options.config = configuration_file(common);
  options.streams = streams;
  options.full = full;
  options.stop = &stop.signal();
  options.on_progress = [&](const Progress& progress) {
    console.progress(progress);
  };
  console.info("configuration " + options.config.string());
  const auto summary = run_sync(options);
  print_problems(summary, console);
  if (common.json) {
    std::cout << report::json(summary) << '\n';
  } else if (common.detail != report::Console::Detail::quiet) {
    std::cout << report::text(summary);
  }
  return static_cast<int>(summary.exit_code);
}

}  // namespace strandline::cli
