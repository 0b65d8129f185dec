// SPDX-License-Identifier: MIT
#pragma once

#include <httplib.h>

#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "loopback_server.hpp"

namespace strandline::test {

/// A text that is nowhere else, of characters that forms, JSON and URLs write
/// otherwise.
inline std::string random_secret() {
  static std::mt19937_64 random{std::random_device{}()};
  return "s+/" + std::to_string(random()) + "&=%\"~";
}

/// Gives out access tokens at /token on loopback, by client credentials and by
/// a refresh token, of which only the newest counts. All members may be called
/// while it serves.
class TokenServer {
 public:
  using Form = std::map<std::string, std::string>;
  using Hook = std::function<bool(const httplib::Request&, httplib::Response&)>;

  TokenServer() {
    server_.routes().Post("/token",
                          [this](const auto& request, auto& response) {
                            answer(request, response);
                          });
    server_.start();
  }

  std::string url() const { return server_.url("/token"); }

  /// The refresh token that counts.
  std::string refresh_token() const {
    const std::lock_guard lock(mutex_);
    return refresh_;
  }
  void set_refresh_token(const std::string& token) {
    const std::lock_guard lock(mutex_);
    refresh_ = token;
  }

  /// Whether each refresh brings a new refresh token; not from the begin.
  void rotate(bool yes) {
    const std::lock_guard lock(mutex_);
    rotate_ = yes;
  }

  /// What stands in every answer besides the token.
  void set_members(nlohmann::json members) {
    const std::lock_guard lock(mutex_);
    members_ = std::move(members);
  }

  /// Called with every request, before it is answered; true if it has answered.
  void set_hook(Hook hook) {
    const std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }

  /// The access token that counts; empty: none.
  std::string access_token() const {
    const std::lock_guard lock(mutex_);
    return access_;
  }

  /// No access token counts any more.
  void expire() {
    const std::lock_guard lock(mutex_);
    access_.clear();
  }

  /// What was asked, in order.
  std::vector<Form> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  /// Every secret that was given out.
  std::vector<std::string> given() const {
    const std::lock_guard lock(mutex_);
    return given_;
  }

 private:
  void answer(const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    Form form;
    for (const auto& [name, value] : request.params) {
      form[name] = value;
    }
    asked_.push_back(form);
    if (hook_ && hook_(request, response)) {
      return;
    }
    if (form["grant_type"] == "refresh_token" &&
        form["refresh_token"] != refresh_) {
      response.status = 400;
      response.set_content(
          R"({"error": "invalid_grant", "error_description": "it is old"})",
          "application/json");
      return;
    }
    access_ = "access-" + random_secret();
    given_.push_back(access_);
    auto body = members_;
    body["access_token"] = access_;
    if (rotate_) {
      refresh_ = "refresh-" + random_secret();
      given_.push_back(refresh_);
      body["refresh_token"] = refresh_;
    }
    response.set_content(body.dump(), "application/json");
  }

  mutable std::recursive_mutex mutex_;  // a hook may ask
  std::string refresh_;
  std::string access_;
  bool rotate_ = false;
  nlohmann::json members_ = nlohmann::json::object();
  Hook hook_;
  std::vector<Form> asked_;
  std::vector<std::string> given_;
  LoopbackServer server_;  // last: it serves until it is gone
};

}  // namespace strandline::test
