// SPDX-License-Identifier: MIT
#include "strandline/sync.hpp"

#include "store/status.hpp"

#include "config/load.hpp"
#include "model/mark.hpp"
#include "sync/run.hpp"

namespace strandline {
namespace {

Freshness freshness(const store::StreamState& state,
                    std::chrono::seconds expect_every, model::Instant now) {
  if (state.last_outcome == "failed" || state.last_outcome == "stuck") {
    return Freshness::failing;
  }
  if (!state.last_success) {
    return Freshness::never_ran;
  }
  const auto age = now.seconds - state.last_success->seconds;
  return age <= expect_every.count()       ? Freshness::fresh
         : age <= 2 * expect_every.count() ? Freshness::late
                                           : Freshness::stale;
}

// Nothing unless it is more than half of what the next window reads again.
std::optional<std::chrono::seconds> lateness(
    const store::StreamState& state, const model::StreamDefinition& stream) {
  if (!state.lateness_s || !stream.has_mark()) {
    return {};
  }
  const std::chrono::duration<double> late(*state.lateness_s);
  if (2 * late <= model::effective_overlap(*stream.cursor)) {
    return {};
  }
  return std::chrono::ceil<std::chrono::seconds>(late);
}

std::optional<std::string> shown(const std::optional<model::Instant>& instant) {
  return instant ? std::optional(model::to_rfc3339(*instant, 0)) : std::nullopt;
}

}  // namespace

const char* to_text(Freshness freshness) {
  switch (freshness) {
    case Freshness::fresh:
      return "fresh";
    case Freshness::late:
      return "late";
    case Freshness::stale:
      return "stale";
    case Freshness::failing:
      return "failing";
    case Freshness::never_ran:
      break;
  }
  return "never_ran";
}

std::vector<StreamStatus> read_status(const std::filesystem::path& config,
                                      const std::vector<std::string>& streams) {
  const auto configuration = config::load(config);
  const auto wanted = sync::chosen(configuration, streams);
  const auto states = store::read_states(configuration.database, wanted);
  const auto now = sync::system_now();
  std::vector<StreamStatus> result;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& state = states[i];
    StreamStatus status;
    status.stream = wanted[i].called();
    status.source = wanted[i].source;
    status.freshness = freshness(state, wanted[i].expect_every, now);
    if (state.mark) {
      status.mark = model::to_display(*state.mark);
    }
    status.rows = state.rows;
    status.rejects = state.open_rejects;
    status.unfinished = state.window_open;
    status.last_success = shown(state.last_success);
    status.last_attempt = shown(state.last_attempt);
    status.last_change = shown(state.last_change);
    status.last_error = state.last_error;
    status.lateness = lateness(state, wanted[i]);
    result.push_back(std::move(status));
  }
  return result;
}

}  // namespace strandline
