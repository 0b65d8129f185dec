// SPDX-License-Identifier: MIT
#include "recording/sanitizer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "http/base64.hpp"
#include "http/transport.hpp"
#include "recording/personal_names.hpp"
#include "recording/scrub.hpp"

namespace strandline::recording {
namespace {

using Reach = StandIns::Reach;

bool is_base64url(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

std::size_t base64url_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_base64url(text[at])) {
    ++at;
  }
  return at;
}

// Where the JWT or JWE ends that begins at `begin`: three or more parts, of
// which the first begins as `{"` does in base64; `begin` if there is none.
std::size_t token_end(std::string_view text, std::size_t begin) {
  constexpr std::size_t shortest_part = 6;
  auto end = base64url_end(text, begin);
  int parts = 1;
  if (end - begin < shortest_part) {
    return begin;
  }
  while (end < text.size() && text[end] == '.') {
    end = base64url_end(text, end + 1);
    ++parts;
  }
  return parts >= 3 && end - begin > 3 * shortest_part ? end : begin;
}

// Where the scheme begins whose `://` is at `sign`; `sign` if there is none.
std::size_t scheme_begin(std::string_view text, std::size_t sign,
                         std::size_t floor) {
  const auto is_part = [](char c) {
    return (is_base64url(c) && c != '_') || c == '+' || c == '.';
  };
  auto begin = sign;
  while (begin > floor && is_part(text[begin - 1])) {
    --begin;
  }
  return begin;
}

// Where the URL ends that begins `text`.
std::size_t url_end(std::string_view text) {
  auto end = std::min(text.find_first_of(" \t\r\n\"'<>\\^`{}|"), text.size());
  while (end > 0 &&
         std::string_view(".,;:!?)]").find(text[end - 1]) != text.npos) {
    --end;
  }
  return end;
}

// A path with a query, alone.
bool is_relative_url(std::string_view text) {
  return (text.starts_with('/') || text.starts_with('?')) &&
         text.find('?') != text.npos && url_end(text) == text.size();
}

bool is_form_type(std::string_view type) {
  return type.find("x-www-form-urlencoded") != type.npos;
}

// `a=b&c=d`, in characters that a form has.
bool looks_like_form(std::string_view text) {
  return text.find('=') != text.npos && std::ranges::all_of(text, [](char c) {
           return is_base64url(c) || std::string_view(".~%+&=*[]").find(c) !=
                                         std::string_view::npos;
         });
}

// The word of a credential that says of what kind it is, with the blank behind;
// empty if there is none.
std::string_view scheme_of(std::string_view value) {
  constexpr auto schemes = std::to_array<std::string_view>(
      {"apikey", "aws4-hmac-sha256", "basic", "bearer", "digest", "dpop",
       "hawk", "mac", "negotiate", "ntlm", "oauth", "token",
       "zoho-oauthtoken"});
  const auto blank = value.find(' ');
  if (blank == value.npos) {
    return {};
  }
  const auto is_it = [&](const auto scheme) {
    return http::same_header(value.substr(0, blank), scheme);
  };
  return std::ranges::any_of(schemes, is_it) ? value.substr(0, blank + 1)
                                             : std::string_view();
}

}  // namespace

std::string Sanitizer::hidden(std::string_view text) {
  auto result = tokens(text);
  replaced_.elsewhere += stand_ins_.hide_known(result);
  return result;
}

std::string Sanitizer::secret(std::string_view value, Reach reach,
                              std::size_t& count) {
  auto placeholder = stand_ins_.secret(value, reach);
  if (placeholder != value) {
    ++count;
  }
  return placeholder;
}

std::string Sanitizer::text(std::string_view text) {
  const Deeper deeper(depth_);
  if (deeper.too_deep()) {
    return hidden(text);
  }
  if (is_relative_url(text)) {
    return url(text);
  }
  std::string result;
  std::size_t copied = 0;
  for (auto at = text.find("://"); at != text.npos;
       at = text.find("://", at + 1)) {
    const auto begin = scheme_begin(text, at, copied);
    if (begin == at) {
      continue;
    }
    const auto end = begin + url_end(text.substr(begin));
    result += plain(text.substr(copied, begin - copied));
    result += url(text.substr(begin, end - begin));
    copied = end;
    at = std::max(end, at + 1) - 1;
  }
  return hidden(result += plain(text.substr(copied)));
}

