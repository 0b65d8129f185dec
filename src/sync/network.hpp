// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "http/client.hpp"
#include "http/curl_transport.hpp"
#include "http/session.hpp"
#include "http/waiter.hpp"
#include "model/definition.hpp"

namespace strandline::sync {

/// Makes clients that go to the network, with the secrets of their sources.
/// All clients of one source share its session. Thread-safe.
class Network {
 public:
  explicit Network(const http::SteadyWaiter::Options& waiting,
                   const http::RetryPolicy& retry = {});

  /// Throws Error for a secret that is missing.
  std::unique_ptr<http::Client> client(const model::SourceDefinition& source);

 private:
  std::shared_ptr<http::Session> session(const model::SourceDefinition& source);

  http::SteadyWaiter::Options waiting_;
  std::shared_ptr<http::Waiter> waiter_;
  http::RetryPolicy retry_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<http::Session>> sessions_;
};

}  // namespace strandline::sync
