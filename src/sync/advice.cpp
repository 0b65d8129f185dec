// SPDX-License-Identifier: MIT
#include "sync/advice.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/path.hpp"
#include "model/text.hpp"

namespace strandline::sync {

using model::plural;

Counts public_counts(const store::Counts& counts) {
  Counts shown;
  shown.fetched = counts.fetched;
  shown.inserted = counts.inserted;
  shown.updated = counts.updated;
  shown.unchanged = counts.unchanged;
  shown.stale = counts.stale;
  shown.rejected = counts.rejected;
  shown.repeated = counts.repeated;
  shown.deleted = counts.deleted;
  shown.requests = counts.requests;
  shown.retries = counts.retries;
  shown.bytes = counts.bytes;
  return shown;
}

// What a person should know although nothing failed.
void warn(const model::StreamDefinition& stream, const store::Counts& counts,
          StreamSummary& summary) {
  const auto say = [&](std::string text) {
    summary.warnings.push_back(std::move(text));
  };
  // Too many of them are a failure, which says it all.
  if (counts.rejected > 0 &&
      !model::exceeds(stream.max_rejects, counts.rejected, counts.fetched)) {
    say(plural(counts.rejected, "record") +
        " did not fit: strandline rejects " + stream.name + " says why");
  }
  if (counts.without_children > 0) {
    say(plural(counts.without_children, "record") +
        " without a value that its children are asked for with: they were not "
        "read");
  }
  // A feed of changes, or of versions, tells of one record again and again.
  if (counts.replaced > 0 && !stream.version &&
      (!stream.cursor || stream.has_mark())) {
    say(plural(counts.replaced, "record") +
        " had the key of another in the same page, and other values: the last "
        "one of a key counts; if they are different records, `key` does not "
        "tell them apart");
  }
  if (!stream.has_mark()) {
    return;
  }
  const auto cursor = model::to_text(stream.cursor->field);
  if (counts.cursors.missing > 0) {
    say(plural(counts.cursors.missing, "record") + " without a readable '" +
        cursor + "': loaded, not counted for the mark");
  }
  if (counts.cursors.future > 0) {
    say(plural(counts.cursors.future, "record") +
        " dated in the future: loaded, not counted for the mark");
  }
  if (counts.cursors.inversions > 0) {
    say(plural(counts.cursors.inversions, "record") +
        " against the declared order: the mark moves at the window's end only, "
        "so nothing is lost, but `order` is wrong");
  }
  if (stream.cursor->order != model::Order::descending &&
      counts.cursors.outside > 10 &&
      counts.cursors.outside * 2 > counts.fetched) {
    say(plural(counts.cursors.outside, "record") +
        " from before what was asked for: does the source know the filter?");
  }
}

namespace {

// What reads anew what is to be looked through: without a cursor each run does.
std::string sweeping_command(const model::StreamDefinition& stream) {
  const bool is_read_whole = stream.parent.empty() && !stream.cursor &&
                             stream.list != model::also_list;
  return is_read_whole ? "strandline sync " + stream.name + " --allow-sweep"
                       : model::whole_reading_command(stream, "--allow-sweep");
}

}  // namespace

void warn_of_sweep(const store::Swept& swept,
                   const model::StreamDefinition& stream,
                   StreamSummary& summary) {
  if (swept.unknown_keys) {
    summary.warnings.push_back(
        "nothing was looked for that is missing: a record came whose key "
        "cannot be read, and may be that of any row");
  }
  if (swept.before_start) {
    summary.warnings.push_back(
        "nothing was looked for that is missing: rows were loaded from before "
        "`start`, which this reading did not ask for");
  }
  if (swept.kept > 0) {
    summary.warnings.push_back(fmt::format(
        "{} of {} rows {} not in the source's list any more, which is more "
        "than {:g} %: none was deleted; if they are gone for good, run {}",
        swept.kept, swept.rows, swept.kept == 1 ? "is" : "are",
        stream.deleted.limit * 100, sweeping_command(stream)));
  }
}

Error too_many_rejects(const model::StreamDefinition& stream,
                       const store::Counts& committed,
                       const store::CommonReason& reason) {
  const auto& limit = stream.max_rejects;
  const auto allowed =
      limit.count
          ? fmt::format("max_rejects = {}", *limit.count)
          : fmt::format("max_rejects = \"{:.10g}%\"", limit.share * 100);
  return {
      ExitCode::data,
      fmt::format("{} of {} did not fit, more than {} allows",
                  committed.rejected, plural(committed.fetched, "record"),
                  allowed),
      {{"reason", reason.rejects == 1 ? reason.example
                                      : fmt::format("of {}: {}", reason.rejects,
                                                    reason.example)},
       {"kept",
        fmt::format("{}, and what did not fit with its reason; the next run "
                    "reads the last of them again",
                    plural(committed.fetched - committed.rejected, "record"))},
       {"try", fmt::format("strandline rejects {}, which shows them; then "
                           "correct `columns`, or set `max_rejects` higher",
                           stream.name)}}};
}

void say_what_is_kept(const store::Counts& committed, Failure& failure) {
  if (std::any_of(failure.notes.begin(), failure.notes.end(),
                  [](const Note& note) { return note.label == "kept"; })) {
    return;
  }
  const Note kept{"kept", committed.fetched == 0
                              ? "everything as it was before"
                              : plural(committed.fetched, "record") +
                                    "; the next run continues after them"};
  const auto advice =
      std::find_if(failure.notes.begin(), failure.notes.end(),
                   [](const Note& note) { return note.label == "try"; });
  failure.notes.insert(advice, kept);
}

Failure describe(const std::exception& error) {
  if (const auto* ours = dynamic_cast<const Error*>(&error)) {
    return {ours->code(), ours->what(), ours->notes()};
  }
  return {ExitCode::bug,
          std::string("a fault of this program: ") + error.what(),
          {{"try", "report it, with the command and what it printed"}}};
}

}  // namespace strandline::sync
