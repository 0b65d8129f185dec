// SPDX-License-Identifier: MIT
//
// A stream's checkpoint as a recording holds it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "model/checkpoint.hpp"

namespace strandline::recording {

/// Returns `checkpoint` with every member it has; those that are empty are left
/// out. A cursor is an object of its kind, `{"time": "…"}` or `{"integer":
/// "…"}`.
nlohmann::ordered_json to_json(const model::Checkpoint& checkpoint);

/// Reads what `to_json` wrote; members that are not known are passed over.
/// Throws Error (ExitCode::data) if it is nothing of the kind; `where` names it
/// in the message.
model::Checkpoint read_checkpoint(const nlohmann::ordered_json& json,
                                  const std::string& where);

}  // namespace strandline::recording
