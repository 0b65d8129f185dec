// SPDX-License-Identifier: MIT
#include "sync/live.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "config/file.hpp"
#include "recording/har.hpp"
#include "recording/har_document.hpp"
#include "recording/recorder.hpp"
#include "recording/redaction.hpp"
#include "sync/network.hpp"
#include "sync/playback.hpp"

namespace strandline::sync {
namespace {

void set_clients(Environment& environment, Network& network) {
  environment.client = [&](const model::SourceDefinition& source) {
    return network.client(source);
  };
}

std::string document_of(recording::Recording recording,
                        const RunOptions& options, const Recorded& recorded,
                        const http::Redactor& redactor) {
  recording.asked = {options.full, options.since, options.until};
  recording.ignored = recorded.ignored;
  recording.scrubbed = recorded.scrub;
  auto document = recording::har_document(recording);
  recording::Redaction(&redactor, recorded.scrub).apply(document);
  return recording::document_text(document);
}

// What the run itself made due has no values: it does so again.
std::optional<std::vector<recording::DueParent>> due_of(const Found& found) {
  if (!found.due) {
    return {};
  }
  std::vector<recording::DueParent> due;
  for (const auto& parent : *found.due) {
    auto& each = due.emplace_back();
    each.key = parent.key;
    if (parent.run_id != found.run_id) {
      each.values = parent.values;
      each.position = parent.position;
    }
  }
  return due;
}

// Where a stream stands, for people.
std::string place(const model::Checkpoint& checkpoint) {
  return checkpoint.mark ? "at the mark " + model::to_display(*checkpoint.mark)
                         : std::string("at the beginning");
}

}  // namespace

SyncSummary run_live(const model::Configuration& configuration,
                     const RunOptions& options, Environment environment,
                     const Live& live) {
  environment.now = system_now;
  environment.parallel = configuration.parallel;
  Network network({environment.stop, environment.deadline, live.told},
                  live.retry, configuration.database);
  set_clients(environment, network);
  return run(configuration, options, environment);
}

SyncSummary run_and_record(const model::Configuration& configuration,
                           const RunOptions& options, Environment environment,
                           const Live& live, const Recorded& recorded,
                           std::string& har) {
  recording::Recorder recorder(system_now);
  environment.now = [&] { return recorder.now(); };
  environment.on_begin = [&](const Found& found) {
    recorder.keep(found.pipeline_name, found.checkpoint, found.full_at,
                  due_of(found));
  };
  Network network(
      {environment.stop, environment.deadline, live.told}, live.retry,
      live.logins_beside.empty() ? configuration.database : live.logins_beside,
      &recorder);
  set_clients(environment, network);
  auto summary = run(configuration, options, environment);
  auto recording = recorder.recording();
  har = recording.exchanges.empty() ? std::string()
                                    : document_of(std::move(recording), options,
                                                  recorded, network.redactor());
  return summary;
}

std::string recording_text(const std::filesystem::path& file) {
  return config::read_file(file, "the recording",
                           std::numeric_limits<std::size_t>::max());
}

recording::Recording read_recording(const std::filesystem::path& file) {
  return recording::read_har(recording_text(file), file.filename().string());
}

SyncSummary run_replay(const model::Configuration& configuration,
                       const RunOptions& options, Environment environment,
                       const http::RetryPolicy& retry,
                       recording::Recording recording) {
  const auto begins = std::move(recording.checkpoints);
  Playback playback(std::move(recording), configuration, environment.stop,
                    retry);
  playback.set(environment);
  std::vector<std::string> elsewhere;
  environment.on_begin = [&](const Found& found) {
    const auto begin = begins.find(found.pipeline_name);
    if (begin != begins.end() && begin->second.mark != found.checkpoint.mark) {
      elsewhere.push_back(fmt::format(
          "the recording of {} begins {}, and the database is {}",
          found.pipeline_name, place(begin->second), place(found.checkpoint)));
    }
  };
  auto summary = run(configuration, options, environment);
  const auto& replay = playback.replay();
  summary.replayed = {replay.size(), replay.unused()};
  if (replay.missed()) {
    summary.exit_code = ExitCode::data;
    summary.warnings.insert(summary.warnings.end(), elsewhere.begin(),
                            elsewhere.end());
  }
  return summary;
}

}  // namespace strandline::sync
