// SPDX-License-Identifier: MIT
#include "recording/secret_names.hpp"

#include <algorithm>
#include <array>

#include "http/transport.hpp"

namespace strandline::recording {
namespace {

constexpr auto secret_fields = std::to_array<std::string_view>({
    "accesskey",     "accesstoken",      "apikey",
    "apisecret",     "apitoken",         "assertion",
    "auth",          "authkey",          "authorization",
    "authtoken",     "bearertoken",      "clientassertion",
    "clientsecret",  "codeverifier",     "consumersecret",
    "csrftoken",     "devicecode",       "hapikey",
    "idtoken",       "jsessionid",       "jwt",
    "oauthtoken",    "oauthtokensecret", "oauthverifier",
    "passphrase",    "passwd",           "password",
    "phpsessid",     "privatekey",       "pwd",
    "refreshtoken",  "secret",           "secretaccesskey",
    "secretkey",     "securitytoken",    "sessionid",
    "sessionkey",    "sessiontoken",     "sharedsecret",
    "signingkey",    "signingsecret",    "subscriptionkey",
    "token",         "userapikey",       "usertoken",
    "webhooksecret", "xapikey",          "xauthtoken",
    "xsrftoken",
});

constexpr auto secret_parameters = std::to_array<std::string_view>({
    "code",
    "oauthsignature",
    "sig",
    "signature",
    "xamzcredential",
    "xamzsecuritytoken",
    "xamzsignature",
    "xgoogcredential",
    "xgoogsignature",
});

constexpr auto secret_headers = std::to_array<std::string_view>({
    "apikey",
    "authentication",
    "authorization",
    "ocpapimsubscriptionkey",
    "privatetoken",
    "proxyauthorization",
    "token",
    "xauthkey",
    "xauthorization",
});

constexpr auto secret_header_ends = std::to_array<std::string_view>({
    "accesskey",
    "apikey",
    "authtoken",
    "password",
    "secret",
    "sessionid",
    "token",
});

// What a token is for that is none of a person or program.
constexpr auto place_words = std::to_array<std::string_view>({
    "continuation",
    "cursor",
    "delta",
    "next",
    "page",
    "paging",
    "resume",
    "skip",
    "sync",
});

bool is_one_of(std::string_view name, const auto& names) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::string plain_name(std::string_view name) {
  if (name.ends_with(']') && name.rfind('[') != name.npos) {
    const auto open = name.rfind('[') + 1;
    const auto inside = name.substr(open, name.size() - 1 - open);
    name = inside.empty() ? name.substr(0, name.find('[')) : inside;
  }
  std::string plain;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      plain += static_cast<char>(c - 'A' + 'a');
    } else if (std::string_view("_-. ").find(c) == std::string_view::npos) {
      plain += c;
    }
  }
  return plain;
}

bool is_secret_field(std::string_view name, FieldPlace place) {
  const auto plain = plain_name(name);
  return is_one_of(plain, secret_fields) ||
         (place != FieldPlace::json && is_one_of(plain, secret_parameters));
}

bool is_secret_header(std::string_view name) {
  const auto plain = plain_name(name);
  if (is_one_of(plain, secret_headers)) {
    return true;
  }
  const bool of_place = std::ranges::any_of(place_words, [&](const auto word) {
    return plain.find(word) != plain.npos;
  });
  return !of_place && plain.starts_with('x') &&
         std::ranges::any_of(secret_header_ends, [&](const auto end) {
           return plain.ends_with(end);
         });
}

bool is_cookie_header(std::string_view name) {
  return http::same_header(name, "Cookie") ||
         http::same_header(name, "Set-Cookie");
}

}  // namespace strandline::recording
