// SPDX-License-Identifier: MIT
//
// What of URLs and forms is replaced, part by part.
#include "recording/sanitizer.hpp"

#include <algorithm>
#include <string>

#include "http/url.hpp"

namespace strandline::recording {
namespace {

using Reach = StandIns::Reach;

}  // namespace

std::string Sanitizer::url(std::string_view whole) {
  const Deeper deeper(depth_);
  if (deeper.too_deep()) {
    return hidden(whole);
  }
  auto rest = whole;
  std::string result;
  const auto sign = rest.find("://");
  if (sign < rest.find_first_of("/?#")) {
    const auto begin = sign + 3;
    const auto end = std::min(rest.find_first_of("/?#", begin), rest.size());
    result += rest.substr(0, begin);
    result += authority(rest.substr(begin, end - begin));
    rest.remove_prefix(end);
  }
  const auto path_end = std::min(rest.find_first_of("?#"), rest.size());
  result += path(rest.substr(0, path_end));
  rest.remove_prefix(path_end);
  // A fragment may be one that a login came back with.
  while (!rest.empty()) {
    const auto end = std::min(rest.find('#', 1), rest.size());
    result += rest.front();
    result += form(rest.substr(1, end - 1), FieldPlace::query);
    rest.remove_prefix(end);
  }
  return hidden(result);
}

std::string Sanitizer::authority(std::string_view authority) {
  const auto at = authority.rfind('@');
  if (at == authority.npos) {
    return std::string(authority);
  }
  const auto login = authority.substr(0, at);
  const auto whole = secret(login, Reach::everywhere, replaced_.logins);
  const auto colon = login.find(':');
  if (colon != login.npos) {
    stand_ins_.secret(http::percent_decode(login.substr(colon + 1)),
                      Reach::everywhere);
  }
  return whole + std::string(authority.substr(at));
}

std::string Sanitizer::path(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const auto end = std::min(path.find('/', 1), path.size());
    const auto segment = path.substr(0, end);
    const auto slash = segment.starts_with('/') ? 1U : 0U;
    const auto before = http::percent_decode(segment.substr(slash));
    const auto after = plain(before);
    result += after == before ? std::string(segment)
                              : std::string(segment.substr(0, slash)) +
                                    http::percent_encode(after);
    path.remove_prefix(end);
  }
  return result;
}

std::string Sanitizer::form(std::string_view form, FieldPlace place) {
  const auto decode = [](std::string_view text) {
    std::string decoded(text);
    std::ranges::replace(decoded, '+', ' ');
    return http::percent_decode(decoded);
  };
  std::string result;
  while (!form.empty()) {
    const auto end = std::min(form.find('&'), form.size());
    const auto piece = form.substr(0, end);
    const auto equals = std::min(piece.find('='), piece.size());
    const auto behind = std::min(equals + 1, piece.size());
    const auto name = decode(piece.substr(0, equals));
    const auto value = decode(piece.substr(behind));
    const auto new_value = field(name, value, place);
    // A name alone may be anything.
    const auto new_name = text(name);
    result += new_name == name ? std::string(piece.substr(0, equals))
                               : http::percent_encode(new_name);
    result += piece.substr(equals, behind - equals);
    result += new_value == value ? std::string(piece.substr(behind))
                                 : http::percent_encode(new_value);
    form.remove_prefix(end);
    if (!form.empty()) {
      result += '&';
      form.remove_prefix(1);
    }
  }
  return hidden(result);
}

}  // namespace strandline::recording
