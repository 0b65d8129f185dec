// SPDX-License-Identifier: MIT
//
// Numbers as text, digit by digit.
#pragma once

#include <string>
#include <string_view>

namespace strandline::model {

/// True if `real`, which was read from the JSON number `text`, still tells
/// which number that was: as the shortest text that reads as this double, or as
/// the one of 17 digits. Not so of 0.1234567890123456789.
bool keeps_digits(double real, std::string_view text);

/// Returns the text of a whole number up to 2^53 as its digits, of any other
/// the shortest that reads back to the same double: "5", "0.1", "1e+22". Zero
/// has no sign.
std::string shortest_text(double real);

}  // namespace strandline::model
