// SPDX-License-Identifier: MIT
#include "http/client.hpp"

#include <fmt/format.h>

#include <utility>

#include "http/base64.hpp"
#include "model/text.hpp"

namespace strandline::http {
namespace {

constexpr std::size_t note_limit = 300;

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

// What the user can do about an answer of `status`.
std::string advice(int status, const Headers& headers) {
  const auto location = find_header(headers, "Location");
  if (status >= 300 && status <= 399 && location) {
    return fmt::format(
        "redirects are not followed: set base_url to where the API is; this "
        "one points to {}",
        *location);
  }
  switch (classify(status)) {
    case ExitCode::credentials:
      return "check the token: it may be mistyped, expired, or not allowed to "
             "read this";
    case ExitCode::unavailable:
      return "check the path: base_url and the stream's get";
    case ExitCode::temporary:
      return "run again later";
    default:
      return "check the stream's query and headers";
  }
}

}  // namespace

Client::Client(const model::SourceDefinition& source, Credentials credentials,
               std::unique_ptr<Transport> transport)
    : base_(source.base_url, ExitCode::configuration),
      headers_(source.headers),
      credentials_(std::move(credentials)),
      transport_(std::move(transport)),
      redactor_(make_redactor(source, credentials_)) {}

const Response& Client::get(const Url& url, const Headers& headers) {
  if (url.origin() != base_.origin()) {
    const HttpError refusal(
        ExitCode::protocol,
        fmt::format("a URL of {} is refused: requests and credentials go to "
                    "the origin of base_url alone, {}",
                    url.origin(), base_.origin()));
    throw redacted(refusal, {url.text(), {}});
  }
  const auto asked = request(url, headers);
  send(asked);
  check(asked);
  return response_;
}

Request Client::request(Url url, const Headers& headers) const {
  Headers all{{"Accept", "application/json"}};
  for (const auto& [name, value] : headers_) {
    put(all, name, value);
  }
  for (const auto& [name, value] : headers) {
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
      url.set_query(credentials_.param, credentials_.secret);
      break;
    case model::Auth::basic:
      put(all, "Authorization",
          "Basic " +
              base64_encode(credentials_.user + ":" + credentials_.secret));
      break;
  }
  return {url.text(), std::move(all)};
}

void Client::send(const Request& request) {
  ++requests_;
  try {
    transport_->send(request, response_);
  } catch (const HttpError& failure) {
    throw redacted(failure, request);
  }
  bytes_ += static_cast<std::int64_t>(response_.body.size());
}

void Client::check(const Request& request) const {
  const int status = response_.status;
  const bool success = status >= 200 && status <= 299;
  const bool may_be_empty = status == 204 || status == 205;
  if (success && (may_be_empty || !response_.body.empty())) {
    return;
  }
  const auto asked = "GET " + Url(request.url).without_query();
  if (success) {
    const HttpError empty(
        ExitCode::protocol,
        fmt::format("{}: the answer {} is empty", asked, status), status);
    throw redacted(empty, request);
  }
  HttpError failure(classify(status),
                    fmt::format("{}: the answer is {}", asked, status), status);
  const auto add = [&](std::string label, std::string_view text) {
    // Redacted while it is whole: of a secret cut in two the first half would
    // be shown.
    failure.add_note(std::move(label),
                     model::printable(redact(text), note_limit));
  };
  if (!response_.body.empty()) {
    add("answer", response_.body);
  }
  if (const auto after = find_header(response_.headers, "Retry-After")) {
    add("retry-after", *after);
  }
  add("try", advice(status, response_.headers));
  throw redacted(failure, request);
}

HttpError Client::redacted(const HttpError& failure,
                           const Request& request) const {
  std::vector<Note> notes{{"request", "GET " + redact(request.url)}};
  for (const auto& [label, text] : failure.notes()) {
    notes.push_back({label, redact(text)});
  }
  return {failure.code(), redact(failure.what()), failure.status(),
          std::move(notes)};
}

Url Client::without_credentials(Url url) const {
  if (credentials_.auth == model::Auth::query) {
    url.remove_query(credentials_.param);
  }
  return url;
}

}  // namespace strandline::http
