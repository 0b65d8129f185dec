// SPDX-License-Identifier: MIT
#include "sync/stream_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "model/sweep_moment.hpp"
#include "sync/advice.hpp"
#include "sync/batches.hpp"
#include "sync/fetcher.hpp"

namespace strandline::sync {
namespace {

// Pages that wait for the writer; one more is being decoded and one batch
// written meanwhile.
constexpr std::size_t queue_bytes = std::size_t{2} << 20U;

// Windows that a run reads for a sweep alone. Each is as long as the one before
// it took: if a busy list has no room for it in an answer, later runs try.
constexpr int windows_for_sweep = 2;

}  // namespace

StreamRun::StreamRun(const model::StreamDefinition& stream, const Task& task,
                     http::Client& client, store::StreamWriter& writer,
                     const Environment& environment, StreamSummary& summary)
    : stream_(stream),
      task_(task),
      client_(client),
      writer_(writer),
      environment_(environment),
      summary_(summary),
      committer_(stream, writer, environment, summary) {}

void StreamRun::run() {
  if (writer_.checkpoint().window && !has_lapsed()) {
    summary_.resumed = true;
    read_open_window();
    if (has_bounds() && done_) {
      summary_.complete = true;
      return;
    }
  }
  read_new_windows(mode());
  read_for_sweep();
  warn_of_missing();
  summary_.complete = true;
}

// True if the source has forgotten what the window that is open would bring. A
// whole list is remembered.
bool StreamRun::has_lapsed() const {
  const auto& checkpoint = writer_.checkpoint();
  return checkpoint.window->mode == model::WindowMode::incremental &&
         model::outlived(checkpoint, *stream_.cursor, environment_.now());
}

model::WindowMode StreamRun::mode() {
  if (has_bounds()) {
    return model::WindowMode::backfill;
  }
  if (!stream_.cursor) {
    return model::WindowMode::snapshot;
  }
  if (task_.full) {
    return model::WindowMode::full;
  }
  if (model::outlived(writer_.checkpoint(), *stream_.cursor,
                      environment_.now())) {
    summary_.warnings.push_back(
        "what changed since the last run is partly older than the source "
        "remembers (`retention`): the whole list is read again");
  } else if (!is_full_due()) {
    return model::WindowMode::incremental;
  }
  if (stream_.cursor->step) {
    move_mark({});
  }
  return model::WindowMode::full;
}

bool StreamRun::is_full_due() const {
  const auto& last = writer_.complete_times().full;
  return stream_.full_every && last &&
         environment_.now().seconds - last->seconds >=
             stream_.full_every->count();
}

// T0 as far as it is known, or what a person chose if that is earlier.
model::Instant StreamRun::horizon() const {
  const auto known =
      anchor_ ? *anchor_ : model::assumed_anchor(environment_.now());
  const auto* until = has_bounds() && task_.backfill->until
                          ? std::get_if<model::Instant>(&*task_.backfill->until)
                          : nullptr;
  return until != nullptr ? std::min(*until, known) : known;
}

void StreamRun::look_ahead() {
  horizon_ = horizon();
  assumed_ = !anchor_;
}

// True if no window follows this one, which is complete. What our own clock
// took for the end is none once an answer has told T0.
bool StreamRun::is_last(const model::Window& window) const {
  return !window.until || (!(assumed_ && anchor_ && horizon() > horizon_) &&
                           model::reaches(window, *stream_.cursor, horizon_));
}

void StreamRun::read_open_window() {
  look_ahead();
  resuming_ = true;
  try {
    read(model::resume(*writer_.checkpoint().window, stream_));
  } catch (const source::ClockSetBack& error) {
    go_back(error);
  }
  resuming_ = false;
}

void StreamRun::read_new_windows(model::WindowMode mode) {
  for (;;) {
    look_ahead();
    const auto before = writer_.checkpoint();
    auto window = model::open_window(before, stream_, mode, horizon_);
    if (before.window) {
      // It takes the place of the one that has lapsed, and is another.
      window.number = before.window->number + 1;
    }
    if (environment_.may_open &&
        !environment_.may_open(stream_.pipeline_name(), window)) {
      return;
    }
    try {
      read(window);
    } catch (const source::ClockSetBack& error) {
      go_back(error);
      continue;
    }
    if (is_last(window)) {
      return;
    }
    require_progress(window, before);
    if (mode == model::WindowMode::full) {
      mode = model::WindowMode::incremental;
    }
  }
}

// They say nothing of how the run went. What to do about a clock that was set
// back is for a run that has nothing else to do.
void StreamRun::read_for_sweep() {
  const auto mode = summary_.mode;
  for (int i = 0; i < windows_for_sweep && awaits_window(); ++i) {
    const auto& checkpoint = writer_.checkpoint();
    if (model::clock_set_back(checkpoint.mark, checkpoint.complete_anchor)) {
      break;
    }
    read_new_windows(model::WindowMode::incremental);
  }
  summary_.mode = mode;
}

// Without a T0 the mark follows what records tell, and an empty window tells
// nothing: the next one would be the same. (A first window that our own clock
// made too long may leave the mark where it was.)
void StreamRun::require_progress(const model::Window& window,
                                 const model::Checkpoint& before) const {
  const auto& after = writer_.checkpoint();
  if (after.mark != before.mark ||
      after.complete_maximum != before.complete_maximum ||
      (anchor_ && assumed_)) {
    return;
  }
  throw Error(
      ExitCode::protocol,
      fmt::format("the window from {} to {} brings nothing new, and the source "
                  "does not tell the time by which it could be passed",
                  window.from ? model::to_display(*window.from) : "the begin",
                  model::to_display(*window.until)),
      {{"try", "a longer `step`, a later `start`, or no `step` at all"}});
}

void StreamRun::go_back(const source::ClockSetBack& error) {
  const auto mark = writer_.checkpoint().mark;
  const auto to = went_back_
                      ? std::nullopt
                      : writer_.mark_in_history(model::latest_mark_before(
                            error.anchor(), *stream_.cursor));
  if (!to) {
    auto refusal = error;
    refusal.add_note("try", "strandline rewind " + stream_.name +
                                " --to TIME, with a time before the source's "
                                "clock; or correct that clock");
    throw refusal;
  }
  went_back_ = true;
  move_mark(to);
  summary_.warnings.push_back(fmt::format(
      "the mark {} lay after the source's clock, {}, which was set back: read "
      "again from {}, the mark of an earlier run",
      model::to_display(*mark), model::to_display(error.anchor()),
      model::to_display(*to)));
}

void StreamRun::move_mark(const std::optional<model::CursorValue>& mark) {
  writer_.move_mark(mark, environment_.now());
  committer_.tell(!writer_.checkpoint().window);
}

void StreamRun::read(model::Window window) {
  summary_.mode = model::to_text(window.mode);
  const auto& checkpoint = writer_.checkpoint();
  source::Basis basis;
  if (window.mode == model::WindowMode::incremental) {
    basis = {checkpoint.mark, checkpoint.state};
  }
  if (!stream_.element.empty()) {
    basis.parent = source::Parent::of_element(stream_.element);
  }
  one_answer_.begin(window);
  PageQueue queue(queue_bytes);
  source::Reader reader(stream_, client_, std::move(window), environment_.now,
                        std::move(basis));
  const Fetcher fetcher([&] { return reader.next(); }, client_, queue,
                        environment_.deadline);
  write_batches(
      queue, environment_.batch,
      {[this] { return empty_batch(); },
       [this](source::Page page, store::Batch& batch) {
         add(std::move(page), batch);
       },
       [this](const store::Batch& batch) { committer_.commit(batch); }});
}

store::Batch StreamRun::empty_batch() const {
  store::Batch batch;
  batch.after = writer_.checkpoint();
  batch.before = {committer_.committed().rejected,
                  committer_.committed().fetched};
  return batch;
}

void StreamRun::add(source::Page page, store::Batch& batch) {
  const auto& window = page.window;
  one_answer_.add(page, stream_);
  read_whole_ = read_whole_ || window.mode == model::WindowMode::full;
  batch.counts.requests += page.requests;
  batch.counts.retries += page.retries;
  batch.counts.bytes += page.bytes;
  batch.counts.cursors += page.counts;
  // That of a window which was left open is of an earlier run; and a run that
  // followed each new one might read for ever.
  if (window.anchor && !resuming_ && !anchor_) {
    anchor_ = window.anchor;
  }
  if (page.restarted) {
    summary_.warnings.push_back(
        "the source did not let the run continue where the last one ended; "
        "the window was begun anew");
  }
  if (page.resynced) {
    summary_.mode = model::to_text(window.mode);
    summary_.warnings.push_back(
        "the source no longer knows where the last run ended: everything is "
        "read again from the begin");
    batch.after.state.reset();
  }
  if (model::first_wins(stream_)) {
    batch.first_wins = window.number;
  }
  if (const auto& mark = writer_.checkpoint().mark;
      mark && window.mode == model::WindowMode::incremental) {
    const auto* instant = std::get_if<model::Instant>(&*mark);
    batch.late_below =
        instant != nullptr ? std::optional(*instant) : std::nullopt;
  }
  note_keys(window, batch);
  if (stream_.has_mark() && stream_.list != model::also_list) {
    batch.from = window.from;
  }
  batch.children_due = window.mode == model::WindowMode::full || task_.full;
  if (page.complete) {
    close(window, batch);
  } else {
    batch.after.window = window;
  }
  batch.pages.push_back(std::move(page.records));
}

bool StreamRun::looks_for_missing() const {
  return model::finds_missing(stream_) && !has_bounds();
}

// A second list with a cursor is read whole only where this one says so.
bool StreamRun::begins_reading() const {
  return stream_.also.empty() || !stream_.also.front().cursor ||
         stream_.cursor || task_.full;
}

// True if the sweep of a whole reading waits for one more window.
bool StreamRun::awaits_window() const {
  return writer_.checkpoint().sweep_after.has_value();
}

// From the first window of a whole reading to the one that ends its sweep.
void StreamRun::note_keys(const model::Window& window,
                          store::Batch& batch) const {
  auto& after = batch.after;
  if (!looks_for_missing()) {
    // What comes now would not be known to have come.
    after.drop_sweep();
    return;
  }
  const bool whole = window.mode == model::WindowMode::full ||
                     window.mode == model::WindowMode::snapshot;
  const auto& open = after.window;
  if (whole && (!open || open->number != window.number) && begins_reading()) {
    after.drop_sweep();
    after.sweep_from = window.number;
  }
  if (after.sweep_from) {
    batch.noted = window.number;
  }
}

// What changed while the whole list was read may have moved past the reading.
// It is in the next window, unless it changed again while that was read: it
// must be one that cannot have missed anything. Where there is a second list,
// that is read next, and the sweep is at its end. One that goes on where an
// earlier run was cut short was begun before the first list was read anew, and
// does not fit it.
void StreamRun::end_reading(const model::Window& window,
                            store::Batch& batch) const {
  auto& after = batch.after;
  if (!after.sweep_from || !is_last(window)) {
    return;
  }
  if (model::sweep_moment(stream_) == model::SweepMoment::later &&
      !one_answer_.holds()) {
    if (window.mode == model::WindowMode::full) {
      after.sweep_after = window.number;
    }
    if (after.sweep_after) {
      return;
    }
  }
  after.sweep_after.reset();
  if (!stream_.also.empty()) {
    return;
  }
  const auto& deleted = stream_.deleted;
  if (stream_.list != model::also_list || !resuming_) {
    store::Sweep sweep;
    sweep.remove = deleted.remove;
    sweep.twice = stream_.page.counts();
    sweep.limit = deleted.limit;
    sweep.approved = task_.allow_sweep;
    sweep.since = *after.sweep_from;
    if (const auto* const column = model::element_column(stream_)) {
      sweep.scope.emplace_back(column->name, stream_.element);
    }
    if (stream_.has_mark()) {
      sweep.from = model::lower_bound({}, *stream_.cursor);
    }
    batch.sweep = std::move(sweep);
  }
  after.sweep_from.reset();
}

void StreamRun::warn_of_missing() {
  if (awaits_window()) {
    summary_.warnings.push_back(
        "rows that are missing are not looked for yet: records may have moved "
        "while the list was read, and what changed since did not fit in one "
        "answer; the next run tries again");
  }
  if (read_whole_ && stream_.deleted.missing &&
      !model::finds_missing(stream_)) {
    summary_.warnings.push_back(
        "rows that are missing were not looked for: a record that changes "
        "while a list is read up to ${until} is beyond it, and would be taken "
        "for deleted");
  }
}

void StreamRun::close(const model::Window& window, store::Batch& batch) {
  batch.after = model::close_window(batch.after, window, stream_);
  end_reading(window, batch);
  // A backfill that is done leaves nothing to go on from: the next one with the
  // same bounds reads them again.
  if (has_bounds() && is_last(window)) {
    done_ = true;
    batch.after.mark.reset();
    batch.after.complete_anchor.reset();
    batch.after.complete_maximum.reset();
  }
}

}  // namespace strandline::sync
