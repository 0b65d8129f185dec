// SPDX-License-Identifier: MIT
//
// The connectors of the source tree, as part of the program. What stands here
// is made by embed.py of the files that meson.build names.
#pragma once

#include <span>
#include <string_view>

namespace strandline::config {

/// A file `NAME.toml`, byte for byte.
struct EmbeddedConnector {
  std::string_view name;
  std::string_view text;
};

/// All of them, by name.
std::span<const EmbeddedConnector> embedded_connectors();

}  // namespace strandline::config
