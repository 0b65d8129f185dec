// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/definition.hpp"

namespace strandline::config {

/// Returns the duration that `text` writes as a number of at most nine digits
/// and `s`, `m`, `h` or `d`, or nothing.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// Returns the bytes that `text` writes as a number of at most nine digits and
/// `KiB`, `MiB` or `GiB`, or nothing.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// Returns the rate that `text` writes as a number of at most nine digits, `/`,
/// and `s`, `m`, `h` or `d`, or nothing. It may be of no requests at all.
std::optional<model::Rate> parse_rate(std::string_view text);

/// Returns the share that `text` writes as a number of at most nine digits,
/// with a fraction if need be, and `%`, or nothing: 0.1 of "10%", 0.025 of
/// "2.5%". It may be more than the whole.
std::optional<double> parse_percentage(std::string_view text);

/// Returns the seconds east of UTC that `text` writes as `UTC` or `±hh:mm`, up
/// to 23:59 either way, or nothing.
std::optional<std::int32_t> parse_offset(std::string_view text);

}  // namespace strandline::config
