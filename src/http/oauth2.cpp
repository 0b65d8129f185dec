// SPDX-License-Identifier: MIT
#include "http/oauth2.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "http/stand_in.hpp"
#include "model/text.hpp"

namespace strandline::http {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

// Longer is as good as for ever, and does not overflow.
constexpr double longest_life = 10.0 * 365 * 86400;  // seconds

std::string form(
    const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!value.empty()) {
      text += (text.empty() ? "" : "&") + name + "=" + percent_encode(value);
    }
  }
  return text;
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

// As RFC 6749, appendix A has it: it is put into a header.
bool is_token(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// Seconds; nothing where it is not told, or tells nothing.
std::optional<double> lifetime(const Json& answer) {
  const auto found = answer.find("expires_in");
  double seconds = 0;
  if (found == answer.end()) {
    return {};
  }
  if (found->is_number()) {
    seconds = found->get<double>();
  } else if (found->is_string()) {
    const auto& text = found->get_ref<const std::string&>();
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc() || stop != end) {
      return {};
    }
  }
  if (!(seconds > 0)) {
    return {};
  }
  return std::min(seconds, longest_life);
}

// A minute before its end, and of a short life a tenth.
OAuth2::Clock::duration usable(double life) {
  const std::chrono::duration<double> seconds(life - std::min(60.0, life / 10));
  return std::chrono::duration_cast<OAuth2::Clock::duration>(seconds);
}

std::map<std::string, std::string> members_of(const Json& answer) {
  std::map<std::string, std::string> members;
  for (const auto& [name, value] : answer.items()) {
    if (name == "access_token" || name == "refresh_token" ||
        name == "id_token") {
      continue;
    }
    if (value.is_string()) {
      members.emplace(name, value.get<std::string>());
    } else if (value.is_number()) {
      members.emplace(name, value.dump());
    }
  }
  return members;
}

bool is_success(int status) {
  return status >= 200 && status <= 299;
}

bool is_refusal(int status) {
  return is_success(status) || status == 400 || status == 401 || status == 403;
}

}  // namespace

OAuth2::OAuth2(Settings settings, Redactor& redactor)
    : settings_(std::move(settings)),
      url_(settings_.token_url, ExitCode::configuration),
      redactor_(redactor) {
  hide(settings_.client_secret, "client_secret");
  hide(settings_.refresh_token, "refresh_token");
  if (by_refresh_token() && !settings_.token_file.empty()) {
    file_ = std::make_unique<TokenFile>(settings_.token_file,
                                        settings_.refresh_token);
  }
}

void OAuth2::hide(const std::string& secret, std::string_view role) {
  redactor_.add(secret, stand_in(settings_.source, role));
}

OAuth2::Token OAuth2::token(Clock::time_point now, const Send& send) {
  const auto failures = failures_.load();
  const std::lock_guard lock(mutex_);
  if (!token_ || (token_->renew_at && *token_->renew_at <= now)) {
    renew(failures, send);
  }
  return token_;
}

OAuth2::Token OAuth2::token_instead_of(const Token& refused, const Send& send) {
  const auto failures = failures_.load();
  const std::lock_guard lock(mutex_);
  // Another thread may have met the same.
  if (token_ == refused) {
    renew(failures, send);
  }
  return token_;
}

void OAuth2::renew(std::uint64_t failures_before, const Send& send) {
  if (refused_) {
    throw HttpError(*refused_);
  }
  // What has failed while we waited was asked often enough.
  if (failures_ != failures_before) {
    throw HttpError(failure_.value());
  }
  load_refresh_token();
  if (unkept_) {
    keep_refresh_token();
  }
  if (file_) {
    file_->prepare();
  }
  try {
    read(send(request()));
  } catch (const HttpError& failure) {
    if (failure.code() == ExitCode::credentials) {
      refused_ = failure;
    }
    failure_ = failure;
    ++failures_;
    throw;
  }
}

void OAuth2::load_refresh_token() {
  if (!file_ || loaded_) {
    return;
  }
  if (auto kept = file_->kept()) {
    hide(*kept, "refresh_token");
    settings_.refresh_token = *std::move(kept);
  }
  loaded_ = true;
}

