// SPDX-License-Identifier: MIT
#include "report/json.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace strandline::report {
namespace {

using Json = nlohmann::ordered_json;

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

double seconds(std::chrono::milliseconds duration) {
  return static_cast<double>(duration.count()) / 1000;
}

Json notes(const std::vector<Note>& notes) {
  auto list = Json::array();
  for (const auto& note : notes) {
    list.push_back({{"label", note.label}, {"text", note.text}});
  }
  return list;
}

Json error(const Failure& failure) {
  return {{"exit_code", static_cast<int>(failure.code)},
          {"message", failure.message},
          {"notes", notes(failure.notes)}};
}

Json error(const std::optional<Failure>& failure) {
  return failure ? error(*failure) : Json(nullptr);
}

Json stream(const StreamSummary& stream) {
  const auto& counts = stream.counts;
  return {{"stream", stream.stream},
          {"source", stream.source},
          {"ok", !stream.failure},
          {"outcome", stream.outcome},
          {"complete", stream.complete},
          {"mode", stream.mode.empty() ? Json(nullptr) : Json(stream.mode)},
          {"resumed", stream.resumed},
          {"mark_before", or_null(stream.mark_before)},
          {"mark_after", or_null(stream.mark_after)},
          {"fetched", counts.fetched},
          {"inserted", counts.inserted},
          {"updated", counts.updated},
          {"unchanged", counts.unchanged},
          {"stale", counts.stale},
          {"rejected", counts.rejected},
          {"repeated", counts.repeated},
          {"deleted", counts.deleted},
          {"requests", counts.requests},
          {"retries", counts.retries},
          {"bytes", counts.bytes},
          {"duration_s", seconds(stream.duration)},
          {"warnings", stream.warnings},
          {"error", error(stream.failure)}};
}

// Text from outside may hold anything but is UTF-8 by then; what is not (a path
// may not be) must not make the summary fail.
std::string line(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string json(const SyncSummary& summary) {
  const auto& replayed = summary.replayed;
  auto streams = Json::array();
  for (const auto& each : summary.streams) {
    streams.push_back(stream(each));
  }
  return line(
      {{"type", "summary"},
       {"run_id", summary.run_id == 0 ? Json(nullptr) : Json(summary.run_id)},
       {"ok", summary.exit_code == ExitCode::ok},
       {"exit_code", static_cast<int>(summary.exit_code)},
       {"started_at", summary.started_at},
       {"duration_s", seconds(summary.duration)},
       {"database", summary.database.string()},
       {"streams", streams},
       {"warnings", summary.warnings},
       {"replay", replayed ? Json{{"recorded", replayed->recorded},
                                  {"unused", replayed->unused}}
                           : Json(nullptr)},
       {"error", error(summary.failure)}});
}

std::string json(const std::vector<StreamStatus>& streams) {
  bool ok = true;
  auto list = Json::array();
  for (const auto& each : streams) {
    ok = ok && each.freshness == Freshness::fresh;
    list.push_back(
        {{"stream", each.stream},
         {"source", each.source},
         {"state", to_text(each.freshness)},
         {"mark", or_null(each.mark)},
         {"rows", each.rows},
         {"rejects", each.rejects},
         {"unfinished", each.unfinished},
         {"last_success", or_null(each.last_success)},
         {"last_attempt", or_null(each.last_attempt)},
         {"last_change", or_null(each.last_change)},
         {"lateness_s",
          each.lateness ? Json(each.lateness->count()) : Json(nullptr)},
         {"last_error",
          each.last_error.empty() ? Json(nullptr) : Json(each.last_error)}});
  }
  return line({{"type", "status"}, {"ok", ok}, {"streams", list}});
}

std::string json(const std::vector<RunEntry>& runs) {
  auto list = Json::array();
  for (const auto& run : runs) {
    const auto& counts = run.counts;
    list.push_back(
        {{"run_id", run.run_id},
         {"stream", run.stream},
         {"source", run.source},
         {"mode", run.mode.empty() ? Json(nullptr) : Json(run.mode)},
         {"started_at", run.started_at},
         {"duration_s",
          run.duration ? Json(seconds(*run.duration)) : Json(nullptr)},
         {"outcome", run.outcome},
         {"exit_code", or_null(run.exit_code)},
         {"mark_before", or_null(run.mark_before)},
         {"mark_after", or_null(run.mark_after)},
         {"fetched", counts.fetched},
         {"inserted", counts.inserted},
         {"updated", counts.updated},
         {"unchanged", counts.unchanged},
         {"stale", counts.stale},
         {"rejected", counts.rejected},
         {"deleted", counts.deleted},
         {"requests", counts.requests},
         {"retries", counts.retries},
         {"bytes", counts.bytes},
         {"warnings", run.warnings},
         {"error", run.error.empty() ? Json(nullptr) : Json(run.error)}});
  }
  return line({{"type", "runs"}, {"runs", list}});
}

std::string json(const RejectEntries& rejects) {
  auto list = Json::array();
  for (const auto& each : rejects.entries) {
    Json entry = {{"stream", each.stream},
                  {"source", each.source},
                  {"key", each.key},
                  {"reason", each.reason},
                  {"first_seen_at", each.first_seen_at},
                  {"last_seen_at", each.last_seen_at},
                  {"first_run_id", each.first_run},
                  {"last_run_id", each.last_run},
                  {"resolved_at", or_null(each.resolved_at)}};
    if (each.raw) {
      entry["raw"] = *each.raw;
    }
    list.push_back(std::move(entry));
  }
  return line(
      {{"type", "rejects"}, {"total", rejects.total}, {"rejects", list}});
}

std::string json(const RejectRetrySummary& summary) {
  auto list = Json::array();
  for (const auto& each : summary.streams) {
    list.push_back({{"stream", each.stream},
                    {"source", each.source},
                    {"ok", !each.failure},
                    {"loaded", each.loaded},
                    {"outdated", each.outdated},
                    {"rejected", each.rejected},
                    {"error", error(each.failure)}});
  }
  return line(
      {{"type", "rejects_retry"},
       {"dry_run", summary.dry_run},
       {"run_id", summary.run_id == 0 ? Json(nullptr) : Json(summary.run_id)},
       {"ok", summary.exit_code == ExitCode::ok},
       {"exit_code", static_cast<int>(summary.exit_code)},
       {"streams", list}});
}

std::string json(const Rewind& rewind) {
  return line({{"type", "rewind"},
               {"ok", true},
               {"stream", rewind.stream},
               {"source", rewind.source},
               {"mark_before", rewind.mark_before},
               {"mark_after", rewind.mark_after},
               {"reads_from", rewind.reads_from},
               {"dropped_window", rewind.drops_window}});
}

std::string json(const Reset& reset) {
  return line({{"type", "reset"},
               {"ok", true},
               {"stream", reset.stream},
               {"source", reset.source},
               {"mark_before", or_null(reset.mark)},
               {"deleted_rows", reset.rows},
               {"deleted_rejects", reset.rejects}});
}

std::string json(const Failure& failure) {
  Json document = {{"type", "error"}};
  document.update(error(failure));
  return line(document);
}

}  // namespace strandline::report
