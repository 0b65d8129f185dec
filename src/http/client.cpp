// SPDX-License-Identifier: MIT
#include "http/client.hpp"

#include <fmt/format.h>

#include <utility>

#include "http/throttle.hpp"
#include "model/text.hpp"

namespace strandline::http {
namespace {

constexpr std::size_t note_limit = 300;

// A refusal with a limit is one for now.
ExitCode code_of(const Response& response) {
  const bool throttled = response.status == 403 && asked_wait(response, {});
  return throttled ? ExitCode::temporary : classify(response.status);
}

// What the user can do about an answer of `status`.
std::string advice(int status, ExitCode code, const Headers& headers) {
  const auto location = find_header(headers, "Location");
  if (status >= 300 && status <= 399 && location) {
    return fmt::format(
        "redirects are not followed: set base_url to where the API is; this "
        "one points to {}",
        *location);
  }
  switch (code) {
    case ExitCode::credentials:
      return "check the token: it may be mistyped, expired, or not allowed to "
             "read this";
    case ExitCode::unavailable:
      return "check the path: base_url and the stream's get or post";
    case ExitCode::temporary:
      return "run again later";
    default:
      return "check the stream's query, body and headers";
  }
}

bool is_conditional(const Request& request) {
  return find_header(request.headers, "If-Modified-Since") ||
         find_header(request.headers, "If-None-Match");
}

}  // namespace

Client::Client(std::shared_ptr<Session> session,
               std::unique_ptr<Transport> transport,
               std::shared_ptr<Waiter> waiter, const RetryPolicy& policy)
    : session_(std::move(session)),
      transport_(std::move(transport)),
      policy_(policy),
      turns_(session_, std::move(waiter), policy.patience) {}

Client::Client(const model::SourceDefinition& source, Credentials credentials,
               std::unique_ptr<Transport> transport)
    : Client(std::make_shared<Session>(source, std::move(credentials)),
             std::move(transport), nullptr) {}

void Client::set_stream(const std::string& stream,
                        std::optional<model::Rate> rate) {
  turns_.set_stream(stream, rate);
}

const Response& Client::fetch(const Request& request, const Accept& accept) {
  if (request.url.origin() != base().origin()) {
    const HttpError refusal(
        ExitCode::protocol,
        fmt::format("a URL of {} is refused: requests and credentials go to "
                    "the origin of base_url alone, {}",
                    request.url.origin(), base().origin()));
    throw redacted(refusal, request);
  }
  const auto asked = session_->authorised(request);
  Retries retries(policy_, random_);
  for (;;) {
    turns_.take();
    try {
      attempt(asked, accept);
      return response_;
    } catch (const HttpError& failure) {
      if (!failure.passing() || !turns_.wait_after(failure, retries)) {
        throw;
      }
    }
    ++retries_;
  }
}

void Client::attempt(const Request& request, const Accept& accept) {
  send(request);
  check(request);
  if (accept) {
    accept(response_);
  }
}

void Client::send(const Request& request) {
  ++requests_;
  try {
    transport_->send(request, response_);
  } catch (const HttpError& failure) {
    throw redacted(failure, request);
  }
  bytes_ += static_cast<std::int64_t>(response_.body.size());
  turns_.note(request, response_);
}

void Client::check(const Request& request) const {
  const int status = response_.status;
  const bool unchanged = status == 304 && is_conditional(request);
  const bool success = (status >= 200 && status <= 299 && status != 206);
  const bool may_be_empty = status == 204 || status == 205;
  if (unchanged || (success && (may_be_empty || !response_.body.empty()))) {
    return;
  }
  const auto asked = name_of(request);
  if (success) {
    const HttpError empty(
        ExitCode::protocol,
        fmt::format("{}: the answer {} is empty", asked, status), status);
    throw redacted(empty, request);
  }
  const auto code = code_of(response_);
  HttpError failure(code, fmt::format("{}: the answer is {}", asked, status),
                    status);
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
  add("try", advice(status, code, response_.headers));
  throw redacted(failure, request);
}

HttpError Client::redacted(const HttpError& failure,
                           const Request& request) const {
  std::vector<Note> notes{{"request", std::string(to_text(request.method)) +
                                          " " + redact(request.url.text())}};
  for (const auto& [label, text] : failure.notes()) {
    notes.push_back({label, redact(text)});
  }
  HttpError error(failure.code(), redact(failure.what()), failure.status(),
                  std::move(notes));
  if (failure.passing()) {
    error.set_passing();
  }
  return error;
}

}  // namespace strandline::http
