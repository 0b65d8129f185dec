// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strandline::model {

/// Returns the candidate that `word` was probably meant to be: the one at the
/// smallest edit distance (insertions, deletions, substitutions and swapped
/// neighbours each count one), if that is at most a third of the word's length
/// and at least one. Without regard to ASCII case.
std::optional<std::string_view> nearest(
    std::string_view word, const std::vector<std::string_view>& candidates);

/// Returns `text` with control characters (C0, DEL, C1) written as `\xNN`, cut
/// to at most `limit` bytes at a character's edge, with `…` where something was
/// cut. For text from outside that goes to a terminal or a log.
std::string printable(std::string_view text, std::size_t limit);

/// Returns "1 record", "2 records".
std::string plural(std::int64_t count, std::string_view noun);

}  // namespace strandline::model
