// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "http/error.hpp"
#include "http/redactor.hpp"
#include "http/token_file.hpp"
#include "http/transport.hpp"
#include "http/url.hpp"

namespace strandline::http {

/// What authorises requests for a while, and what came with it.
struct AccessToken {
  std::string text;
  /// The answer's other texts and numbers, but no secrets, by name.
  std::map<std::string, std::string> members;
  /// When to ask for another; nothing: when the API refuses it.
  std::optional<std::chrono::steady_clock::time_point> renew_at;
};

/// Gets access tokens for one source, and others before they expire (RFC 6749,
/// sections 4.4 and 6). Thread-safe: one thread asks, the others wait for its
/// token, or for its failure. All secrets that come are known to the redactor
/// before they are used.
class OAuth2 {
 public:
  using Clock = std::chrono::steady_clock;
  using Token = std::shared_ptr<const AccessToken>;

  struct Settings {
    std::string token_url;
    std::string client_id;
    std::string client_secret = {};  ///< empty: none
    std::string refresh_token = {};  ///< empty: by the client's credentials
    std::string scope = {};          ///< empty: none
    /// Where a refresh token is kept that comes in the place of the other;
    /// empty: nowhere, as it is good for this run only.
    std::filesystem::path token_file = {};
    std::string source = {};  ///< its name, for stand-ins
  };

  /// An answer, whatever its status.
  struct Answer {
    Response response;
    Clock::time_point sent;  ///< when it was asked for
  };

  /// Sends a request as it is, again where what went wrong may pass, and
  /// follows no redirect. Throws what makes an answer impossible.
  using Send = std::function<Answer(const Request&)>;

  /// `redactor` must outlive it. Throws HttpError (ExitCode::configuration) if
  /// `token_url` is not a URL.
  OAuth2(Settings settings, Redactor& redactor);

  /// Returns a token that is good at `now`, by `send` where a new one is
  /// needed.
  ///
  /// Throws HttpError with status 0, as it is not the answer to what the caller
  /// asks: ExitCode::credentials where the token is refused (and from then on
  /// without asking again), ExitCode::protocol where the answer is no token.
  /// Throws Error (ExitCode::io) where a refresh token cannot be kept or read:
  /// no access token is given out before. Throws what `send` throws.
  Token token(Clock::time_point now, const Send& send);

  /// Returns a token that is not `refused`: the API did not take it.
  Token token_instead_of(const Token& refused, const Send& send);

 private:
  void hide(const std::string& secret, std::string_view role);
  void renew(std::uint64_t failures_before, const Send& send);
  void load_refresh_token();
  Request request() const;
  void read(const Answer& answer);
  void keep_refresh_token();
  bool by_refresh_token() const { return !settings_.refresh_token.empty(); }
  std::string advice(const std::string& error) const;
  HttpError error(ExitCode code, const std::string& why) const;

  Settings settings_;  ///< with the refresh token that is to be used next
  Url url_;
  Redactor& redactor_;
  std::unique_ptr<TokenFile> file_;

  std::mutex mutex_;  ///< held while a token is asked for
  Token token_;
  bool loaded_ = false;  ///< the file was looked at
  bool unkept_ = false;  ///< the refresh token is not in the file yet
  std::optional<HttpError> refused_;
  std::optional<HttpError> failure_;        ///< the last
  std::atomic<std::uint64_t> failures_{0};  ///< as many so far
};

}  // namespace strandline::http
