// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

#include "config/secret.hpp"
#include "http/client.hpp"
#include "http/curl_transport.hpp"
#include "http/session.hpp"
#include "http/waiter.hpp"
#include "model/definition.hpp"

namespace strandline::sync {

/// Makes clients that go to the network, with the secrets of their sources.
/// All clients of one source share its session. Thread-safe: whoever waits for
/// a secret keeps only those of the same source waiting.
class Network {
 public:
  /// Refresh tokens that change are kept beside `database`, whose lock is held
  /// while there are clients.
  Network(const http::SteadyWaiter::Options& waiting,
          const http::RetryPolicy& retry, std::filesystem::path database);

  /// Throws Error for a secret that is missing, TimeUp where a secret is still
  /// waited for at the deadline.
  std::unique_ptr<http::Client> client(const model::SourceDefinition& source);

 private:
  // One source's, and who may make it.
  struct Slot {
    std::mutex mutex;
    std::shared_ptr<http::Session> session;
  };

  std::shared_ptr<http::Session> session(const model::SourceDefinition& source);
  Slot& slot(const std::string& source);
  http::Credentials credentials_of(const model::SourceDefinition& source) const;
  http::OAuth2::Settings oauth2_of(const model::SourceDefinition& source) const;
  std::string resolve(const model::SecretReference& secret) const;
  std::string resolve(
      const std::variant<std::string, model::SecretReference>& text) const;

  http::SteadyWaiter::Options waiting_;
  http::RetryPolicy retry_;
  std::filesystem::path database_;
  std::mutex mutex_;
  std::map<std::string, Slot> slots_;  ///< stay in place
};

}  // namespace strandline::sync