Request OAuth2::request() const {
  Request request{url_};
  request.method = Method::post;
  request.headers = {{"Accept", "application/json"},
                     {"Content-Type", "application/x-www-form-urlencoded"}};
  request.body =
      form({{"grant_type",
             by_refresh_token() ? "refresh_token" : "client_credentials"},
            {"refresh_token", settings_.refresh_token},
            {"client_id", settings_.client_id},
            {"client_secret", settings_.client_secret},
            {"scope", settings_.scope}});
  // The token that it was asked with may be worth nothing any more.
  request.keep_answer = by_refresh_token();
  return request;
}

void OAuth2::read(const Answer& answer) {
  const int status = answer.response.status;
  // What it says is not shown but for the error: it may be a secret that is not
  // known yet.
  const auto content = Json::parse(answer.response.body, nullptr, false);
  const bool is_object = content.is_object();
  auto access = is_object ? text_of(content, "access_token") : std::string();
  if (is_object && content.contains("error") && access.empty() &&
      is_refusal(status)) {
    const auto word = text_of(content, "error");
    auto refusal =
        error(ExitCode::credentials,
              "no access token is given: " +
                  model::printable(
                      redactor_.redact(word.empty() ? "error" : word), 80));
    if (const auto why = text_of(content, "error_description"); !why.empty()) {
      refusal.add_note("answer", model::printable(redactor_.redact(why), 300));
    }
    refusal.add_note("try", advice(word));
    throw refusal;
  }
  if (!is_success(status)) {
    const bool redirect = status >= 300 && status <= 399;
    auto failure = error(redirect ? ExitCode::protocol : classify(status),
                         fmt::format("the answer is {}", status));
    failure.add_note("try", redirect ? "set token_url to where it leads: "
                                       "credentials follow no redirect"
                                     : "check token_url");
    throw failure;
  }
  auto refresh = is_object && by_refresh_token()
                     ? text_of(content, "refresh_token")
                     : std::string();
  if (access.empty() || !is_token(access) || !is_token(refresh)) {
    auto failure = error(ExitCode::protocol, "the answer is no access token");
    failure.add_note("try", "check token_url");
    throw failure;
  }
  hide(access, "access_token");
  hide(refresh, "refresh_token");
  if (!refresh.empty() && refresh != settings_.refresh_token) {
    settings_.refresh_token = std::move(refresh);
    unkept_ = file_ != nullptr;
  }
  if (unkept_) {
    keep_refresh_token();
  }
  AccessToken token{std::move(access), members_of(content), {}};
  if (const auto life = lifetime(content)) {
    token.renew_at = answer.sent + usable(*life);
  }
  token_ = std::make_shared<const AccessToken>(std::move(token));
}

// The one before may be worth nothing any more: whoever fails here must not go
// on, or all that is left of the login ends with the process.
void OAuth2::keep_refresh_token() {
  try {
    file_->keep(settings_.refresh_token);
  } catch (const Error& failure) {
    throw Error(
        failure.code(),
        std::string("the API has given a new refresh token, and it cannot be "
                    "kept: ") +
            failure.what(),
        {{"try",
          "make room, or make the database's folder writable; where the next "
          "run is refused, log in again and configure the new refresh "
          "token"}});
  }
  unkept_ = false;
}

std::string OAuth2::advice(const std::string& error) const {
  if (error == "invalid_client" || error == "unauthorized_client" ||
      (error == "invalid_grant" && !by_refresh_token())) {
    return "check client_id and client_secret";
  }
  if (error == "invalid_scope") {
    return "check scope";
  }
  if (error == "invalid_request" || error == "unsupported_grant_type" ||
      !by_refresh_token()) {
    return "check token_url, client_id, client_secret and scope";
  }
  return fmt::format(
      "log in again and configure the new refresh token: this one was revoked "
      "or has expired. What is kept in {} is not used any more then",
      file_->path().string());
}

HttpError OAuth2::error(ExitCode code, const std::string& why) const {
  const Request asked{url_, {}, Method::post, {}};
  return {code, name_of(asked) + ": " + why};
}

}  // namespace strandline::http
