// SPDX-License-Identifier: MIT
#include "http/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "http/base64.hpp"
#include "http/error.hpp"

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
      pace_(source.rate) {
  for (const auto& origin : source.origins) {
    origins_.push_back(Url(origin, ExitCode::configuration).origin());
  }
}

bool Session::admits(const Url& url) const {
  const bool listed =
      std::ranges::find(origins_, url.origin()) != origins_.end();
  return owns(url) || (listed && (url.encrypted() || !base().encrypted()));
}

void Session::require_admitted(const Url& url) const {
  if (!admits(url)) {
    throw HttpError(
        ExitCode::protocol,
        fmt::format("a URL of {} is refused: requests and credentials go to "
                    "the origin of base_url alone, {}",
                    url.origin(), base().origin()),
        0,
        {{"try", fmt::format("if it is to be asked, without credentials, list "
                             "it: origins = [\"{}\"]",
                             url.origin())}});
  }
}

Request Session::authorised(Request request) const {
  require_admitted(request.url);
  if (!owns(request.url)) {
    return bare(std::move(request));
  }
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

Request Session::redirected(Request request, Url url) const {
  require_admitted(url);
  // Who was sent away and back stays without.
  const bool stays = owns(request.url) && owns(url);
  request.url = std::move(url);
  if (!stays) {
    return bare(std::move(request));
  }
  if (credentials_.auth == model::Auth::query) {
    request.url.set_query(credentials_.param, credentials_.secret);
  }
  return request;
}

// What another origin may see of a request.
Request Session::bare(Request request) const {
  request.url = without_credentials(std::move(request.url));
  Headers kept{{"Accept", "application/json"}};
  for (const auto& [name, value] : request.headers) {
    if (same_header(name, "Accept") || same_header(name, "Content-Type")) {
      put(kept, name, value);
    }
  }
  request.headers = std::move(kept);
  if (redactor_.finds_any(request.url.text()) ||
      redactor_.finds_any(request.body)) {
    throw HttpError(ExitCode::protocol,
                    fmt::format("a request to {} is refused: a secret of {} "
                                "stands in it",
                                request.url.origin(), base().origin()));
  }
  return request;
}

Url Session::without_credentials(Url url) const {
  if (credentials_.auth == model::Auth::query) {
    url.remove_query(credentials_.param);
  }
  return url;
}

}  // namespace strandline::http
