// SPDX-License-Identifier: MIT
//
// The rules of the high-water mark. Pure: no I/O and no clock.
#pragma once

#include <cstdint>
#include <optional>

#include "model/checkpoint.hpp"

namespace strandline::model {

/// How many times in a row a window may be begun anew because the source
/// refused its position, before the stream is stuck.
inline constexpr std::int64_t max_restarts = 3;

/// What was noticed about the cursors of a page or a run.
struct CursorCounts {
  std::int64_t missing = 0;     ///< null, missing or unreadable
  std::int64_t future = 0;      ///< beyond T0: loaded, not counted in the mark
  std::int64_t outside = 0;     ///< below `from`
  std::int64_t inversions = 0;  ///< against the declared order

  CursorCounts& operator+=(const CursorCounts& other);
};

/// Returns the anchor T0 of a window: the `Date` of its first data answer, less
/// the time to first byte, less a second. None without a `Date`.
std::optional<Instant> anchor(std::optional<Instant> date,
                              std::int64_t time_to_first_byte_ns);

/// Returns the lower bound of the window after `mark`: the mark less the
/// overlap (at least one unit of the format), rounded down to the format's
/// unit; without a mark `start`; without that none.
std::optional<CursorValue> lower_bound(const std::optional<CursorValue>& mark,
                                       const CursorRule& rule);

/// Returns what a filter is sent for `from`: one unit less if it is exclusive.
CursorValue filter_bound(CursorValue from, const CursorRule& rule);

/// Returns the stream's next window: a new one, with the number after the last
/// complete one.
Window open_window(const Checkpoint& checkpoint, const StreamDefinition& stream,
                   WindowMode mode);

/// Returns the same window from its first page: with a new T0 to come, its
/// running maximum forgotten, and one restart more.
Window restart(const Window& window);

/// Returns the window that a run goes on with where `window` was left open: the
/// same, or, where its position is missing or has another basis, the window
/// from its first page, as after `restart` but without counting one.
Window resume(const Window& window, const StreamDefinition& stream);

/// Takes the cursor of the next record into the window. Beyond `limit` (T0, or
/// where there is none our own clock) it does not count. `cursor` is nothing
/// where the record's is missing or unreadable.
void observe(Window& window, CursorCounts& counts, const CursorRule& rule,
             const std::optional<CursorValue>& cursor,
             const std::optional<Instant>& limit);

/// Returns the checkpoint after `window` was read to its proved end: the new
/// mark is the largest of the old one and the window's maximum. Without a T0
/// (no `Date`, or integers) the mark follows one complete window behind unless
/// the cursor is immutable. No window is open in it.
Checkpoint close_window(const Checkpoint& checkpoint, const Window& window,
                        const StreamDefinition& stream);

}  // namespace strandline::model
