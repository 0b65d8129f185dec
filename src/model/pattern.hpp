// SPDX-License-Identifier: MIT
//
// Patterns of `%Y %m %d %H %M %S %z` with literal text between, by which a
// source writes times that have no other name.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "model/instant.hpp"
#include "model/zone.hpp"

namespace strandline::model {

/// Returns what is wrong with a pattern, fit to stand behind its name ("has %M
/// without %H"); nothing if it can be used. It needs %Y, %m and %d, has no part
/// twice and no other letter, and a part of the time of day only with the
/// larger ones.
std::optional<std::string> pattern_fault(std::string_view pattern);

/// True if `pattern` has the part %`letter`.
bool has_part(std::string_view pattern, char letter);

/// Returns the length of the smallest part of a usable pattern: a second, a
/// minute, an hour or a day.
std::chrono::seconds pattern_unit(std::string_view pattern);

/// What `read_pattern` made of a text.
struct PatternReading {
  bool fits = false;               ///< the text has the pattern's form
  std::optional<Instant> instant;  ///< nothing if there is no such time
};

/// Reads `text` by a usable pattern: years of four digits, the other parts of
/// two; behind %S also a fraction. A text without an offset is read as
/// `parse_rfc3339` does.
PatternReading read_pattern(std::string_view text, std::string_view pattern,
                            const std::optional<Zone>& zone);

/// Returns the fields of `local` as a usable pattern has them; %z is `+0000`.
std::string write_pattern(Instant local, std::string_view pattern);

}  // namespace strandline::model
