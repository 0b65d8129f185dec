// SPDX-License-Identifier: MIT
//
// What to say of zones and patterns that cannot be used.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "strandline/error.hpp"

namespace strandline::config {

/// What a key's value is refused with.
struct Refusal {
  std::string says;  ///< behind the key's name: "must be …"
  std::vector<Note> notes;
};

/// Returns why `name` is no zone: `known` are the names of the zone database,
/// none if there is no database.
Refusal refuse_zone(std::string_view name,
                    const std::vector<std::string>& known);

/// Returns what to write in place of what `pattern` has and patterns here do
/// not.
std::vector<Note> pattern_notes(std::string_view pattern);

}  // namespace strandline::config
