// SPDX-License-Identifier: MIT
#include "http/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "http/base64.hpp"
#include "http/error.hpp"
#include "http/stand_in.hpp"
#include "model/text.hpp"

namespace strandline::http {
namespace {

void put(Headers& headers, std::string name, std::string value) {
  std::erase_if(headers, [&](const auto& header) {
    return same_header(header.first, name);
  });
  headers.emplace_back(std::move(name), std::move(value));
}

void add_secrets(const model::SourceDefinition& source,
                 const Credentials& credentials, Redactor& redactor) {
  if (credentials.auth == model::Auth::none) {
    return;
  }
  redactor.add(credentials.secret, stand_in(source.name, "token"));
  if (std::holds_alternative<model::SecretReference>(source.client_id) &&
      credentials.oauth2) {
    redactor.add(credentials.oauth2->client_id,
                 stand_in(source.name, "client_id"));
  }
  if (credentials.auth != model::Auth::basic) {
    return;
  }
  const bool user_is_secret =
      std::holds_alternative<model::SecretReference>(source.user);
  if (user_is_secret) {
    redactor.add(credentials.user, stand_in(source.name, "user"));
  }
  if (user_is_secret || !credentials.secret.empty()) {
    redactor.add_plain(
        base64_encode(credentials.user + ":" + credentials.secret),
        stand_in(source.name, "basic"));
  }
}

bool has_placeholder(const model::Template& text) {
  return std::ranges::any_of(text.pieces, &model::Template::Piece::placeholder);
}

}  // namespace

Session::Session(const model::SourceDefinition& source, Credentials credentials,
                 std::shared_ptr<Redactor> redactor)
    : base_text_(model::parse_template(source.base_url)),
      allow_http_(source.allow_http),
      headers_(source.headers),
      credentials_(std::move(credentials)),
      redactor_(std::move(redactor)),
      pace_(source.rate) {
  add_secrets(source, credentials_, *redactor_);
  if (!has_placeholder(base_text_)) {
    base_.emplace(source.base_url, ExitCode::configuration);
  }
  for (const auto& origin : source.origins) {
    origins_.push_back(Url(origin, ExitCode::configuration).origin());
  }
  if (credentials_.oauth2) {
    oauth2_ = std::make_unique<OAuth2>(*credentials_.oauth2, *redactor_);
  }
}

OAuth2::Token Session::token(OAuth2::Clock::time_point now,
                             const OAuth2::Send& send) {
  if (!oauth2_) {
    return {};
  }
  auto token = oauth2_->token(now, send);
  find_base(*token);
  return token;
}

OAuth2::Token Session::token_instead_of(const OAuth2::Token& refused,
                                        const OAuth2::Send& send) {
  return oauth2_ ? oauth2_->token_instead_of(refused, send) : nullptr;
}

bool Session::has_base() const {
  const std::lock_guard lock(base_mutex_);
  return base_.has_value();
}

const Url& Session::base() const {
  const std::lock_guard lock(base_mutex_);
  return base_.value();
}

void Session::find_base(const AccessToken& token) {
  const std::lock_guard lock(base_mutex_);
  if (!base_) {
    base_ = base_with(token);
  }
}

Url Session::base_with(const AccessToken& token) const {
  std::string text;
  for (const auto& piece : base_text_.pieces) {
    if (!piece.placeholder) {
      // After a URL that ends with a slash there would be two.
      const bool twice = text.ends_with('/') && piece.text.starts_with('/');
      text += twice ? piece.text.substr(1) : piece.text;
      continue;
    }
    const auto name = piece.text.substr(piece.text.find('.') + 1);
    const auto found = token.members.find(name);
    if (found == token.members.end() || found->second.empty()) {
      throw HttpError(
          ExitCode::protocol,
          fmt::format("the token answer has no '{}', which base_url "
                      "needs",
                      model::printable(name, 60)));
    }
    text += found->second;
  }
  std::optional<Url> url;
  try {
    url.emplace(text);
  } catch (const HttpError&) {
    throw HttpError(ExitCode::protocol,
                    "with what the token answer says base_url is no URL");
  }
  if (text.find_first_of("?#") != std::string::npos ||
      (!url->encrypted() && !url->loopback() && !allow_http_)) {
    throw HttpError(
        ExitCode::protocol,
        fmt::format("with what the token answer says base_url leads to {}; it "
                    "must be https and without query and fragment",
                    redactor_->redact(url->origin())));
  }
  return *std::move(url);
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

Request Session::authorised(Request request, const OAuth2::Token& token) const {
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
    case model::Auth::oauth2:
      put(all, credentials_.header,
          credentials_.prefix + (token ? token->text : ""));
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
  if (redactor_->finds_any(request.url.text()) ||
      redactor_->finds_any(request.body)) {
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
