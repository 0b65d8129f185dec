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
  switch (rule.order) {
    case Order::ascending:
      return cursor < *window.last;
    case Order::descending:
      return cursor > *window.last;
    case Order::unordered:
      break;
  }
  return false;
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

std::optional<CursorValue> lower_bound(const std::optional<CursorValue>& mark,
                                       const CursorRule& rule) {
  if (!mark) {
    return rule.start ? std::optional(round_down(*rule.start, rule.format))
                      : std::nullopt;
  }
  if (const auto* integer = std::get_if<std::int64_t>(&*mark)) {
    return minus_units(*integer, rule.format, rule.integer_overlap);
  }
  const auto overlap =
      std::max(std::chrono::nanoseconds(rule.overlap), unit(rule.format));
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(overlap);
  return round_down(plus(std::get<Instant>(*mark), -seconds.count(),
                         -(overlap - seconds).count()),
                    rule.format);
}

CursorValue filter_bound(CursorValue from, const CursorRule& rule) {
  return rule.exclusive ? minus_units(from, rule.format, 1) : from;
}

Window open_window(const Checkpoint& checkpoint, const StreamDefinition& stream,
                   WindowMode mode) {
  Window window;
  window.number = checkpoint.complete_number + 1;
  window.mode = mode;
  window.position.basis = position_basis(stream);
  if (stream.cursor) {
    const auto mark = mode == WindowMode::full ? std::nullopt : checkpoint.mark;
    window.from = lower_bound(mark, *stream.cursor);
  }
  return window;
}

Window restart(const Window& window) {
  Window again;
  again.number = window.number;
  again.mode = window.mode;
  again.from = window.from;
  again.until = window.until;
  again.restarts = window.restarts + 1;
  again.position.basis = window.position.basis;
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
  if (window.from && *cursor < *window.from) {
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
  closed.complete_full =
      window.mode != WindowMode::incremental || !checkpoint.mark;
  if (!stream.cursor) {
    return closed;
  }
  const bool anchored = window.anchor && is_time(stream.cursor->format);
  const auto candidate =
      anchored || stream.cursor->immutable
          ? window.maximum
          : std::min(window.maximum, checkpoint.complete_maximum);
  closed.mark = larger(checkpoint.mark, candidate);
  // An empty window says nothing about how far the source had come: the
  // largest of an earlier one still holds.
  closed.complete_maximum =
      window.maximum ? window.maximum : checkpoint.complete_maximum;
  return closed;
}

}  // namespace strandline::model
