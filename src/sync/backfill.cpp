// SPDX-License-Identifier: MIT
#include "sync/backfill.hpp"

#include "model/mark.hpp"
#include "model/text.hpp"

namespace strandline::sync {
namespace {

[[noreturn]] void refuse(const model::StreamDefinition& stream,
                         const std::string& why, const std::string& advice) {
  throw Error(ExitCode::usage, stream.name + " " + why, {{"try", advice}});
}

}  // namespace

model::CursorValue parse_bound(const model::StreamDefinition& stream,
                               const std::string& option,
                               const std::string& text) {
  const auto& format = stream.cursor->format;
  const bool time = model::is_time(format);
  auto value = model::parse_stored(text, time);
  if (!value && time && format.zone) {
    if (const auto local = model::parse_rfc3339(text, format.zone)) {
      value = *local;
    }
  }
  if (!value) {
    throw Error(
        ExitCode::usage,
        option + " of " + stream.name + " is '" + model::printable(text, 60) +
            "', not " + (time ? "a time" : "a whole number"),
        {{"try",
          time ? option + " 2024-01-31, or " + option + " 2024-01-31T08:00:00Z"
               : option + " 12345"}});
  }
  return *value;
}

BackfillPlan plan_backfill(const model::StreamDefinition& stream,
                           const std::string& since,
                           const std::optional<std::string>& until) {
  if (!stream.has_mark()) {
    refuse(stream, "has no cursor field, so nothing can be read by its time",
           "--full, or name the streams that have one");
  }
  if (!model::asks(stream, "from")) {
    refuse(stream, "has no ${from} in its request, so --since asks for nothing",
           "--full");
  }
  BackfillPlan plan{stream, {}, {}};
  const auto from = parse_bound(stream, "--since", since);
  plan.stream.list = model::backfill_list;
  plan.stream.cursor->start = from;
  plan.identity = "\nbackfill from " + model::to_stored(from);
  if (!until) {
    return plan;
  }
  if (!model::asks(stream, "until")) {
    refuse(stream,
           "has no ${until} in its request, so --until asks for nothing",
           "--since alone, which reads up to now");
  }
  const auto to = parse_bound(stream, "--until", *until);
  if (to <= from) {
    refuse(stream, "has nothing between --since and --until",
           "--until later than --since");
  }
  plan.bounds.until = to;
  plan.identity += " until " + model::to_stored(to);
  return plan;
}

}  // namespace strandline::sync
