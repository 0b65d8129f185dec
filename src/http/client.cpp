// SPDX-License-Identifier: MIT
#include "http/client.hpp"

#include <fmt/format.h>

#include <algorithm>
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

// A refusal that may hide something that passes: the others tell what is wrong.
bool is_open(int status) {
  return status >= 400 && status <= 499 && status != 407 &&
         classify(status) != ExitCode::unavailable && status != 401;
}

// Where an answer of `url` points to, as far as others may know: its query may
// hold anything.
std::string place_of(const Url& url, std::string_view location) {
  try {
    return url.resolve(location).without_query();
  } catch (const HttpError&) {
    return "what is no URL of http or https";
  }
}

bool is_conditional(const Request& request) {
  return find_header(request.headers, "If-Modified-Since") ||
         find_header(request.headers, "If-None-Match");
}

}  // namespace

Client::Client(std::shared_ptr<Session> session,
               std::unique_ptr<Transport> transport,
               std::shared_ptr<Waiter> waiter, const RetryPolicy& policy,
               std::shared_ptr<std::atomic<bool>> abandoned)
    : session_(std::move(session)),
      transport_(std::move(transport)),
      policy_(policy),
      turns_(session_, std::move(waiter), policy.patience),
      abandoned_(std::move(abandoned)) {}

Client::Client(const model::SourceDefinition& source, Credentials credentials,
               std::unique_ptr<Transport> transport)
    : Client(std::make_shared<Session>(source, std::move(credentials)),
             std::move(transport), nullptr) {}

void Client::set_stream(const std::string& stream,
                        std::optional<model::Rate> rate) {
  turns_.set_stream(stream, rate);
}

const Response& Client::fetch(const Request& request, const Accept& accept,
                              const MayPass& may_pass) {
  require_admitted(request);
  Retries retries(policy_, random_);
  bool renewed = false;
  for (;;) {
    const auto access = take_turn(request.url);
    try {
      attempt(session_->authorised(request, access), accept, may_pass);
      return response_;
    } catch (const HttpError& failure) {
      if (failure.status() == 401 && access && !renewed &&
          session_->owns(answered_by_.value())) {
        renewed = true;
      } else if (failure.passing() && turns_.wait_after(failure, retries)) {
        ++retries_;
        continue;
      } else {
        throw;
      }
    }
    token_instead_of(access);
  }
}

// Waits for the turn to ask `url`, and returns the token to do it with. It may
// take a while to get one, and others ask meanwhile: the turn is taken when the
// token is there.
OAuth2::Token Client::take_turn(const Url& url) {
  const bool authorised = session_->owns(url);
  auto access = authorised ? token() : nullptr;
  for (;;) {
    turns_.take();
    // It may have expired while we waited.
    auto current = authorised ? token() : nullptr;
    if (current == access) {
      return access;
    }
    turns_.give_back();
    access = std::move(current);
  }
}

void Client::require_admitted(const Request& request) {
  try {
    base();
    session_->require_admitted(request.url);
  } catch (const HttpError& refusal) {
    throw redacted(refusal, request);
  }
}

bool Client::admits(const Url& url) {
  base();
  return session_->admits(url);
}

const Url& Client::base() {
  if (!session_->has_base()) {
    token();
  }
  return session_->base();
}

OAuth2::Token Client::token() {
  return session_->token(turns_.now(), [this](const Request& request) {
    return ask_for_token(request);
  });
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
      if (!failure.passing() || !turns_.wait_after(failure, retries)) {
        throw;
      }
    }
    ++retries_;
  }
}

OAuth2::Answer Client::ask_once_for_token(const Request& request) {
  turns_.take_uncounted();
  OAuth2::Answer answer{{}, turns_.now()};
  ++requests_;
  try {
    transport_->send(request, answer.response);
  } catch (const HttpError& failure) {
    throw redacted(failure, request);
  }
  bytes_ += static_cast<std::int64_t>(answer.response.body.size());
  turns_.note(request, answer.response);
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

void Client::attempt(const Request& request, const Accept& accept,
                     const MayPass& may_pass) {
  const auto begin = Waiter::Clock::now();
  send(request);
  const auto answered = follow(request, begin);
  answered_by_ = answered.url;
  check(answered, may_pass);
  if (accept) {
    accept(response_);
  }
}

// Follows redirects from the answer to `request`, which was sent at `begin`,
// and returns the request of the answer that there is then.
Request Client::follow(Request request, Waiter::Clock::time_point begin) {
  Redirects redirects;
  std::chrono::nanoseconds so_far{0};
  while (auto next = redirected(redirects, request)) {
    request = *std::move(next);
    turns_.take();
    so_far = std::max<std::chrono::nanoseconds>(
        so_far + (Waiter::Clock::now() - begin), response_.time_to_first_byte);
    begin = Waiter::Clock::now();
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

void Client::check(const Request& request, const MayPass& may_pass) const {
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
  add("try", advice(code));
  if (may_pass && is_open(status) && may_pass(response_)) {
    failure.set_passing();
  }
  throw redacted(failure, request);
}

// What the user can do about the answer, which is no page.
std::string Client::advice(ExitCode code) const {
  const int status = response_.status;
  const auto& url = answered_by_.value();
  const auto location = find_header(response_.headers, "Location");
  if (status >= 300 && status <= 399 && location) {
    return fmt::format(
        "such a redirect is not followed: set base_url to where the API is, or "
        "list in origins what needs no credentials; this one points to {}",
        // Redacted as it came: to be a URL it may be written otherwise.
        place_of(url, redact(*location)));
  }
  switch (code) {
    case ExitCode::credentials:
      if (!session_->owns(url)) {
        return fmt::format(
            "{} is asked without credentials, as all of origins: it needs some",
            url.origin());
      }
      if (session_->uses_oauth2()) {
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

HttpError Client::redacted(const HttpError& failure,
                           const Request& request) const {
  std::vector<Note> notes{{"request", redact(outline_of(request))}};
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
