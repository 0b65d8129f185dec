// SPDX-License-Identifier: MIT
#include "config/base_url.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>

#include "config/characters.hpp"
#include "model/text.hpp"

namespace strandline::config {
namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The host of HOST or HOST:PORT; empty if it is neither.
std::string_view host_of(std::string_view authority) {
  const auto end = authority.starts_with('[')
                       ? authority.find(']') + 1  // npos + 1 is 0: no host
                       : std::min(authority.find(':'), authority.size());
  const auto rest = authority.substr(end);
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) {
    return {};
  }
  return authority.substr(0, end);
}

bool is_outside_urls(char c) {
  constexpr std::string_view characters = " \"<>\\^`{|}";
  return characters.find(c) != std::string_view::npos;
}

}  // namespace

std::optional<std::string> base_url_fault(std::string_view url,
                                          bool allow_http) {
  const auto scheme = lower(url.substr(0, url.find("://")));
  const bool secure = scheme == "https";
  if ((!secure && scheme != "http") || scheme.size() == url.size()) {
    return "must begin with https://";
  }
  if (has_control_character(url) ||
      std::any_of(url.begin(), url.end(), is_outside_urls)) {
    return "has a character that cannot stand in a URL";
  }
  if (url.find_first_of("?#") != std::string_view::npos) {
    return "must not have a query or fragment";
  }
  const auto rest = url.substr(url.find("://") + 3);
  const auto authority = rest.substr(0, rest.find('/'));
  if (authority.find('@') != std::string_view::npos) {
    return "must not have a user name or password; use auth";
  }
  const auto host = host_of(authority);
  if (host.empty()) {
    return "has no valid host";
  }
  if (!secure && !allow_http && !is_loopback(host)) {
    return fmt::format(
        "uses http:// to {}, which others can read and change; use https:// "
        "or set allow_http = true",
        model::printable(host, 80));
  }
  return {};
}

std::optional<std::string> token_url_fault(std::string_view url,
                                           bool allow_http) {
  const auto query = std::min(url.find('?'), url.size());
  auto fault = base_url_fault(url.substr(0, query), allow_http);
  if (!fault && (has_control_character(url) ||
                 std::any_of(url.begin(), url.end(), is_outside_urls))) {
    fault = "has a character that cannot stand in a URL";
  }
  if (!fault && url.find('#') != std::string_view::npos) {
    fault = "must not have a fragment";
  }
  return fault;
}

bool is_loopback(std::string_view host) {
  if (lower(host) == "localhost") {
    return true;
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    in6_addr address = {};
    const std::string text(host.substr(1, host.size() - 2));
    return inet_pton(AF_INET6, text.c_str(), &address) == 1 &&
           IN6_IS_ADDR_LOOPBACK(&address);
  }
  in_addr address = {};
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
         ntohl(address.s_addr) >> 24U == 127;
}

}  // namespace strandline::config
