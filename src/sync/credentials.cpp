// SPDX-License-Identifier: MIT
#include "sync/credentials.hpp"

#include <variant>

namespace strandline::sync {
namespace {

using Text = std::variant<std::string, model::SecretReference>;

std::string text_of(const Text& text, std::string_view role,
                    const Resolve& resolve) {
  const auto* const secret = std::get_if<model::SecretReference>(&text);
  return secret != nullptr ? resolve(*secret, role)
                           : std::get<std::string>(text);
}

http::OAuth2::Settings oauth2_of(const model::SourceDefinition& source,
                                 const Resolve& resolve) {
  http::OAuth2::Settings settings;
  settings.source = source.name;
  settings.token_url = source.token_url;
  settings.client_id = text_of(source.client_id, "client_id", resolve);
  if (source.client_secret) {
    settings.client_secret = resolve(*source.client_secret, "client_secret");
  }
  if (source.refresh_token) {
    settings.refresh_token = resolve(*source.refresh_token, "refresh_token");
  }
  settings.scope = source.scope;
  return settings;
}

}  // namespace

http::Credentials credentials_of(const model::SourceDefinition& source,
                                 const Resolve& resolve) {
  http::Credentials credentials;
  credentials.auth = source.auth;
  credentials.header = source.header;
  credentials.prefix = source.prefix;
  credentials.param = source.param;
  if (source.token) {
    credentials.secret = resolve(*source.token, "token");
  }
  credentials.user = text_of(source.user, "user", resolve);
  if (source.auth == model::Auth::oauth2) {
    credentials.oauth2 = oauth2_of(source, resolve);
  }
  return credentials;
}

}  // namespace strandline::sync
