// SPDX-License-Identifier: MIT
#include "http/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/text.hpp"

namespace strandline::http {
namespace {

constexpr std::size_t note_limit = 300;

// What the user can do about an answer of `status`.
std::string advice(int status, const Headers& headers) {
  const auto location = find_header(headers, "Location");
  if (status >= 300 && status <= 399 && location) {
    return fmt::format(
        "such a redirect is not followed: set base_url to where the API is, or "
        "list in origins what needs no credentials; this one points to {}",
        *location);
  }
  switch (classify(status)) {
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
  const auto asked = authorised(request);
  Retries retries(policy_, random_);
  for (;;) {
    try {
      attempt(asked, accept);
      return response_;
    } catch (const HttpError& failure) {
      if (!failure.passing() || !waiter_ || !retries.left() ||
          !waiter_->wait_until(
              waiter_->now() + retries.after_failure(failure.status() == 0),
              failure.what())) {
        throw;
      }
    }
    ++retries_;
  }
}

Request Client::authorised(const Request& request) const {
  try {
    return session_->authorised(request);
  } catch (const HttpError& refusal) {
    throw redacted(refusal, request);
  }
}

void Client::attempt(const Request& request, const Accept& accept) {
  take_leave();
  const auto begin = Clock::now();
  send(request);
  const auto answered = follow(request, begin);
  check(answered);
  answered_by_ = answered.url;
  if (accept) {
    accept(response_);
  }
}

// Follows redirects from the answer to `request`, which was sent at `begin`,
// and returns the request of the answer that there is then.
Request Client::follow(Request request, Clock::time_point begin) {
  Redirects redirects;
  std::chrono::nanoseconds so_far{0};
  while (auto next = redirected(redirects, request)) {
    request = *std::move(next);
    take_leave();
    so_far = std::max<std::chrono::nanoseconds>(so_far + (Clock::now() - begin),
                                                response_.time_to_first_byte);
    begin = Clock::now();
    const auto date = response_.date;
    send(request);
    if (session_->owns(request.url)) {
      response_.time_to_first_byte += so_far;
    } else {
      // The clock of another host does not tell what the source had by then.
      response_.date = date;
      response_.time_to_first_byte = so_far;
    }
  }
  return request;
}

// Nothing where the answer to `request` is no redirect that is followed.
std::optional<Request> Client::redirected(Redirects& redirects,
                                          const Request& request) const {
  try {
    const auto target = redirects.next(request, response_);
    return target && session_->admits(*target)
               ? std::optional(session_->redirected(request, *target))
               : std::nullopt;
  } catch (const HttpError& refusal) {
    throw redacted(refusal, request);
  }
}

void Client::take_leave() {
  wait_for_leave(session_->pace());
  if (pace_) {
    wait_for_leave(*pace_);
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
  add("try", advice(status, response_.headers));
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
