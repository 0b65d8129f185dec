// SPDX-License-Identifier: MIT
//
// The rules of the high-water mark. Pure: no I/O and no clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "model/checkpoint.hpp"

namespace strandline::model {

/// How many times in a row a window may be begun anew because the source
/// refused its position, before the stream is stuck.
inline constexpr std::int64_t max_restarts = 3;

/// How far a mark may lie beyond a window's T0 before the source's clock counts
/// as set back.
inline constexpr std::int64_t set_back_seconds = 300;

/// How far behind our own clock T0 is taken to be while no answer has said.
inline constexpr std::int64_t unknown_clock_seconds = 300;

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

/// Returns T0 as far as our own clock tells it: `now` less five minutes.
Instant assumed_anchor(Instant now);

/// Returns how far before the mark a window of timestamps begins: the overlap,
/// at least one unit of the format.
std::chrono::nanoseconds effective_overlap(const CursorRule& rule);

/// Returns the lower bound of the window after `mark`: the mark less the
/// overlap (at least one unit of the format), rounded down to the format's
/// unit, but not before a `start` that the mark has reached; without a mark
/// `start`; without that none.
std::optional<CursorValue> lower_bound(const std::optional<CursorValue>& mark,
                                       const CursorRule& rule);

/// True if everything up to the end of the mark's unit is in the file for good:
/// the T0 of the last complete window is further from there than records come
/// late. An exclusive filter is then asked from the mark itself: the window
/// begins with the unit behind the mark's.
bool settled(const Checkpoint& checkpoint, const CursorRule& rule);

/// Returns what a filter is sent for `from`: the begin of its unit, and of an
/// exclusive filter that of the unit before.
CursorValue filter_bound(CursorValue from, const CursorRule& rule);

/// Returns the stream's next window: a new one, with the number after the last
/// complete one. One that a sweep waits for has everything that changed since
/// the T0 of the one before. `horizon` is T0 as far as it is known, and only of
/// use to a stream whose request has an upper bound.
Window open_window(const Checkpoint& checkpoint, const StreamDefinition& stream,
                   WindowMode mode, const std::optional<Instant>& horizon = {});

/// True if `window`, complete, leaves nothing to read up to `horizon`, the T0
/// that it was opened with.
bool reaches(const Window& window, const CursorRule& rule, Instant horizon);

/// True if the mark lies so far beyond the T0 of a window that the source's
/// clock must have been set back since.
bool clock_set_back(const std::optional<CursorValue>& mark,
                    const std::optional<Instant>& anchor);

/// Returns the largest mark that may be gone back to when the source's clock
/// was set back: T0 less the overlap.
CursorValue latest_mark_before(Instant anchor, const CursorRule& rule);

/// True if the source has forgotten changes since the T0 of the last complete
/// window; where that had none, since the mark. Never before a first window.
bool outlived(const Checkpoint& checkpoint, const CursorRule& rule,
              Instant now);

/// True if of two records with one key the one that came first is the newer: in
/// a list that is read newest first, and not by counting.
bool first_wins(const StreamDefinition& stream);

/// Returns the same window from its first page: as a new pass with a number of
/// its own, a new T0 to come, its running maximum forgotten, and one restart
/// more.
Window restart(const Window& window);

/// Returns the window of a stream whose token the source refused: the same,
/// read from `start`.
Window resync(const Window& window, const StreamDefinition& stream);

/// Returns the window that a run goes on with where `window` was left open: the
/// same, or, where its position is missing or has another basis, the window
/// from its first page, as after `restart` but without counting one.
Window resume(const Window& window, const StreamDefinition& stream);

/// Takes the cursor of the next record into the window. Beyond `limit` (T0, or
/// where there is none our own clock) it does not count. `cursor` is nothing
/// where the record's is missing or unreadable. Order is judged by units of the
/// format: within one a source may sort as it likes.
void observe(Window& window, CursorCounts& counts, const CursorRule& rule,
             const std::optional<CursorValue>& cursor,
             const std::optional<Instant>& limit);

/// Returns the checkpoint after `window` was read to its proved end: the new
/// mark is the largest of the old one and the window's maximum, or, where the
/// window had an upper bound, that bound, but never beyond T0. Without a T0 (no
/// `Date`, or integers) the mark follows one complete window behind unless the
/// cursor is immutable and the list newest first. A stream that is followed by
/// a token takes the window's last token, or keeps its own. No window is open
/// in it.
Checkpoint close_window(const Checkpoint& checkpoint, const Window& window,
                        const StreamDefinition& stream);

}  // namespace strandline::model
