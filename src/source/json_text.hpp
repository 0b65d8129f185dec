// SPDX-License-Identifier: MIT
//
// Tokens of JSON (RFC 8259) by the letter: simdjson's On-Demand front end hands
// scalars out unchecked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/records.hpp"

namespace strandline::source {

/// True if `token` is a number by the grammar.
bool is_number(std::string_view token);

/// Returns the double nearest to a number token; nothing if it is beyond the
/// range of doubles.
std::optional<double> to_double(std::string_view token);

/// Returns the cell of a scalar token that is not a string, without its place:
/// null, boolean, integer, real or number. Nothing if it is not JSON.
std::optional<model::Cell> parse_scalar(std::string_view token);

/// Returns the UTF-16 code unit that the four hex digits at the begin of
/// `digits` write; nothing if they are not four.
std::optional<std::uint32_t> code_unit(std::string_view digits);

/// Returns what `\` and `letter` stand for in a string; NUL for a letter that
/// JSON has not, and for `u`.
char short_escape(char letter);

/// Appends what the inside of a string token (without its quotes) stands for.
/// Returns false, and appends nothing, if an escape is not JSON or leaves half
/// a surrogate pair, which no UTF-8 text can hold.
bool unescape(std::string_view inside, std::string& to);

/// True if every escape of a string token's inside is one that JSON has;
/// unlike `unescape` it lets half a surrogate pair pass.
bool valid_escapes(std::string_view inside);

/// True if `document` begins as an object or array and lacks the end of it. It
/// may be no JSON for other reasons too.
bool ends_early(std::string_view document);

}  // namespace strandline::source
