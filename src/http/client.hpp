// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/error.hpp"
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

/// A source's rules on top of a transport: credentials go to its base_url's
/// origin alone, only 2xx is an answer, and no error shows a secret. Not
/// thread-safe.
class Client {
 public:
  /// Throws HttpError (ExitCode::configuration) if the source's base_url is
  /// not a URL.
  Client(const model::SourceDefinition& source, Credentials credentials,
         std::unique_ptr<Transport> transport);

  /// Fetches `url` with the source's headers, `headers` over them, and the
  /// credentials; `Accept: application/json` unless either says otherwise. The
  /// answer is valid until the next call.
  ///
  /// Throws HttpError if `url` is not of base_url's origin (nothing is sent
  /// then), unless the status is 2xx, and if the answer is empty, which only
  /// one of 204 or 205 may be; besides what the transport throws. Notes say
  /// what was asked, what came and what to try.
  const Response& get(const Url& url, const Headers& headers = {});

  const Url& base() const noexcept { return base_; }

  /// Returns `text` with `REDACTED` in the place of every secret, in whatever
  /// form (see Redactor).
  std::string redact(std::string_view text) const {
    return redactor_.redact(text);
  }

  /// True if a secret stands in `text`, in any form.
  bool holds_secret(std::string_view text) const {
    return redactor_.finds_any(text);
  }

  /// Returns `url` without the query parameter that authorises.
  Url without_credentials(Url url) const;

  std::int64_t requests() const noexcept { return requests_; }
  std::int64_t bytes() const noexcept { return bytes_; }  ///< bodies, decoded

 private:
  Request request(Url url, const Headers& headers) const;
  void send(const Request& request);
  void check(const Request& request) const;
  HttpError redacted(const HttpError& failure, const Request& request) const;

  Url base_;
  Headers headers_;
  Credentials credentials_;
  std::unique_ptr<Transport> transport_;
  Redactor redactor_;
  Response response_;
  std::int64_t requests_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace strandline::http
