// SPDX-License-Identifier: MIT
#include "strandline/sync.hpp"

#include <fmt/format.h>

#include <iostream>

#include "cli/signals.hpp"
#include "cli/verbs.hpp"
#include "config/quantity.hpp"
#include "model/text.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace strandline::cli {
namespace {

std::optional<std::chrono::seconds> max_time(
    const std::optional<std::string>& text) {
  if (!text) {
    return {};
  }
  const auto time = config::parse_duration(*text);
  if (!time || time->count() == 0) {
    throw Error(ExitCode::usage,
                "--max-time is '" + model::printable(*text, 40) +
                    "', not a number of s, m, h or d",
                {{"try", "--max-time 90s, 10m, 2h or 1d"}});
  }
  return time;
}

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
  if (summary.replayed && !summary.replayed->unused.empty()) {
    console.warning(report::unused(*summary.replayed));
  }
}

}  // namespace

int sync(const Common& common, const SyncRequest& request) {
  report::Console console(common.detail);
  const StopOnSignal stop;
  SyncOptions options;
  options.config = configuration_file(common);
  options.streams = request.streams;
  options.full = request.full;
  options.allow_sweep = request.allow_sweep;
  options.since = request.since;
  options.until = request.until;
  options.max_time = max_time(request.max_time);
  options.record = request.record;
  options.replay = request.replay;
  options.scrub = request.scrub;
  options.ignore = request.ignore;
  options.stop = &stop.signal();
  options.on_progress = [&](const Progress& progress) {
    console.progress(progress);
  };
  options.on_wait = [&](const Waiting& waiting) { console.waiting(waiting); };
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
