// SPDX-License-Identifier: MIT
#include "sync/network.hpp"

#include <utility>

#include "config/secret.hpp"
#include "http/token_file.hpp"
#include "sync/credentials.hpp"

namespace strandline::sync {

Network::Network(const http::SteadyWaiter::Options& waiting,
                 const http::RetryPolicy& retry, std::filesystem::path database,
                 recording::Recorder* recorder)
    : waiting_(waiting),
      waiter_(std::make_shared<http::SteadyWaiter>(waiting)),
      retry_(retry),
      database_(std::move(database)),
      recorder_(recorder),
      redactor_(std::make_shared<http::Redactor>()) {}

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
  std::unique_ptr<http::Transport> transport =
      std::make_unique<http::CurlTransport>(options);
  if (recorder_ != nullptr) {
    transport = recorder_->listen(std::move(transport));
  }
  return std::make_unique<http::Client>(session(source), std::move(transport),
                                        waiter_, retry_);
}

std::shared_ptr<http::Session> Network::session(
    const model::SourceDefinition& source) {
  const std::lock_guard lock(mutex_);
  auto& session = sessions_[source.name];
  if (!session) {
    config::Patience patience;
    patience.stop = waiting_.stop;
    patience.deadline = waiting_.deadline;
    auto credentials =
        credentials_of(source, [&](const auto& secret, std::string_view) {
          return config::resolve(secret, patience);
        });
    if (credentials.oauth2) {
      credentials.oauth2->token_file = http::token_file(database_, source.name);
    }
    session = std::make_shared<http::Session>(source, std::move(credentials),
                                              redactor_);
  }
  return session;
}

}  // namespace strandline::sync
