// SPDX-License-Identifier: MIT
//
// Where connectors are: in the program, and in the folder of the user's own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strandline::config {

/// A connector as it is written.
struct ConnectorFile {
  std::string name;
  std::string file;  ///< what messages call it: the user's file, or a name
  std::string text;
  bool built_in = true;
};

/// Returns the names of all connectors, sorted.
std::vector<std::string> connector_names();

/// Returns the connector `name`: the user's own, `connectors/NAME.toml` in
/// `user_folder`, before one of the program; nothing if there is neither.
/// Throws Error with `ExitCode::no_input` for a file that cannot be read.
std::optional<ConnectorFile> find_connector(std::string_view name);

/// Returns the program's connector `name`, whatever the user has; nothing if
/// there is none.
std::optional<ConnectorFile> find_built_in(std::string_view name);

}  // namespace strandline::config
