// SPDX-License-Identifier: MIT
#include "config/user_folder.hpp"

#include <cstdlib>

namespace strandline::config {

std::filesystem::path user_folder() {
  if (const char* folder = std::getenv("XDG_CONFIG_HOME");
      folder != nullptr && *folder == '/') {
    return std::filesystem::path(folder) / "strandline";
  }
  const char* home = std::getenv("HOME");
  return home != nullptr
             ? std::filesystem::path(home) / ".config" / "strandline"
             : std::filesystem::path();
}

}  // namespace strandline::config
