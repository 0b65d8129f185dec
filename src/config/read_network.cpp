// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>

#include "config/base_url.hpp"
#include "config/characters.hpp"
#include "config/read_value.hpp"

namespace strandline::config {
namespace {

// What is wrong with `url` as the address of a proxy; it is not repeated, as it
// may hold a password.
std::optional<std::string> proxy_fault(std::string_view url) {
  constexpr std::array<std::string_view, 3> schemes = {"http://", "https://",
                                                       "socks5h://"};
  const auto scheme =
      std::find_if(schemes.begin(), schemes.end(),
                   [&](auto each) { return lower(url).starts_with(each); });
  if (scheme == schemes.end()) {
    return "must begin with http://, https:// or socks5h://";
  }
  auto authority = url.substr(scheme->size());
  if (authority.find('@') != std::string_view::npos) {
    return "must not have a user name or password: secrets do not stand in the "
           "configuration";
  }
  if (authority.ends_with('/')) {
    authority.remove_suffix(1);
  }
  const auto bracket = authority.rfind(']');  // npos + 1 is 0
  const bool has_port =
      authority.find(':', bracket + 1) != std::string_view::npos;
  // Else it is of the same form as the address of a source.
  if (!has_port || authority.find('/') != std::string_view::npos ||
      base_url_fault(fmt::format("https://{}", authority), false)) {
    return "must be SCHEME://HOST:PORT";
  }
  return {};
}

std::optional<std::string> origin_fault(std::string_view origin,
                                        const model::SourceDefinition& source) {
  if (auto fault = base_url_fault(origin, source.allow_http)) {
    return fault;
  }
  const auto rest = origin.substr(origin.find("://") + 3);
  if (std::min(rest.find('/'), rest.size()) + 1 < rest.size()) {
    return "must not have a path";
  }
  if (lower(source.base_url).starts_with("https://") &&
      !lower(origin).starts_with("https://")) {
    return "uses http://, where base_url uses https://";
  }
  return {};
}

std::vector<std::string> read_origins(const Table& table,
                                      const model::SourceDefinition& source) {
  std::vector<std::string> origins;
  const auto* const node = table.find("origins");
  if (node == nullptr || !node->is_array()) {
    return origins;
  }
  for (const auto& element : *node->as_array()) {
    const auto text = element.value_or(std::string());
    if (auto origin = parse_plain(table, "origins", text)) {
      if (const auto fault = origin_fault(*origin, source)) {
        table.refuse("origins", *fault);
      } else {
        origins.push_back(*std::move(origin));
      }
    }
  }
  return origins;
}

}  // namespace

void read_network(const Table& table, model::SourceDefinition& source) {
  if (auto proxy = read_plain(table, "proxy")) {
    if (const auto fault = proxy_fault(*proxy)) {
      table.refuse("proxy", *fault);
    }
    source.proxy = *std::move(proxy);
  }
  if (auto ca = read_file_name(table, "ca")) {
    source.ca = *std::move(ca);
  }
  source.origins = read_origins(table, source);
}

}  // namespace strandline::config
