// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "recording/recording.hpp"

namespace strandline::recording {

/// Reads an entry of a HAR file, as `read_har` does; nothing for what cannot be
/// replayed. Throws Error (ExitCode::data), with `where` in the message.
std::optional<Exchange> read_entry(const nlohmann::ordered_json& json,
                                   const std::string& where);

}  // namespace strandline::recording
