// SPDX-License-Identifier: MIT
#include "sync/clients.hpp"

#include <utility>

namespace strandline::sync {

Clients::Borrowed::Borrowed(Clients& owner, std::string source,
                            std::unique_ptr<http::Client> client)
    : owner_(owner), source_(std::move(source)), client_(std::move(client)) {}

Clients::Borrowed::~Borrowed() {
  const std::lock_guard lock(owner_.mutex_);
  owner_.idle_[source_].push_back(std::move(client_));
}

Clients::Borrowed Clients::borrow(const model::SourceDefinition& source) {
  auto client = take_idle(source.name);
  if (!client) {
    // Not under the lock: a secret may take its time.
    client = environment_.client(source);
  }
  return {*this, source.name, std::move(client)};
}

std::unique_ptr<http::Client> Clients::take_idle(const std::string& source) {
  const std::lock_guard lock(mutex_);
  auto& idle = idle_[source];
  if (idle.empty()) {
    return {};
  }
  auto client = std::move(idle.back());
  idle.pop_back();
  return client;
}

}  // namespace strandline::sync
