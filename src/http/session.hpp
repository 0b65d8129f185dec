// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

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

  /// True if `url` may be asked: it is of base_url's origin, or of one of the
  /// source's `origins`, and not http where base_url is https.
  bool admits(const Url& url) const;

  /// Returns `request` with the source's headers, its own over them, and the
  /// credentials; `Accept: application/json` unless either says otherwise.
  /// To another origin than base_url's goes nothing of that but the types of
  /// what is sent and wanted. Throws HttpError (ExitCode::protocol) where the
  /// URL is not admitted, and where a secret would go to another origin.
  Request authorised(Request request) const;

  /// Returns `request`, which `authorised` has made, for `url`, to which its
  /// answer sends on. Throws likewise.
  Request redirected(Request request, Url url) const;

  /// True if `url` is of base_url's origin, which alone gets credentials.
  bool owns(const Url& url) const { return url.origin() == base().origin(); }

  /// Returns `url` without the query parameter that authorises.
  Url without_credentials(Url url) const;

  Pace& pace() noexcept { return pace_; }
  const Redactor& redactor() const noexcept { return redactor_; }

 private:
  Request bare(Request request) const;
  void require_admitted(const Url& url) const;

  Url base_;
  std::vector<std::string> origins_;  ///< as Url::origin has them
  Headers headers_;
  Credentials credentials_;
  Redactor redactor_;
  Pace pace_;
};

}  // namespace strandline::http
