// SPDX-License-Identifier: MIT
#include "config/connector_file.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "config/characters.hpp"
#include "config/embedded_connectors.hpp"
#include "config/file.hpp"
#include "config/user_folder.hpp"

namespace strandline::config {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 20U;  // bytes
constexpr const char* suffix = ".toml";

std::filesystem::path own_folder() {
  const auto folder = user_folder();
  return folder.empty() ? folder : folder / "connectors";
}

std::optional<ConnectorFile> find_own(std::string_view name) {
  const auto folder = own_folder();
  if (folder.empty() || !is_identifier(name)) {
    return {};
  }
  const auto file = folder / (std::string(name) + suffix);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return {};
  }
  return ConnectorFile{std::string(name), file.string(),
                       read_file(file, "the connector", largest_file), false};
}

}  // namespace

std::vector<std::string> connector_names() {
  std::set<std::string> names;
  for (const auto& connector : embedded_connectors()) {
    names.emplace(connector.name);
  }
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(own_folder(), error)) {
    const auto& file = entry.path();
    if (file.extension() == suffix && is_identifier(file.stem().string())) {
      names.insert(file.stem().string());
    }
  }
  return {names.begin(), names.end()};
}

std::optional<ConnectorFile> find_connector(std::string_view name) {
  auto own = find_own(name);
  return own ? own : find_built_in(name);
}

std::optional<ConnectorFile> find_built_in(std::string_view name) {
  for (const auto& connector : embedded_connectors()) {
    if (connector.name == name) {
      return ConnectorFile{std::string(name),
                           "built-in " + std::string(name) + suffix,
                           std::string(connector.text), true};
    }
  }
  return {};
}

}  // namespace strandline::config
