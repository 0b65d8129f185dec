// SPDX-License-Identifier: MIT
#include "http/session.hpp"

#include <utility>

#include "http/base64.hpp"

namespace strandline::http {
namespace {

void put(Headers& headers, std::string name, std::string value) {
  std::erase_if(headers, [&](const auto& header) {
    return same_header(header.first, name);
  });
  headers.emplace_back(std::move(name), std::move(value));
}

Redactor make_redactor(const model::SourceDefinition& source,
                       const Credentials& credentials) {
  Redactor redactor;
  if (credentials.auth == model::Auth::none) {
    return redactor;
  }
  redactor.add(credentials.secret);
  if (credentials.auth != model::Auth::basic) {
    return redactor;
  }
  const bool user_is_secret =
      std::holds_alternative<model::SecretReference>(source.user);
  if (user_is_secret) {
    redactor.add(credentials.user);
  }
  if (user_is_secret || !credentials.secret.empty()) {
    redactor.add_plain(
        base64_encode(credentials.user + ":" + credentials.secret));
  }
  return redactor;
}

}  // namespace

Session::Session(const model::SourceDefinition& source, Credentials credentials)
    : base_(source.base_url, ExitCode::configuration),
      headers_(source.headers),
      credentials_(std::move(credentials)),
      redactor_(make_redactor(source, credentials_)),
      pace_(source.rate) {}

Request Session::authorised(Request request) const {
  Headers all{{"Accept", "application/json"}};
  for (const auto& [name, value] : headers_) {
    put(all, name, value);
  }
  for (const auto& [name, value] : request.headers) {
    put(all, name, value);
  }
  switch (credentials_.auth) {
    case model::Auth::none:
      break;
    case model::Auth::bearer:
    case model::Auth::header:
      put(all, credentials_.header, credentials_.prefix + credentials_.secret);
      break;
    case model::Auth::query:
      request.url.set_query(credentials_.param, credentials_.secret);
      break;
    case model::Auth::basic:
      put(all, "Authorization",
          "Basic " +
              base64_encode(credentials_.user + ":" + credentials_.secret));
      break;
  }
  request.headers = std::move(all);
  return request;
}

Url Session::without_credentials(Url url) const {
  if (credentials_.auth == model::Auth::query) {
    url.remove_query(credentials_.param);
  }
  return url;
}

}  // namespace strandline::http
