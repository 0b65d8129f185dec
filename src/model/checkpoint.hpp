// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/cursor.hpp"
#include "model/definition.hpp"
#include "model/instant.hpp"

namespace strandline::model {

/// Where a window continues. It holds only for the requests it came from:
/// `basis` says which, and a position with another basis is dropped.
struct Position {
  std::string value;  ///< token, URL, offset or page number; empty: first page
  std::string basis;  ///< `position_basis` of the stream

  bool first_page() const { return value.empty(); }
  friend bool operator==(const Position&, const Position&) = default;
};

/// Why a window is read.
enum class WindowMode {
  incremental,  ///< what changed since `from`
  full,         ///< from `start`, whatever the mark
  snapshot,     ///< the whole list of a stream without a cursor
  backfill,     ///< bounds that a person chose; the mark does not move
};

/// "incremental", "full", "snapshot", "backfill".
const char* to_text(WindowMode mode);

/// The inverse of `to_text`; nothing for another text.
std::optional<WindowMode> parse_window_mode(std::string_view text);

/// One pass over what has changed since `from`.
struct Window {
  std::int64_t number = 1;  ///< counts the stream's windows
  WindowMode mode = WindowMode::incremental;
  std::optional<CursorValue> from;     ///< inclusive; none: no lower bound
  std::optional<CursorValue> until;    ///< inclusive; none: no upper bound
  std::optional<Instant> anchor;       ///< T0
  std::optional<CursorValue> maximum;  ///< largest cursor not beyond T0
  std::optional<CursorValue> last;     ///< cursor of the last record read
  bool ordered = true;    ///< no inversion and no null cursor so far
  std::int64_t read = 0;  ///< records read so far
  std::optional<std::int64_t> total;  ///< most that its answers said it has
  std::int64_t restarts = 0;  ///< in a row, because the position was refused
  Position position;
  /// Of a stream followed by a token: the last that an answer of the window
  /// named for the next run.
  std::optional<std::string> state;

  friend bool operator==(const Window&, const Window&) = default;
};

/// What a stream has, as stored.
struct Checkpoint {
  std::optional<CursorValue> mark;
  std::int64_t generation = 0;
  std::optional<Window> window;            ///< open
  std::optional<Instant> complete_anchor;  ///< T0 of the last complete window
  std::optional<CursorValue> complete_maximum;  ///< its largest cursor
  std::int64_t complete_number = 0;             ///< its number
  bool complete_full = false;  ///< it had no lower bound but `start`
  std::string fingerprint;     ///< empty: never read
  /// Of a stream followed by a token: what the next window begins with.
  std::optional<std::string> state;
  /// The number of the window with which a whole reading began whose sweep is
  /// due: rows whose keys no window from it on has seen are missing.
  std::optional<std::int64_t> sweep_from;
  /// The number of the window with which that reading ended, where records may
  /// have moved past it: the sweep waits for a later window that has them. Goes
  /// with `sweep_from`.
  std::optional<std::int64_t> sweep_after;

  /// True if a whole reading is done whose sweep is due.
  bool sweep_is_due() const { return sweep_from && !window && !sweep_after; }

  void drop_sweep() {
    sweep_from.reset();
    sweep_after.reset();
  }

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// Returns what identifies a stream's list: a text that changes exactly when
/// an old mark no longer fits (origin and path, key, cursor, filter).
std::string fingerprint(const SourceDefinition& source,
                        const StreamDefinition& stream);

/// Returns what a position of the stream depends on: the kind of paging and
/// every parameter of the request, page size among them.
std::string position_basis(const StreamDefinition& stream);

}  // namespace strandline::model
