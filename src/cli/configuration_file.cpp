// SPDX-License-Identifier: MIT
#include "cli/verbs.hpp"

#include <cstdlib>

#include "strandline/error.hpp"

namespace strandline::cli {
namespace {

std::filesystem::path user_folder() {
  if (const char* folder = std::getenv("XDG_CONFIG_HOME");
      folder != nullptr && *folder == '/') {
    return folder;
  }
  const char* home = std::getenv("HOME");
  return home != nullptr ? std::filesystem::path(home) / ".config"
                         : std::filesystem::path();
}

}  // namespace

std::filesystem::path configuration_file(const Common& common) {
  if (!common.config.empty()) {
    return common.config;
  }
  if (const char* named = std::getenv("STRANDLINE_CONFIG");
      named != nullptr && *named != '\0') {
    return named;
  }
  const std::filesystem::path name = "strandline.toml";
  for (const auto& file :
       {name, user_folder() / "strandline" / name, "/etc/strandline" / name}) {
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) {
      return file;
    }
  }
  throw Error(ExitCode::no_input, "no configuration found",
              {{"looked", "strandline.toml here, in " +
                              (user_folder() / "strandline").string() +
                              " and in /etc/strandline"},
               {"try", "strandline --config FILE …, or strandline demo"}});
}

}  // namespace strandline::cli
