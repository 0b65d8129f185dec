// SPDX-License-Identifier: MIT
#include "sync/network.hpp"

#include <utility>

#include "config/secret.hpp"

namespace strandline::sync {
namespace {

http::Credentials credentials_of(const model::SourceDefinition& source) {
  http::Credentials credentials;
  credentials.auth = source.auth;
  credentials.header = source.header;
  credentials.prefix = source.prefix;
  credentials.param = source.param;
  if (source.token) {
    credentials.secret = config::resolve(*source.token);
  }
  if (const auto* user = std::get_if<model::SecretReference>(&source.user)) {
    credentials.user = config::resolve(*user);
  } else {
    credentials.user = std::get<std::string>(source.user);
  }
  return credentials;
}

}  // namespace

Network::Network(const http::SteadyWaiter::Options& waiting,
                 const http::RetryPolicy& retry)
    : waiting_(waiting),
      waiter_(std::make_shared<http::SteadyWaiter>(waiting)),
      retry_(retry) {}

std::unique_ptr<http::Client> Network::client(
    const model::SourceDefinition& source) {
  http::CurlTransport::Options options;
  options.timeout = source.timeout;
  options.max_body = source.max_body;
  options.allow_http = source.allow_http;
  options.proxy = source.proxy;
  options.ca = source.ca;
  options.stop = waiting_.stop;
  options.deadline = waiting_.deadline;
  return std::make_unique<http::Client>(
      session(source), std::make_unique<http::CurlTransport>(options), waiter_,
      retry_);
}

std::shared_ptr<http::Session> Network::session(
    const model::SourceDefinition& source) {
  const std::lock_guard lock(mutex_);
  auto& session = sessions_[source.name];
  if (!session) {
    session = std::make_shared<http::Session>(source, credentials_of(source));
  }
  return session;
}

}  // namespace strandline::sync
