// SPDX-License-Identifier: MIT
#include "strandline/rejects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "model/text.hpp"
#include "report/table.hpp"
#include "report/text.hpp"

namespace strandline::report {
namespace {

constexpr std::size_t longest_key = 24;
constexpr std::size_t longest_reason = 300;
constexpr std::size_t whole = static_cast<std::size_t>(-1);

// `["a","b"]` as "a, b", and a hash as its begin.
std::string shown_key(const std::string& key) {
  const auto parts = nlohmann::json::parse(key, nullptr, false);
  if (!parts.is_array()) {
    return model::printable(key, longest_key);
  }
  std::string joined;
  for (const auto& part : parts) {
    joined += joined.empty() ? "" : ", ";
    joined += part.is_string() ? part.get<std::string>() : part.dump();
  }
  return model::printable(joined, longest_key);
}

// The characters of `text`, each of which a terminal shows in one column.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// `text` in lines of at most `width` columns, if its words are no longer, each
// after two spaces.
std::string indented(std::string_view text, std::size_t width) {
  std::string lines;
  std::string line;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && columns(line) + 1 + columns(word) + 2 > width) {
      lines += "  " + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + std::string(word);
  }
  return lines + "  " + line;
}

std::string reason(const RejectEntry& reject, std::size_t width) {
  const auto resolved =
      reject.resolved_at ? "resolved " + *reject.resolved_at + ": " : "";
  return indented(model::printable(resolved + reject.reason, longest_reason),
                  width);
}

}  // namespace

std::string text(const RejectEntries& rejects, std::size_t width) {
  if (rejects.total == 0) {
    return "no rejects: every record fits\n";
  }
  Table table({"stream", "key", "first seen", "last seen", "run"},
              {false, false, false, false, true});
  for (const auto& reject : rejects.entries) {
    table.add({reject.stream, shown_key(reject.key), reject.first_seen_at,
               reject.last_seen_at, std::to_string(reject.last_run)});
    table.add_line(reason(reject, width));
    if (reject.raw) {
      table.add_line("  " + model::printable(*reject.raw, whole));
    }
  }
  const auto shown = static_cast<std::int64_t>(rejects.entries.size());
  return table.text() +
         (shown < rejects.total
              ? fmt::format("{} of {} rejects; --limit N shows more\n",
                            grouped(shown), grouped(rejects.total))
              : "");
}

std::string text(const RejectRetrySummary& summary) {
  const bool is_idle =
      summary.dry_run
          ? std::none_of(summary.streams.begin(), summary.streams.end(),
                         [](const RejectRetryEntry& each) {
                           return each.failure || each.loaded > 0 ||
                                  each.outdated > 0 || each.rejected > 0;
                         })
          : summary.run_id == 0;
  if (is_idle) {
    return "no open rejects: there is nothing to load\n";
  }
  Table table({"stream", "loaded", "outdated", "still rejected"},
              {false, true, true, true});
  std::int64_t left = 0;
  for (const auto& stream : summary.streams) {
    table.add({stream.stream, grouped(stream.loaded), grouped(stream.outdated),
               grouped(stream.rejected)});
    left += stream.rejected;
  }
  if (summary.dry_run) {
    return table.text() + "nothing was changed: without --dry-run it is\n";
  }
  return table.text() +
         (left > 0 ? "next: strandline rejects, which says why they do not "
                     "fit\n"
                   : "");
}

}  // namespace strandline::report
