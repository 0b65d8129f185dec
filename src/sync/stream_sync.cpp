// SPDX-License-Identifier: MIT
#include "sync/stream_sync.hpp"

#include <limits>
#include <utility>

#include "http/error.hpp"
#include "sync/advice.hpp"
#include "sync/child_run.hpp"
#include "sync/fetcher.hpp"
#include "sync/stream_run.hpp"

namespace strandline::sync {
namespace {

using std::chrono::steady_clock;

std::optional<std::string> shown(
    const std::optional<model::CursorValue>& mark) {
  return mark ? std::optional(model::to_display(*mark)) : std::nullopt;
}

store::Beginning beginning(const model::StreamDefinition& stream,
                           const std::string& fingerprint, const Task& task) {
  store::Beginning beginning;
  beginning.fingerprint = fingerprint;
  beginning.full = task.full;
  beginning.mode = model::to_text(task.backfill    ? model::WindowMode::backfill
                                  : !stream.cursor ? model::WindowMode::snapshot
                                  : task.full      ? model::WindowMode::full
                                              : model::WindowMode::incremental);
  return beginning;
}

Found found(const model::StreamDefinition& stream, store::Store& store,
            std::int64_t run_id, const store::StreamWriter& writer) {
  Found found{stream.pipeline_name(),
              writer.checkpoint(),
              run_id,
              writer.complete_times().full,
              {}};
  if (!stream.parent.empty()) {
    found.due =
        store.pending(stream.owner(), std::numeric_limits<std::int32_t>::max());
  }
  return found;
}

store::Outcome outcome_of(const std::exception& error) {
  if (dynamic_cast<const http::Interrupted*>(&error) != nullptr ||
      dynamic_cast<const http::TimeUp*>(&error) != nullptr) {
    return store::Outcome::interrupted;
  }
  return dynamic_cast<const source::Stuck*>(&error) != nullptr
             ? store::Outcome::stuck
             : store::Outcome::failed;
}

store::Ending ending(const StreamSummary& summary, store::Outcome outcome,
                     const store::Counts& committed) {
  store::Ending ending;
  ending.warnings = summary.warnings;
  ending.uncommitted.requests = summary.counts.requests - committed.requests;
  ending.uncommitted.retries = summary.counts.retries - committed.retries;
  ending.uncommitted.bytes = summary.counts.bytes - committed.bytes;
  if (summary.failure) {
    ending.outcome = outcome;
    ending.exit_code = static_cast<int>(summary.failure->code);
    ending.error = summary.failure->message;
  }
  return ending;
}

}  // namespace

std::string shown_name(const model::StreamDefinition& stream) {
  return stream.called() + (stream.list == model::also_list ? stream.list : "");
}

StreamSummary sync_stream(const model::StreamDefinition& definition,
                          const std::string& fingerprint, http::Client& client,
                          store::Store& store, std::int64_t run_id,
                          const Task& task, const Environment& environment) {
  const auto begun = steady_clock::now();
  StreamSummary summary;
  summary.stream = shown_name(definition);
  summary.source = definition.source;
  summary.warnings = task.notices;
  client.set_stream(definition.name, definition.rate);
  const auto requests = client.requests();
  const auto retries = client.retries();
  const auto bytes = client.bytes();
  const auto start = beginning(definition, fingerprint, task);
  store::StreamWriter writer(store, run_id, definition, start,
                             environment.now());
  summary.mark_before = shown(writer.checkpoint().mark);
  if (environment.on_begin) {
    environment.on_begin(found(definition, store, run_id, writer));
  }
  StreamRun of_list(definition, task, client, writer, environment, summary);
  ChildRun of_parents(definition, task, client, store, writer, environment,
                      summary);
  const bool is_child = !definition.parent.empty();
  const auto& committed =
      is_child ? of_parents.committed() : of_list.committed();
  auto outcome = store::Outcome::ok;
  try {
    if (is_child) {
      of_parents.run();
    } else {
      of_list.run();
    }
  } catch (const std::exception& error) {
    outcome = outcome_of(error);
    summary.failure = describe(error);
    say_what_is_kept(committed, *summary.failure);
  }
  summary.outcome = store::to_text(outcome);
  for (auto& notice : writer.notices()) {
    summary.warnings.push_back(std::move(notice));
  }
  warn(definition, committed, summary);
  summary.mark_after = shown(writer.checkpoint().mark);
  summary.counts.requests = client.requests() - requests;
  summary.counts.retries = client.retries() - retries;
  summary.counts.bytes = client.bytes() - bytes;
  try {
    writer.finish(ending(summary, outcome, committed), environment.now());
  } catch (const std::exception& error) {
    // What the file refuses now does not hide what failed before.
    if (!summary.failure) {
      summary.failure = describe(error);
      summary.outcome = store::to_text(store::Outcome::failed);
    }
  }
  summary.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      steady_clock::now() - begun);
  return summary;
}

}  // namespace strandline::sync
