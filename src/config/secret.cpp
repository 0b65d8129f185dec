// SPDX-License-Identifier: MIT
#include "config/secret.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "config/characters.hpp"
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

std::string from_file(const std::string& name) {
  auto secret = read_file(name, "the secret file", largest_secret);
  if (secret.ends_with('\n')) {
    secret.pop_back();
    if (secret.ends_with('\r')) {
      secret.pop_back();
    }
  }
  if (secret.empty()) {
    throw Error(ExitCode::no_input,
                fmt::format("the secret file {} is empty", name));
  }
  return secret;
}

}  // namespace

std::string resolve(const model::SecretReference& reference) {
  const bool in_file = reference.kind == Kind::file;
  auto secret =
      in_file ? from_file(reference.name) : from_environment(reference.name);
  if (has_control_character(secret)) {
    throw Error(
        ExitCode::configuration,
        fmt::format("the secret in {} {} has a control character, such as a "
                    "line end in the middle",
                    in_file ? "the file" : "the environment variable",
                    reference.name));
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

}  // namespace strandline::config
