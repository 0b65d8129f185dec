// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "http/client.hpp"
#include "http/curl_transport.hpp"
#include "http/session.hpp"
#include "http/waiter.hpp"
#include "model/definition.hpp"
#include "recording/recorder.hpp"

namespace strandline::sync {

/// Makes clients that go to the network, with the secrets of their sources.
/// All clients of one source share its session. Thread-safe: whoever waits for
/// a secret keeps only those of the same source waiting.
class Network {
 public:
  /// Refresh tokens that change are kept beside `database`, whose lock is held
  /// while there are clients.
  /// What goes over the wire is kept by `recorder`, which must outlive it; it
  /// may be null.
  Network(const http::SteadyWaiter::Options& waiting,
          const http::RetryPolicy& retry, std::filesystem::path database,
          recording::Recorder* recorder = nullptr);

  /// Throws Error for a secret that is missing, TimeUp where a secret is still
  /// waited for at the deadline.
  std::unique_ptr<http::Client> client(const model::SourceDefinition& source);

  /// Knows every secret that was used or received by now.
  const http::Redactor& redactor() const noexcept { return *redactor_; }

 private:
  // One source's, and who may make it.
  struct Slot {
    std::mutex mutex;
    std::shared_ptr<http::Session> session;
  };

  std::shared_ptr<http::Session> session(const model::SourceDefinition& source);
  Slot& slot(const std::string& source);
  std::string resolve(const model::SecretReference& secret) const;

  http::SteadyWaiter::Options waiting_;
  http::RetryPolicy retry_;
  std::filesystem::path database_;
  recording::Recorder* recorder_;
  std::shared_ptr<http::Redactor> redactor_;
  std::mutex mutex_;
  std::map<std::string, Slot> slots_;  ///< stay in place
};

}  // namespace strandline::sync
