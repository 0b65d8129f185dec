// SPDX-License-Identifier: MIT
//
// Paging by the cursor's value: in place of the next page the source is asked
// again from the last record on. Pure: no I/O and no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/cursor.hpp"
#include "model/definition.hpp"

namespace strandline::model {

/// How often a tie longer than a page is read before its source counts as one
/// whose order does not hold still.
inline constexpr int max_tie_passes = 20;

/// Where a walk by the cursor's value stands: at a request, which asks from
/// `bound`, and a page of its answer.
struct KeysetPosition {
  std::optional<CursorValue> bound;  ///< in whole units, inclusive; none: none
  std::string place;      ///< of the page's kind; empty: the request's first
  std::int64_t read = 0;  ///< records of the request read so far
  int pass = 0;           ///< complete readings of the tie at `bound`
  bool repeated = false;  ///< a record of this pass came twice
  std::string digest;     ///< of the tie's records in this pass so far
  std::string earlier;    ///< of the whole pass before; empty: none

  friend bool operator==(const KeysetPosition&,
                         const KeysetPosition&) = default;
};

/// Returns `position` as a window's position keeps it, and reads it back;
/// nothing for a text that is none.
std::string to_text(const KeysetPosition& position);
std::optional<KeysetPosition> parse_keyset(std::string_view text, bool is_time);

/// What a page tells of the walk.
struct KeysetPage {
  std::optional<CursorValue> last;  ///< the last record's; none: no record has
  std::int64_t records = 0;         ///< rejects among them
  bool repeated = false;            ///< the tie brought a record again
  std::string digest;               ///< `position.digest` and the tie's records
  std::optional<std::string> place;  ///< the kind's next page; none: the end
};

/// How a walk goes on.
struct KeysetStep {
  enum class Kind {
    on,        ///< at `next`
    end,       ///< the list's end is proved
    restless,  ///< a tie was read `max_tie_passes` times, and no two agreed
  };
  Kind kind = Kind::on;
  KeysetPosition next;
};

/// True if `cursor` cannot be told from the bound by the filter: a record at or
/// below the last unit that the request asks from.
bool in_tie(const KeysetPosition& position,
            const std::optional<CursorValue>& cursor,
            const CursorFormat& format);

/// Returns how the walk goes on behind a page. The bound rises to the last
/// record's cursor, in whole units. Where that would be the same request again,
/// more records share the unit than a page holds: the kind of paging leads on
/// until a record lies beyond it or the list ends, and that is done until two
/// passes in a row bring the same versions of the same records, each once,
/// because a list that moves may hide one from a single pass
/// (doc/model/ties.pml has what is lost with less).
KeysetStep advance(const KeysetPosition& position, const KeysetPage& page,
                   const CursorFormat& format);

}  // namespace strandline::model
