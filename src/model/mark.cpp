// SPDX-License-Identifier: MIT
#include "model/mark.hpp"

#include <algorithm>
#include <chrono>

namespace strandline::model {
namespace {

// Nothing is less than anything.
std::optional<CursorValue> larger(const std::optional<CursorValue>& a,
                                  const std::optional<CursorValue>& b) {
  return std::max(a, b);
}

bool against_order(const Window& window, const CursorRule& rule,
                   const CursorValue& cursor) {
  if (!window.last) {
    return false;
  }
  const auto now = round_down(cursor, rule.format);
  const auto before = round_down(*window.last, rule.format);
  switch (rule.order) {
    case Order::ascending:
      return now < before;
    case Order::descending:
      return now > before;
    case Order::unordered:
      break;
  }
  return false;
}

// True if the window had no bound but `start`.
bool whole_list(const Checkpoint& checkpoint, const Window& window) {
  switch (window.mode) {
    case WindowMode::full:
    case WindowMode::snapshot:
      return !window.until;
    case WindowMode::incremental:
      return !window.until && !checkpoint.mark && !checkpoint.state;
    case WindowMode::backfill:
      break;
  }
  return false;
}

// The begin of the unit behind the one that `value` is in.
CursorValue next_unit(CursorValue value, const CursorFormat& format) {
  return minus_units(round_down(value, format), format, -1);
}

Instant moved(Instant instant, std::chrono::nanoseconds by) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(by);
  return plus(instant, seconds.count(), (by - seconds).count());
}

// Without a bound below there is nothing that a step could be counted from.
std::optional<CursorValue> upper_bound(const std::optional<CursorValue>& from,
                                       const std::optional<CursorValue>& mark,
                                       const CursorRule& rule,
                                       Instant horizon) {
  auto until = round_down(horizon, rule.format);
  if (!from) {
    return until;
  }
  if (rule.step) {
    auto end = moved(std::get<Instant>(*from), *rule.step);
    // In an hour that a zone repeats or skips it rounds down to the hour's
    // begin: a window that ended there again and again would go nowhere.
    while (mark && round_down(end, rule.format) <= *mark && end < horizon) {
      end = moved(end, std::chrono::hours(1));
    }
    until = std::min(until, round_down(end, rule.format));
  }
  // Should our clock be behind the source's the window still ends after it
  // begins, and its answer tells the true time.
  return std::max(until, next_unit(*from, rule.format));
}

// The mark of a complete window of `stream`, before it is held up to the old.
std::optional<CursorValue> candidate(const Checkpoint& checkpoint,
                                     const Window& window,
                                     const CursorRule& rule) {
  if (window.anchor && is_time(rule.format)) {
    return window.until ? std::min(*window.until, CursorValue(*window.anchor))
                        : window.maximum;
  }
  // Newest first a smaller one stands behind it, and is read in this window. In
  // any other order one may be made in a part that was read, or show up late.
  if (rule.immutable && rule.order == Order::descending) {
    return window.maximum;
  }
  return std::min(window.until ? window.until : window.maximum,
                  checkpoint.complete_maximum);
}

}  // namespace

CursorCounts& CursorCounts::operator+=(const CursorCounts& other) {
  missing += other.missing;
  future += other.future;
  outside += other.outside;
  inversions += other.inversions;
  return *this;
}

std::optional<Instant> anchor(std::optional<Instant> date,
                              std::int64_t time_to_first_byte_ns) {
  if (!date) {
    return {};
  }
  return plus(*date, -1, -time_to_first_byte_ns);
}

Instant assumed_anchor(Instant now) {
  return plus(now, -unknown_clock_seconds);
}

std::chrono::nanoseconds effective_overlap(const CursorRule& rule) {
  return std::max(std::chrono::nanoseconds(rule.overlap), unit(rule.format));
}

std::optional<CursorValue> lower_bound(const std::optional<CursorValue>& mark,
                                       const CursorRule& rule) {
  const auto start = rule.start
                         ? std::optional(round_down(*rule.start, rule.format))
                         : std::nullopt;
  if (!mark) {
    return start;
  }
  const auto* integer = std::get_if<std::int64_t>(&*mark);
  const auto from =
      integer != nullptr
          ? minus_units(*integer, rule.format, rule.integer_overlap)
          : round_down(
                moved(std::get<Instant>(*mark), -effective_overlap(rule)),
                rule.format);
  // What is older than `start` is in no whole reading either.
  return start && *start <= *mark ? std::max(from, *start) : from;
}

bool settled(const Checkpoint& checkpoint, const CursorRule& rule) {
  if (!checkpoint.mark || !checkpoint.complete_anchor ||
      !is_time(rule.format)) {
    return false;
  }
  // A filter cannot tell the mark from what else is in its unit.
  const auto end = next_unit(*checkpoint.mark, rule.format);
  return moved(std::get<Instant>(end), effective_overlap(rule)) <
         *checkpoint.complete_anchor;
}

CursorValue filter_bound(CursorValue from, const CursorRule& rule) {
  const auto unit_begin = round_down(from, rule.format);
  return rule.exclusive
             ? round_down(minus_units(unit_begin, rule.format, 1), rule.format)
             : unit_begin;
}

