// SPDX-License-Identifier: MIT
#include "strandline/history.hpp"

#include "store/history.hpp"

#include <algorithm>

#include "config/load.hpp"
#include "store/lock.hpp"
#include "sync/advice.hpp"
#include "sync/run.hpp"

namespace strandline {
namespace {

using Records = std::vector<store::RunRecord>;

bool runs(const store::RunRecord& record) {
  return record.outcome == "running";
}

// Each stream's newest, and of these the newest.
Records read(const std::filesystem::path& file,
             const std::vector<model::StreamDefinition>& streams,
             std::size_t limit) {
  if (streams.empty()) {
    return store::read_runs(file, limit);
  }
  Records records;
  for (const auto& stream : streams) {
    const auto some = store::read_runs(file, limit, stream.pipeline_name());
    records.insert(records.end(), some.begin(), some.end());
  }
  std::stable_sort(
      records.begin(), records.end(),
      [](const auto& a, const auto& b) { return a.run_id > b.run_id; });
  records.resize(std::min(records.size(), limit));
  return records;
}

// The next run will close what a killed one left open. Who asks before that
// should not be told that it runs. A run may begin or end at any time: only
// what had begun before nobody held the lock, and has no end after that, was
// killed.
Records with_killed(const model::Configuration& configuration,
                    const std::vector<model::StreamDefinition>& streams,
                    std::size_t limit) {
  auto records = read(configuration.database, streams, limit);
  if (std::none_of(records.begin(), records.end(), runs) ||
      store::is_locked(configuration.database)) {
    return records;
  }
  const auto newest = records.front().run_id;
  records = read(configuration.database, streams, limit);
  for (auto& record : records) {
    if (runs(record) && record.run_id <= newest) {
      record.outcome = "killed";
    }
  }
  return records;
}

std::optional<std::string> shown(
    const std::optional<model::CursorValue>& mark) {
  return mark ? std::optional(model::to_display(*mark)) : std::nullopt;
}

std::optional<std::chrono::milliseconds> duration(
    const store::RunRecord& record) {
  if (!record.started_at || !record.finished_at || record.outcome == "killed") {
    return {};
  }
  const auto& [begin, end] = std::pair(*record.started_at, *record.finished_at);
  return std::chrono::seconds(end.seconds - begin.seconds) +
         std::chrono::milliseconds((end.nanoseconds - begin.nanoseconds) /
                                   1'000'000);
}

RunEntry entry(const store::RunRecord& record) {
  const auto dot = record.pipeline_name.find('.');
  RunEntry entry;
  entry.run_id = record.run_id;
  entry.stream = record.pipeline_name.substr(dot + 1);
  entry.source = record.pipeline_name.substr(0, dot);
  entry.mode = record.mode;
  if (record.started_at) {
    entry.started_at = model::to_rfc3339(*record.started_at, 0);
  }
  entry.duration = duration(record);
  entry.outcome = record.outcome;
  entry.counts = sync::public_counts(record.counts);
  entry.mark_before = shown(record.mark_before);
  entry.mark_after = shown(record.mark_after);
  entry.exit_code = record.exit_code;
  entry.error = record.error;
  entry.warnings = record.warnings;
  return entry;
}

}  // namespace

std::vector<RunEntry> read_runs(const std::filesystem::path& config,
                                const std::vector<std::string>& streams,
                                std::size_t limit) {
  const auto configuration = config::load(config);
  // What has left the configuration stays in the history.
  const auto wanted = streams.empty() ? std::vector<model::StreamDefinition>()
                                      : sync::chosen(configuration, streams);
  std::vector<RunEntry> entries;
  for (const auto& record : with_killed(configuration, wanted, limit)) {
    entries.push_back(entry(record));
  }
  return entries;
}

}  // namespace strandline
