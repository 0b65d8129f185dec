// SPDX-License-Identifier: MIT
//
// Numbers and strings of JSON as Python's json.dumps writes what json.loads
// made of them.
#pragma once

#include <string>
#include <string_view>

namespace strandline::source {

/// Appends a number token: an integer with its digits, any other number as the
/// shortest digits of the double nearest to it. Returns false, and appends
/// nothing, if it is beyond the range of a double: numbers that differ would
/// all be one infinity.
bool append_canonical_number(std::string_view token, std::string& to);

/// Appends the string whose token's inside (without its quotes, and checked) is
/// `inside`, in quotes and ASCII alone. Half a surrogate pair stays what it is.
void append_canonical_string(std::string_view inside, std::string& to);

/// As `append_canonical_string`, of a UTF-8 text in which `\` and `"` stand for
/// themselves.
void append_canonical_text(std::string_view text, std::string& to);

}  // namespace strandline::source
