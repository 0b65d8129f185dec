// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "http/pace.hpp"
#include "http/redactor.hpp"
#include "http/transport.hpp"
#include "http/url.hpp"
#include "model/definition.hpp"

namespace strandline::http {

/// What authorises requests, with its secrets.
struct Credentials {
  model::Auth auth = model::Auth::none;
  std::string secret;  ///< bearer, header, query: the token; basic: password
  std::string user;    ///< basic
  std::string header;  ///< bearer, header: its name
  std::string prefix;  ///< bearer, header: stands before the secret
  std::string param;   ///< query: its name
};

/// What all clients of one source share. Thread-safe.
class Session {
 public:
  /// Throws HttpError (ExitCode::configuration) if the source's base_url is
  /// not a URL.
  Session(const model::SourceDefinition& source, Credentials credentials);

  const Url& base() const noexcept { return base_; }

  /// Returns `request` with the source's headers, its own over them, and the
  /// credentials; `Accept: application/json` unless either says otherwise.
  Request authorised(Request request) const;

  /// Returns `url` without the query parameter that authorises.
  Url without_credentials(Url url) const;

  Pace& pace() noexcept { return pace_; }
  const Redactor& redactor() const noexcept { return redactor_; }

 private:
  Url base_;
  Headers headers_;
  Credentials credentials_;
  Redactor redactor_;
  Pace pace_;
};

}  // namespace strandline::http
