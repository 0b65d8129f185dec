// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/oauth2.hpp"
#include "http/pace.hpp"
#include "http/redactor.hpp"
#include "http/transport.hpp"
#include "http/url.hpp"
#include "model/definition.hpp"
#include "model/template.hpp"

namespace strandline::http {

/// What authorises requests, with its secrets.
struct Credentials {
  model::Auth auth = model::Auth::none;
  std::string secret;  ///< bearer, header, query: the token; basic: password
  std::string user;    ///< basic
  std::string header;  ///< bearer, header, oauth2: its name
  std::string prefix;  ///< bearer, header, oauth2: stands before the secret
  std::string param;   ///< query: its name
  std::optional<OAuth2::Settings> oauth2 = {};
};

/// What all clients of one source share. Thread-safe.
class Session {
 public:
  /// The source's secrets become known to `redactor`, which several sources may
  /// share: what is one's secret is not to be seen with another either. Throws
  /// HttpError (ExitCode::configuration) if the source's base_url or token_url
  /// is not a URL.
  Session(const model::SourceDefinition& source, Credentials credentials,
          std::shared_ptr<Redactor> redactor = std::make_shared<Redactor>());

  bool uses_oauth2() const noexcept { return oauth2_ != nullptr; }

  /// Returns the access token of oauth2, by `send` where a new one is needed,
  /// and null for the other kinds of auth. Throws as OAuth2::token does, and
  /// HttpError (ExitCode::protocol) where base_url cannot be made with it.
  OAuth2::Token token(OAuth2::Clock::time_point now, const OAuth2::Send& send);

  /// As `token`, where the API has refused that one.
  OAuth2::Token token_instead_of(const OAuth2::Token& refused,
                                 const OAuth2::Send& send);

  /// False until the first token, where base_url needs one.
  bool has_base() const;

  /// Where the API is; does not change once it is known, as it must be.
  const Url& base() const;

  /// True if `url` may be asked: it is of base_url's origin, or of one of the
  /// source's `origins`, and not http where base_url is https.
  bool admits(const Url& url) const;

  /// Returns `request` with the source's headers, its own over them, and the
  /// credentials, of which `token` is the one of oauth2; `Accept:
  /// application/json` unless either says otherwise. To another origin than
  /// base_url's goes nothing of that but the types of what is sent and wanted.
  /// Throws HttpError (ExitCode::protocol) where the URL is not admitted, and
  /// where a secret would go to another origin.
  Request authorised(Request request, const OAuth2::Token& token = {}) const;

  /// Throws HttpError (ExitCode::protocol) for a URL that is not admitted.
  void require_admitted(const Url& url) const;

  /// Returns `request`, which `authorised` has made, for `url`, to which its
  /// answer sends on. Throws likewise.
  Request redirected(Request request, Url url) const;

  /// True if `url` is of base_url's origin, which alone gets credentials.
  bool owns(const Url& url) const { return url.origin() == base().origin(); }

  /// Returns `url` without the query parameter that authorises.
  Url without_credentials(Url url) const;

  Pace& pace() noexcept { return pace_; }
  const Redactor& redactor() const noexcept { return *redactor_; }

 private:
  void find_base(const AccessToken& token);
  Url base_with(const AccessToken& token) const;
  Request bare(Request request) const;

  model::Template base_text_;
  bool allow_http_;
  mutable std::mutex base_mutex_;
  std::optional<Url> base_;           ///< set once
  std::vector<std::string> origins_;  ///< as Url::origin has them
  Headers headers_;
  Credentials credentials_;
  std::shared_ptr<Redactor> redactor_;
  std::unique_ptr<OAuth2> oauth2_;
  Pace pace_;
};

}  // namespace strandline::http
