// SPDX-License-Identifier: MIT
#include "config/secret.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "config/characters.hpp"
#include "config/command.hpp"
#include "config/file.hpp"
#include "strandline/error.hpp"

namespace strandline::config {
namespace {

using Kind = model::SecretReference::Kind;

constexpr std::size_t largest_secret = std::size_t{64} << 10U;  // bytes

std::string from_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') {
    throw Error(ExitCode::no_input,
                fmt::format("the environment variable {} is {}", name,
                            value == nullptr ? "not set" : "empty"),
                {{"try", fmt::format("export {}=…, or put the secret in a file "
                                     "and write {{ file = \"PATH\" }}",
                                     name)}});
  }
  return value;
}

void cut_line_end(std::string& secret) {
  if (secret.ends_with('\n')) {
    secret.pop_back();
    if (secret.ends_with('\r')) {
      secret.pop_back();
    }
  }
}

std::string from_file(const std::filesystem::path& file,
                      const std::string& what) {
  auto secret = read_file(file, what, largest_secret);
  cut_line_end(secret);
  if (secret.empty()) {
    throw Error(ExitCode::no_input,
                fmt::format("{} {} is empty", what, file.string()));
  }
  return secret;
}

std::string from_credential(const std::string& name) {
  const std::vector<Note> advice = {
      {"try", fmt::format("LoadCredential={}:FILE in the service's unit (see "
                          "systemd.exec)",
                          name)}};
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || *folder == '\0') {
    throw Error(ExitCode::no_input,
                fmt::format("there is no credential {}: systemd has not set "
                            "CREDENTIALS_DIRECTORY",
                            name),
                advice);
  }
  try {
    return from_file(std::filesystem::path(folder) / name,
                     "the systemd credential");
  } catch (const Error& error) {
    throw Error(error.code(), error.what(), advice);
  }
}

std::string from_command(const std::vector<std::string>& command,
                         const Patience& patience) {
  auto secret = output_of(command, largest_secret, patience);
  cut_line_end(secret);
  if (secret.empty()) {
    throw Error(ExitCode::no_input,
                fmt::format("{} printed nothing", name_of(command)));
  }
  return secret;
}

std::string look_up(const model::SecretReference& reference,
                    const Patience& patience) {
  switch (reference.kind) {
    case Kind::env:
      return from_environment(reference.name);
    case Kind::file:
      return from_file(reference.name, "the secret file");
    case Kind::credential:
      return from_credential(reference.name);
    case Kind::command:
      break;
  }
  return from_command(reference.command, patience);
}

std::string place_of(const model::SecretReference& reference) {
  switch (reference.kind) {
    case Kind::env:
      return "in the environment variable " + reference.name;
    case Kind::file:
      return "in the file " + reference.name;
    case Kind::credential:
      return "in the systemd credential " + reference.name;
    case Kind::command:
      break;
  }
  return "that " + name_of(reference.command) + " printed";
}

}  // namespace

std::string resolve(const model::SecretReference& reference,
                    const Patience& patience) {
  auto secret = look_up(reference, patience);
  if (has_control_character(secret)) {
    throw Error(
        ExitCode::configuration,
        fmt::format("the secret {} has a control character, such as a line end "
                    "in the middle",
                    place_of(reference)));
  }
  return secret;
}

std::optional<std::string> permission_warning(
    const model::SecretReference& reference) {
  if (reference.kind != Kind::file) {
    return {};
  }
  std::error_code error;
  const auto mode =
      std::filesystem::status(reference.name, error).permissions();
  constexpr auto others =
      std::filesystem::perms::group_read | std::filesystem::perms::others_read;
  if (error || (mode & others) == std::filesystem::perms::none) {
    return {};
  }
  return fmt::format(
      "others can read the secret file {}: its mode is {:04o}; chmod 600 makes "
      "it yours alone",
      reference.name,
      static_cast<unsigned>(mode & std::filesystem::perms::mask));
}

std::vector<std::string> permission_warnings(
    const model::Configuration& configuration) {
  std::vector<std::string> warnings;
  for (const auto& source : configuration.sources) {
    for (const auto& secret : model::secrets_of(source)) {
      auto warning = permission_warning(secret);
      if (warning && std::find(warnings.begin(), warnings.end(), *warning) ==
                         warnings.end()) {
        warnings.push_back(*std::move(warning));
      }
    }
  }
  return warnings;
}

}  // namespace strandline::config
