// SPDX-License-Identifier: MIT
#include "sync/network.hpp"

#include <utility>

#include "config/secret.hpp"
#include "http/error.hpp"
#include "http/token_file.hpp"
#include "sync/credentials.hpp"

namespace strandline::sync {

Network::Network(const http::SteadyWaiter::Options& waiting,
                 const http::RetryPolicy& retry, std::filesystem::path database,
                 recording::Recorder* recorder)
    : waiting_(waiting),
      retry_(retry),
      database_(std::move(database)),
      recorder_(recorder),
      redactor_(std::make_shared<http::Redactor>()) {}

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
  std::unique_ptr<http::Transport> transport =
      std::make_unique<http::CurlTransport>(options);
  if (recorder_ != nullptr) {
    transport = recorder_->listen(std::move(transport));
  }
  return std::make_unique<http::Client>(
      session(source), std::move(transport),
      std::make_shared<http::SteadyWaiter>(waiting), retry_, abandoned);
}

std::shared_ptr<http::Session> Network::session(
    const model::SourceDefinition& source) {
  auto& slot = this->slot(source.name);
  const std::lock_guard lock(slot.mutex);
  if (!slot.session) {
    auto credentials = credentials_of(
        source,
        [&](const auto& secret, std::string_view) { return resolve(secret); });
    if (credentials.oauth2) {
      credentials.oauth2->token_file = http::token_file(database_, source.name);
    }
    slot.session = std::make_shared<http::Session>(
        source, std::move(credentials), redactor_);
  }
  return slot.session;
}

Network::Slot& Network::slot(const std::string& source) {
  const std::lock_guard lock(mutex_);
  return slots_[source];
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

}  // namespace strandline::sync
