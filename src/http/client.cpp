// SPDX-License-Identifier: MIT
#include "http/client.hpp"

#include <fmt/format.h>

#include <utility>

#include "model/text.hpp"

namespace strandline::http {
namespace {

constexpr std::size_t note_limit = 300;

// What the user can do about an answer of `status`.
std::string advice(int status, const Headers& headers, bool oauth2) {
  const auto location = find_header(headers, "Location");
  if (status >= 300 && status <= 399 && location) {
    return fmt::format(
        "redirects are not followed: set base_url to where the API is; this "
        "one points to {}",
        *location);
  }
  switch (classify(status)) {
    case ExitCode::credentials:
      if (oauth2) {
        return "the access token is new: check scope, and what the login may "
               "read";
      }
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
      waiter_(std::move(waiter)),
      policy_(policy) {}

Client::Client(const model::SourceDefinition& source, Credentials credentials,
               std::unique_ptr<Transport> transport)
    : Client(std::make_shared<Session>(source, std::move(credentials)),
             std::move(transport), nullptr) {}

void Client::set_rate(std::optional<model::Rate> rate) {
  pace_ = rate ? std::make_unique<Pace>(rate) : nullptr;
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
  Retries retries(policy_, random_);
  bool renewed = false;
  for (;;) {
    // Each time: it may have expired while we waited.
    auto access = token();
    try {
      attempt(session_->authorised(request, access), accept);
      return response_;
    } catch (const HttpError& failure) {
      if (failure.status() == 401 && access && !renewed) {
        renewed = true;
      } else if (wait_after(failure, retries)) {
        ++retries_;
        continue;
      } else {
        throw;
      }
    }
    token_instead_of(access);
  }
}

const Url& Client::base() {
  if (!session_->has_base()) {
    token();
  }
  return session_->base();
}

OAuth2::Token Client::token() {
  return session_->token(
      now(), [this](const Request& request) { return ask_for_token(request); });
}

OAuth2::Token Client::token_instead_of(const OAuth2::Token& refused) {
  return session_->token_instead_of(refused, [this](const Request& request) {
    return ask_for_token(request);
  });
}

OAuth2::Answer Client::ask_for_token(const Request& request) {
  Retries retries(policy_, random_);
  for (;;) {
    try {
      return ask_once_for_token(request);
    } catch (const HttpError& failure) {
      if (!wait_after(failure, retries)) {
        throw;
      }
    }
    ++retries_;
  }
}

OAuth2::Answer Client::ask_once_for_token(const Request& request) {
  OAuth2::Answer answer{{}, now()};
  ++requests_;
  try {
    transport_->send(request, answer.response);
  } catch (const HttpError& failure) {
    throw redacted(failure, request);
  }
  bytes_ += static_cast<std::int64_t>(answer.response.body.size());
  const int status = answer.response.status;
  if (classify(status) == ExitCode::temporary) {
    throw redacted(
        HttpError(ExitCode::temporary,
                  fmt::format("{}: the answer is {}", name_of(request), status),
                  status, {{"try", "run again later"}}),
        request);
  }
  return answer;
}

Waiter::Clock::time_point Client::now() const {
  return waiter_ ? waiter_->now() : Waiter::Clock::now();
}

// False if the request is not to be sent again.
bool Client::wait_after(const HttpError& failure, Retries& retries) {
  return failure.passing() && waiter_ && retries.left() &&
         waiter_->wait_until(
             waiter_->now() + retries.after_failure(failure.status() == 0),
             failure.what());
}

void Client::attempt(const Request& request, const Accept& accept) {
  wait_for_leave(session_->pace());
  if (pace_) {
    wait_for_leave(*pace_);
  }
  send(request);
  check(request);
  if (accept) {
    accept(response_);
  }
}

void Client::wait_for_leave(Pace& pace) {
  if (!waiter_) {
    return;
  }
  while (const auto free = pace.take(waiter_->now())) {
    if (!waiter_->wait_until(*free, "not to ask the source too often")) {
      throw TimeUp();
    }
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
  add("try", advice(status, response_.headers, session_->uses_oauth2()));
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
