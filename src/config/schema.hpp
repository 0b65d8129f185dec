// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace strandline::config {

/// Returns the JSON Schema (draft 7) of a user's configuration, or of a
/// connector's file, as the strict check's table of keys has it: for editors,
/// which complete and explain keys with it. It is no more strict than the check
/// where that needs to know more, such as a connector's options.
std::string schema(bool of_connector);

}  // namespace strandline::config
