// SPDX-License-Identifier: MIT
//
// Where a stream stood, as a recording holds it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "model/checkpoint.hpp"
#include "recording/recording.hpp"

namespace strandline::recording {

/// Returns `checkpoint` with every member it has; those that are empty are left
/// out. A cursor is an object of its kind, `{"time": "…"}` or `{"integer":
/// "…"}`.
nlohmann::ordered_json to_json(const model::Checkpoint& checkpoint);

/// Returns records for which children are due, each an object.
nlohmann::ordered_json to_json(const std::vector<DueParent>& due);

/// Reads what `to_json` wrote of them, as `read_checkpoint`.
std::vector<DueParent> read_due(const nlohmann::ordered_json& json,
                                const std::string& where);

/// Reads what `to_json` wrote; members that are not known are passed over.
/// Throws Error (ExitCode::data) if it is nothing of the kind; `where` names it
/// in the message.
model::Checkpoint read_checkpoint(const nlohmann::ordered_json& json,
                                  const std::string& where);

}  // namespace strandline::recording
