// SPDX-License-Identifier: MIT
#include "cli/verbs.hpp"

#include <cstdlib>

#include "config/user_folder.hpp"
#include "strandline/error.hpp"

namespace strandline::cli {

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
       {name, config::user_folder() / name, "/etc/strandline" / name}) {
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) {
      return file;
    }
  }
  throw Error(
      ExitCode::no_input, "no configuration found",
      {{"looked", "strandline.toml here, in " + config::user_folder().string() +
                      " and in /etc/strandline"},
       {"try", "strandline --config FILE …, or strandline demo"}});
}

}  // namespace strandline::cli
