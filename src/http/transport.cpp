// SPDX-License-Identifier: MIT
#include "http/transport.hpp"

#include <algorithm>

#include "http/clock.hpp"
#include "http/http_date.hpp"

namespace strandline::http {

bool same_header(std::string_view a, std::string_view b) noexcept {
  // Not std::tolower: it follows the locale.
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

const char* to_text(Method method) {
  return method == Method::post ? "POST" : "GET";
}

std::string name_of(const Request& request) {
  return std::string(to_text(request.method)) + " " +
         request.url.without_query();
}

std::string outline_of(const Request& request) {
  return std::string(to_text(request.method)) + " " +
         request.url.without_values();
}

std::optional<std::string_view> find_header(const Headers& headers,
                                            std::string_view name) {
  const auto found = std::ranges::find_if(headers, [&](const auto& header) {
    return same_header(header.first, name);
  });
  if (found == headers.end()) {
    return {};
  }
  return found->second;
}

std::optional<model::Instant> parse_date(std::string_view text) {
  return parse_http_date(text, system_time());
}

}  // namespace strandline::http