// What is no URL.
std::string Sanitizer::plain(std::string_view text) {
  auto result = hidden(text);
  // Whoever looks for an address among an image's bytes finds one.
  if (!scrub_ || text.find('\0') != text.npos) {
    return result;
  }
  result = replace_addresses(
      result, [&](auto address) { return stand_ins_.address(address); },
      replaced_.addresses);
  return replace_phones(
      result, [&](auto digits) { return stand_ins_.phone(digits); },
      replaced_.phones);
}

std::string Sanitizer::tokens(std::string_view text) {
  std::string result;
  std::size_t copied = 0;
  for (auto at = text.find("eyJ"); at != text.npos;
       at = text.find("eyJ", at + 1)) {
    if (at > copied && is_base64url(text[at - 1])) {
      continue;
    }
    const auto end = token_end(text, at);
    if (end == at) {
      continue;
    }
    result += text.substr(copied, at - copied);
    result +=
        secret(text.substr(at, end - at), Reach::everywhere, replaced_.tokens);
    copied = end;
    at = end - 1;
  }
  return result += text.substr(copied);
}

std::string Sanitizer::field(std::string_view name, std::string_view value,
                             FieldPlace place) {
  if (is_secret_field(name, place)) {
    return credentials(value, replaced_.fields);
  }
  if (scrub_ && is_phone_field(name)) {
    if (const auto digits = phone_digits(value)) {
      return phone(value, *digits);
    }
  }
  if (scrub_ && is_person_field(name)) {
    return person(value);
  }
  return looks_like_json(value) ? json(value) : text(value);
}

std::string Sanitizer::phone(std::string_view value,
                             const std::string& digits) {
  auto stand_in = '+' + stand_ins_.phone(digits);
  if (stand_in != value) {
    ++replaced_.phones;
  }
  return stand_in;
}

std::string Sanitizer::person(std::string_view value) {
  auto stand_in = stand_ins_.person(value);
  if (stand_in != value) {
    ++replaced_.persons;
  }
  return stand_in;
}

std::string Sanitizer::body(std::string_view body, std::string_view type) {
  if (looks_like_json(body)) {
    return json(body);
  }
  if (is_form_type(type) || looks_like_form(body)) {
    return form(body, FieldPlace::form);
  }
  return text(body);
}

std::string Sanitizer::header(std::string_view name, std::string_view value) {
  if (is_secret_header(name)) {
    return credentials(value, replaced_.headers);
  }
  if (is_cookie_header(name)) {
    return cookies(name, value);
  }
  const bool of_url = http::same_header(name, "Location") ||
                      http::same_header(name, "Content-Location") ||
                      http::same_header(name, "Referer");
  return of_url ? url(value) : text(value);
}

// The word that says of what kind it is stays.
std::string Sanitizer::credentials(std::string_view value, std::size_t& count) {
  const auto scheme = scheme_of(value);
  const auto rest = value.substr(scheme.size());
  const auto whole = secret(rest, Reach::everywhere, count);
  if (http::same_header(scheme, "Basic ")) {
    // The password alone, where it is sent in another way as well.
    const auto login = http::base64_decode(rest);
    const auto colon = login ? login->find(':') : std::string::npos;
    if (colon != std::string::npos) {
      stand_ins_.secret(std::string_view(*login).substr(colon + 1),
                        Reach::everywhere);
    }
  }
  return std::string(scheme) + whole;
}

std::string Sanitizer::cookie(std::string_view value) {
  return secret(value, Reach::everywhere, replaced_.headers);
}

// Their values are secrets of their own, the whole header is one of its place.
std::string Sanitizer::cookies(std::string_view name, std::string_view value) {
  auto whole = secret(value, Reach::here, replaced_.headers);
  auto rest = value;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    const auto cookie = rest.substr(0, end);
    const auto equals = cookie.find('=');
    if (equals != cookie.npos) {
      stand_ins_.secret(cookie.substr(equals + 1), Reach::everywhere);
    }
    if (http::same_header(name, "Set-Cookie")) {
      break;  // the others say what becomes of it
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return whole;
}

}  // namespace strandline::recording
