// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "http/error.hpp"
#include "http/redirect.hpp"
#include "http/retry.hpp"
#include "http/session.hpp"
#include "http/transport.hpp"
#include "http/turns.hpp"
#include "http/waiter.hpp"
#include "model/definition.hpp"

namespace strandline::http {

/// A source's rules on top of a transport: credentials go to its base_url's
/// origin alone, those for an access token to its token_url's, only 2xx is an
/// answer, what passes is asked again, and no error shows a secret. Not
/// thread-safe: one for each thread, over one session.
class Client {
 public:
  /// Looks at an answer before it is taken for one: what it throws is the
  /// outcome of the request, and an HttpError that is `passing` has it sent
  /// again.
  using Accept = std::function<void(const Response&)>;

  /// True if the answer, which has a status of 4xx that leaves it open (all but
  /// 401, 404, 407, 410 and 451), says of itself that it may pass.
  using MayPass = std::function<bool(const Response&)>;

  /// `abandoned` is what `transport` and `waiter` look at to learn that nobody
  /// waits for an answer; null: `abandon` changes nothing.
  Client(std::shared_ptr<Session> session, std::unique_ptr<Transport> transport,
         std::shared_ptr<Waiter> waiter, const RetryPolicy& policy = {},
         std::shared_ptr<std::atomic<bool>> abandoned = {});

  /// A client that never waits, and so never asks twice, of a source that
  /// nobody else asks. Throws as Session does.
  Client(const model::SourceDefinition& source, Credentials credentials,
         std::unique_ptr<Transport> transport);

  /// Sends `request` with the source's headers, its own over them, and the
  /// credentials, as often as it needs, and not before the source may be asked.
  /// The answer is valid until the next call. With oauth2 a token is asked for
  /// where it is needed, and a new one once if the API answers 401. A refusal
  /// that `may_pass` is asked again, and is at last what its status says.
  ///
  /// A redirect to where the source may be asked is followed (see Redirects and
  /// Session::admits). The time to first byte counts from the first request on
  /// then, and the date is the last that the source itself told.
  ///
  /// Throws HttpError if the URL is not admitted (nothing is sent then), unless
  /// the status is 2xx, or 304 to a request with a condition, and if the answer
  /// is empty, which only one of 204, 205 or 304 may be; besides what the
  /// transport and `accept` throw. Notes say what was asked, what came and what
  /// to try. A 403 that tells of a limit is ExitCode::temporary. Where the
  /// source asks for a longer wait than the run has patience or time for, an
  /// HttpError (ExitCode::temporary) says at once until when. Throws TimeUp
  /// where the rate would make it wait too long, Interrupted when told to stop.
  const Response& fetch(const Request& request, const Accept& accept = {},
                        const MayPass& may_pass = {});

  /// Holds the requests that follow, which are those of `stream`, to `rate`,
  /// beside the source's own.
  void set_stream(const std::string& stream, std::optional<model::Rate> rate);

  /// Says that nobody waits for an answer any more: what is under way or begun
  /// ends as soon as it does for a signal, with Abandoned. May be called by
  /// another thread, as may `resume`, which says that somebody does again.
  void abandon() { set_abandoned(true); }
  void resume() { set_abandoned(false); }

  /// Where the API is. With oauth2 it may take a token to know it: throws as
  /// `fetch` does then.
  const Url& base();

  /// True if `url` may be asked (see Session::admits). Throws as `base` does.
  bool admits(const Url& url);

  /// Where the last answer came from, without credentials: not where it was
  /// asked for, after a redirect.
  Url answered_by() const { return without_credentials(answered_by_.value()); }

  /// Returns `text` with `REDACTED` in the place of every secret, in whatever
  /// form (see Redactor).
  std::string redact(std::string_view text) const {
    return session_->redactor().redact(text);
  }

  /// True if a secret stands in `text`, in any form.
  bool holds_secret(std::string_view text) const {
    return session_->redactor().finds_any(text);
  }

  /// Returns `url` without the query parameter that authorises.
  Url without_credentials(Url url) const {
    return session_->without_credentials(std::move(url));
  }

  std::int64_t requests() const noexcept { return requests_; }
  std::int64_t retries() const noexcept { return retries_; }
  std::int64_t bytes() const noexcept { return bytes_; }  ///< bodies, decoded

 private:
  void set_abandoned(bool yes) {
    if (abandoned_) {
      *abandoned_ = yes;
    }
  }
  OAuth2::Token take_turn(const Url& url);
  OAuth2::Token token();
  OAuth2::Token token_instead_of(const OAuth2::Token& refused);
  OAuth2::Answer ask_for_token(const Request& request);
  OAuth2::Answer ask_once_for_token(const Request& request);
  void attempt(const Request& request, const Accept& accept,
               const MayPass& may_pass);
  void require_admitted(const Request& request);
  Request follow(Request request, Waiter::Clock::time_point begin);
  std::optional<Request> redirected(Redirects& redirects,
                                    const Request& request) const;
  void send(const Request& request);
  void check(const Request& request, const MayPass& may_pass) const;
  std::string advice(ExitCode code) const;
  HttpError redacted(const HttpError& failure, const Request& request) const;

  std::shared_ptr<Session> session_;
  std::unique_ptr<Transport> transport_;
  RetryPolicy policy_;
  Turns turns_;
  std::shared_ptr<std::atomic<bool>> abandoned_;
  std::mt19937 random_{std::random_device{}()};
  Response response_;
  std::optional<Url> answered_by_;
  std::int64_t requests_ = 0;
  std::int64_t retries_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace strandline::http
