// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/client.hpp"
#include "model/definition.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {

/// The clients of a run: a stream borrows one of its source, and the next
/// stream of that source goes on with it and its connection. Thread-safe.
class Clients {
 public:
  /// A client for one thread, given back at the scope's end.
  class Borrowed {
   public:
    Borrowed(Clients& owner, std::string source,
             std::unique_ptr<http::Client> client);
    ~Borrowed();
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;

    http::Client& operator*() const { return *client_; }

   private:
    Clients& owner_;
    std::string source_;
    std::unique_ptr<http::Client> client_;
  };

  /// `environment` must outlive it.
  explicit Clients(const Environment& environment)
      : environment_(environment) {}

  /// Returns a client that nobody else has. A new one is made where all are
  /// lent, and throws what Environment::client does.
  Borrowed borrow(const model::SourceDefinition& source);

 private:
  std::unique_ptr<http::Client> take_idle(const std::string& source);

  const Environment& environment_;
  std::mutex mutex_;
  std::map<std::string, std::vector<std::unique_ptr<http::Client>>> idle_;
};

}  // namespace strandline::sync
