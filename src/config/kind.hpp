// SPDX-License-Identifier: MIT
#pragma once

#include <toml++/toml.h>

#include <optional>

#include "config/keys.hpp"

namespace strandline::config {

/// Returns which of the kinds in `values`, supported or not, `node` is, or
/// nothing if it is none of them. What a text says is looked at only as far as
/// it tells kinds apart.
std::optional<Kind> kind_of(const toml::node& node, const Values& values);

/// True if `element` may stand in a list of `kind`.
bool fits_element(const toml::node& element, Kind kind);

}  // namespace strandline::config
