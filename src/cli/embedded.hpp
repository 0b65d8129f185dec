// SPDX-License-Identifier: MIT
//
// Files of the source tree that are part of the program, byte for byte. What
// stands here is made by src/embed.py; meson.build says of which files.
#pragma once

#include <string_view>

namespace strandline::cli {

extern const std::string_view demo_configuration;
extern const std::string_view demo_recording;

}  // namespace strandline::cli