Window open_window(const Checkpoint& checkpoint, const StreamDefinition& stream,
                   WindowMode mode, const std::optional<Instant>& horizon) {
  Window window;
  window.number = checkpoint.complete_number + 1;
  window.mode = mode;
  window.position.basis = position_basis(stream);
  if (!stream.cursor) {
    return window;
  }
  const auto& rule = *stream.cursor;
  if (!stream.has_mark()) {
    if (mode == WindowMode::full || !checkpoint.state) {
      window.from = lower_bound({}, rule);
    }
    return window;
  }
  const auto mark = mode == WindowMode::full ? std::nullopt : checkpoint.mark;
  window.from = lower_bound(mark, rule);
  if (checkpoint.sweep_after && mode == WindowMode::incremental &&
      window.from && checkpoint.complete_anchor && is_time(rule.format)) {
    // The mark may lie after the T0 of what was read last, where a clock was
    // set back a little.
    window.from =
        std::min(window.from, lower_bound(*checkpoint.complete_anchor, rule));
  }
  const bool bounded = asks(stream, "until");
  // Whether an upper bound is inclusive is not known: its own records may not
  // have come.
  if (mark && rule.exclusive && !bounded && settled(checkpoint, rule)) {
    window.from = next_unit(*mark, rule.format);
  }
  if (horizon && bounded) {
    window.until = upper_bound(window.from, mark, rule, *horizon);
  }
  return window;
}

bool reaches(const Window& window, const CursorRule& rule, Instant horizon) {
  return !window.until || *window.until >= round_down(horizon, rule.format);
}

bool clock_set_back(const std::optional<CursorValue>& mark,
                    const std::optional<Instant>& anchor) {
  const auto* instant = mark ? std::get_if<Instant>(&*mark) : nullptr;
  return instant != nullptr && anchor &&
         *instant > plus(*anchor, set_back_seconds);
}

CursorValue latest_mark_before(Instant anchor, const CursorRule& rule) {
  return moved(anchor, -effective_overlap(rule));
}

bool outlived(const Checkpoint& checkpoint, const CursorRule& rule,
              Instant now) {
  if (!rule.retention) {
    return false;
  }
  const auto oldest = plus(now, -rule.retention->count());
  const auto* mark =
      checkpoint.mark ? std::get_if<Instant>(&*checkpoint.mark) : nullptr;
  if (mark == nullptr && !checkpoint.state) {
    return false;
  }
  // A quiet stream's mark is old, and nothing was missed. Without a T0 only the
  // mark is known.
  if (checkpoint.complete_anchor) {
    return *checkpoint.complete_anchor < oldest;
  }
  return mark != nullptr && *mark < oldest;
}

bool first_wins(const StreamDefinition& stream) {
  return stream.has_mark() && stream.cursor->order == Order::descending &&
         !stream.page.counts() && stream.page.kind != PageRule::Kind::single;
}

Window restart(const Window& window) {
  Window again;
  again.number = window.number + 1;
  again.mode = window.mode;
  again.from = window.from;
  again.until = window.until;
  again.restarts = window.restarts + 1;
  again.position.basis = window.position.basis;
  return again;
}

Window resync(const Window& window, const StreamDefinition& stream) {
  auto again = restart(window);
  again.restarts = 0;
  again.mode = WindowMode::full;
  again.from = lower_bound({}, *stream.cursor);
  return again;
}

Window resume(const Window& window, const StreamDefinition& stream) {
  const auto basis = position_basis(stream);
  if (!window.position.first_page() && window.position.basis == basis) {
    return window;
  }
  auto again = restart(window);
  again.restarts = window.restarts;
  again.position.basis = basis;
  return again;
}

void observe(Window& window, CursorCounts& counts, const CursorRule& rule,
             const std::optional<CursorValue>& cursor,
             const std::optional<Instant>& limit) {
  if (!cursor) {
    ++counts.missing;
    window.ordered = false;
    return;
  }
  if (window.from && *cursor < filter_bound(*window.from, rule)) {
    ++counts.outside;
  }
  if (against_order(window, rule, *cursor)) {
    ++counts.inversions;
    window.ordered = false;
  }
  window.last = cursor;
  const auto* instant = std::get_if<Instant>(&*cursor);
  if (instant != nullptr && limit && *instant > *limit) {
    ++counts.future;
    return;
  }
  window.maximum = larger(window.maximum, cursor);
}

Checkpoint close_window(const Checkpoint& checkpoint, const Window& window,
                        const StreamDefinition& stream) {
  Checkpoint closed = checkpoint;
  closed.window.reset();
  closed.complete_number = window.number;
  closed.complete_anchor = window.anchor;
  closed.complete_full = whole_list(checkpoint, window);
  if (window.state) {
    closed.state = window.state;
  }
  if (!stream.has_mark()) {
    return closed;
  }
  closed.mark =
      larger(checkpoint.mark, candidate(checkpoint, window, *stream.cursor));
  // An empty window says nothing about how far the source had come: the
  // largest of an earlier one still holds.
  closed.complete_maximum =
      window.maximum ? window.maximum : checkpoint.complete_maximum;
  return closed;
}

}  // namespace strandline::model
