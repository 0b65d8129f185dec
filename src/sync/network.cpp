// SPDX-License-Identifier: MIT
#include "sync/network.hpp"

#include <utility>

#include "http/error.hpp"

namespace strandline::sync {

Network::Network(const http::SteadyWaiter::Options& waiting,
                 const http::RetryPolicy& retry, std::filesystem::path database)
    : waiting_(waiting), retry_(retry), database_(std::move(database)) {}

std::unique_ptr<http::Client> Network::client(
    const model::SourceDefinition& source) {
  const auto abandoned = std::make_shared<std::atomic<bool>>(false);
  auto waiting = waiting_;
  waiting.abandoned = abandoned;
  http::CurlTransport::Options options;
  options.timeout = source.timeout;
  options.max_body = source.max_body;
  options.allow_http = source.allow_http;
  options.proxy = source.proxy;
  options.ca = source.ca;
  options.stop = waiting_.stop;
  options.abandoned = abandoned;
  options.deadline = waiting_.deadline;
  return std::make_unique<http::Client>(
      session(source), std::make_unique<http::CurlTransport>(options),
      std::make_shared<http::SteadyWaiter>(waiting), retry_, abandoned);
}

std::shared_ptr<http::Session> Network::session(
    const model::SourceDefinition& source) {
  auto& slot = this->slot(source.name);
  const std::lock_guard lock(slot.mutex);
  if (!slot.session) {
    slot.session =
        std::make_shared<http::Session>(source, credentials_of(source));
  }
  return slot.session;
}

Network::Slot& Network::slot(const std::string& source) {
  const std::lock_guard lock(mutex_);
  return slots_[source];
}

http::Credentials Network::credentials_of(
    const model::SourceDefinition& source) const {
  http::Credentials credentials;
  credentials.auth = source.auth;
  credentials.header = source.header;
  credentials.prefix = source.prefix;
  credentials.param = source.param;
  if (source.token) {
    credentials.secret = resolve(*source.token);
  }
  credentials.user = resolve(source.user);
  if (source.auth == model::Auth::oauth2) {
    credentials.oauth2 = oauth2_of(source);
  }
  return credentials;
}

http::OAuth2::Settings Network::oauth2_of(
    const model::SourceDefinition& source) const {
  http::OAuth2::Settings settings;
  settings.token_url = source.token_url;
  settings.client_id = resolve(source.client_id);
  if (source.client_secret) {
    settings.client_secret = resolve(*source.client_secret);
  }
  if (source.refresh_token) {
    settings.refresh_token = resolve(*source.refresh_token);
  }
  settings.scope = source.scope;
  settings.token_file = http::token_file(database_, source.name);
  return settings;
}

std::string Network::resolve(const model::SecretReference& secret) const {
  config::Patience patience;
  patience.stop = waiting_.stop;
  patience.deadline = waiting_.deadline;
  try {
    return config::resolve(secret, patience);
  } catch (const Error& failure) {
    // Nothing else of a secret is temporary.
    if (failure.code() == ExitCode::temporary) {
      throw http::TimeUp(std::vector<Note>{{"failure", failure.what()}});
    }
    throw;
  }
}

std::string Network::resolve(
    const std::variant<std::string, model::SecretReference>& text) const {
  const auto* const secret = std::get_if<model::SecretReference>(&text);
  return secret != nullptr ? resolve(*secret) : std::get<std::string>(text);
}

}  // namespace strandline::sync
