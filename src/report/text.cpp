// SPDX-License-Identifier: MIT
#include "report/text.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <map>

#include "report/table.hpp"

namespace strandline::report {

std::string grouped(std::int64_t number) {
  auto digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (auto at = digits.size(); at > first + 3; at -= 3) {
    digits.insert(at - 3, ",");
  }
  return digits;
}

std::string duration(std::chrono::milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 60'000) {
    return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  }
  return fmt::format("{} min {} s", ms / 60'000, ms / 1000 % 60);
}

std::string amount(std::int64_t bytes) {
  constexpr double kilo = 1000;
  const auto value = static_cast<double>(bytes);
  if (value < kilo) {
    return fmt::format("{} bytes", bytes);
  }
  if (value < kilo * kilo) {
    return fmt::format("{:.0f} kB", value / kilo);
  }
  return fmt::format("{:.1f} MB", value / kilo / kilo);
}

std::string text(const SyncSummary& summary) {
  if (summary.streams.empty()) {
    return {};
  }
  Table table({"stream", "outcome", "fetched", "inserted", "updated",
               "unchanged", "deleted", "rejected", "requests", "mark"},
              {false, false, true, true, true, true, true, true, true, false});
  Counts sum;
  for (const auto& stream : summary.streams) {
    const auto& counts = stream.counts;
    sum.requests += counts.requests;
    sum.retries += counts.retries;
    sum.bytes += counts.bytes;
    table.add({stream.stream, stream.outcome, grouped(counts.fetched),
               grouped(counts.inserted), grouped(counts.updated),
               grouped(counts.unchanged), grouped(counts.deleted),
               grouped(counts.rejected), grouped(counts.requests),
               stream.mark_after.value_or("-")});
  }
  const auto again = sum.retries == 0 ? ""
                                      : fmt::format(" ({} of them again)",
                                                    grouped(sum.retries));
  return table.text() + fmt::format("run {}: {} {}{}, {}, {}\n", summary.run_id,
                                    grouped(sum.requests),
                                    sum.requests == 1 ? "request" : "requests",
                                    again, amount(sum.bytes),
                                    duration(summary.duration));
}

std::string unused(const Replayed& replayed) {
  constexpr std::size_t shown = 5;
  std::map<std::string, int> times;
  for (const auto& request : replayed.unused) {
    ++times[request];
  }
  auto text = fmt::format(
      "{} of {} recorded answers {} not asked for:", replayed.unused.size(),
      replayed.recorded, replayed.unused.size() == 1 ? "was" : "were");
  std::size_t count = 0;
  for (const auto& [request, number] : times) {
    if (++count > shown) {
      return text + ", …";
    }
    text += fmt::format("{} {}", count == 1 ? "" : ",", request);
    if (number > 1) {
      text += fmt::format(" ({} times)", number);
    }
  }
  return text;
}

std::string text(const std::vector<StreamStatus>& streams) {
  Table table({"stream", "state", "rows", "mark", "last success",
               "last attempt", "rejects"},
              {false, false, true, false, false, false, true});
  std::string reasons;
  for (const auto& stream : streams) {
    table.add({stream.stream, to_text(stream.freshness), grouped(stream.rows),
               stream.mark.value_or("-"), stream.last_success.value_or("-"),
               stream.last_attempt.value_or("-"), grouped(stream.rejects)});
    if (stream.freshness == Freshness::failing) {
      reasons += fmt::format("{}: {}\n", stream.stream, stream.last_error);
    }
    if (stream.lateness) {
      reasons += fmt::format(
          "{}: records came up to {} s after their own time, more than half "
          "the overlap: set overlap = \"{}s\" or more\n",
          stream.stream, stream.lateness->count(),
          2 * stream.lateness->count());
    }
    if (stream.unfinished) {
      reasons += fmt::format(
          "{}: the last run was cut short; the next one continues there\n",
          stream.stream);
    }
  }
  return table.text() + reasons;
}

std::string text(const Failure& failure, const std::string& stream) {
  auto lines = fmt::format("strandline: {}{}{}\n", stream,
                           stream.empty() ? "" : ": ", failure.message);
  for (const auto& note : failure.notes) {
    if (note.label == "line") {
      lines += note.text + "\n";
      continue;
    }
    lines += fmt::format("  {:<8}  {}\n", note.label, note.text);
  }
  return lines;
}

}  // namespace strandline::report
