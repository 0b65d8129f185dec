// SPDX-License-Identifier: MIT
//
// E-mail addresses and telephone numbers in texts.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace strandline::recording {

/// Returns what stands in the place of an address or of a number's digits.
using StandInOf = std::function<std::string(std::string_view)>;

/// Returns `text` with a stand-in for each e-mail address, also for those whose
/// `@` is written `%40` (and then in the stand-in too). The user name of a URL
/// is no address, nor are file names as `icon@2x.png`. Adds to `count`.
std::string replace_addresses(std::string_view text, const StandInOf& stand_in,
                              std::size_t& count);

/// Returns `text` with a stand-in, behind a `+`, for each international
/// telephone number: a `+` and 8 to 15 digits, with blanks, `-`, `.`, `/` and
/// brackets between them. What stands behind a letter or digit, or runs into
/// one, is none: offsets of times. Adds to `count`.
std::string replace_phones(std::string_view text, const StandInOf& stand_in,
                           std::size_t& count);

/// Returns the digits of `text` if it can be a telephone number as a whole: 5
/// to 20 of them, with nothing but what stands between them and before
/// extensions. No dates.
std::optional<std::string> phone_digits(std::string_view text);

}  // namespace strandline::recording
